// Runs the commands of `step` against the world. The only mutable state of one poll.
import type { Policy } from './policies';
import { step } from './poll';
import { type Command, initialState, type LoopEvent, type PollEvent, type PollState } from './poll-state';
import type { Clock, OpenRequest, Outcome, Publication, Sink, Transport, Undo } from './ports';

export interface LoopOptions<T> {
  /** Read at each step, so that a changed object takes effect from the next wait on. */
  readonly policy: Policy;
  readonly clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  readonly transport: Transport<T>;
  readonly sink: Sink<T>;
}

export interface Loop {
  /** A snapshot; it never changes, the loop moves to another. */
  readonly state: PollState;
  dispatch(event: LoopEvent): void;
}

const broken = (error: unknown): Outcome => ({
  result: 'failed',
  retryAfter: null,
  held: false,
  status: 0,
  message: String(error),
});

export function createLoop<T>(options: LoopOptions<T>): Loop {
  const { clock, transport, sink } = options;
  let state = initialState(clock.now());
  let timer: Undo | undefined;
  let request: Undo | undefined;
  // Counts requests and their aborts: what an aborted request still says is nobody's.
  let flight = 0;
  // Whatever a port calls back while commands run waits for its turn, so that each step sees a settled world.
  const queue: PollEvent<T>[] = [];
  let isRunning = false;

  function dispatch(event: PollEvent<T>): void {
    queue.push(event);
    if (isRunning) return;
    isRunning = true;
    const before = state;
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [after, commands] = step(state, next, {
        now: clock.now(),
        random: options.random(),
        policy: options.policy,
      });
      state = after;
      commands.forEach(run);
    }
    isRunning = false;
    if (state !== before) publish({ type: 'state' });
  }

  function run(command: Command<T>): void {
    switch (command.type) {
      case 'open':
        open(command.request);
        break;
      case 'close':
        flight++;
        request?.();
        request = undefined;
        break;
      case 'arm':
        arm(command.ms);
        break;
      case 'clear':
        timer?.();
        timer = undefined;
        break;
      case 'publish':
        publish(command.publication);
    }
  }

  function arm(ms: number): void {
    timer?.();
    timer = undefined;
    if (ms > 0)
      timer = clock.after(ms, () => {
        timer = undefined;
        dispatch({ type: 'due' });
      });
    else dispatch({ type: 'due' });
  }

  function open(opened: OpenRequest): void {
    const { epoch } = opened;
    const mine = ++flight;
    try {
      const undo = transport.open(opened, {
        received: (answer) => {
          if (mine === flight) dispatch({ type: 'received', epoch, answer });
        },
        closed: (outcome) => {
          if (mine !== flight) return;
          flight++;
          request = undefined;
          dispatch({ type: 'closed', epoch, outcome });
        },
      });
      if (mine === flight) request = undo;
    } catch (error) {
      flight++;
      dispatch({ type: 'closed', epoch, outcome: broken(error) });
    }
  }

  function publish(publication: Publication<T>): void {
    try {
      sink.publish(publication);
    } catch (error) {
      // A sink that throws must not stop the poll: the host reports it as an unhandled rejection.
      void Promise.reject(error);
    }
  }

  return {
    get state() {
      return state;
    },
    dispatch,
  };
}
