// Runs the commands of `step` against the world. The only mutable state of one poll.
import type { Policy } from './policies';
import { step } from './poll';
import { type Command, initialState, type LoopEvent, type PollEvent, type PollState } from './poll-state';
import type { Clock, OpenRequest, Outcome, Publication, Sink, Transport, Undo } from './ports';

export interface LoopOptions<T> {
  /** Read at each step, so that a change takes effect from the next wait on. */
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

export function createLoop<T>(options: LoopOptions<T>): Loop {
  const { clock, transport, sink } = options;
  const env = () => ({ now: clock.now(), random: options.random(), policy: options.policy });
  let state = initialState(env());
  // Of the timer or the request: there is never more than one of both. What an ended one still says is nobody's.
  let undo: Undo | undefined;
  let turn = 0;
  // Whatever a port calls back while commands run waits for its turn, so that each step sees a settled world.
  const queue: PollEvent[] = [];

  function dispatch(event: PollEvent): void {
    if (queue.push(event) > 1) return;
    for (let next: PollEvent | undefined = event; next; next = queue[0]) {
      const [after, commands] = step(state, next, env());
      state = after;
      commands.forEach(run);
      queue.shift();
    }
    publish({ type: 'state' });
  }

  function publish(publication: Publication): void {
    try {
      // Its data is what this loop's own transport brought.
      sink.publish(publication as Publication<T>);
    } catch (error) {
      // A sink that throws must not stop the poll: the host reports it as an unhandled rejection.
      void Promise.reject(error);
    }
  }

  function run(command: Command): void {
    if (command.type === 'publish') publish(command.publication);
    else {
      const mine = ++turn;
      undo?.();
      undo = undefined;
      if (command.type === 'arm') arm(command.ms, mine);
      if (command.type === 'open') open(command.request, mine);
    }
  }

  function over(mine: number, event: PollEvent): void {
    if (mine !== turn) return;
    turn++;
    undo = undefined;
    dispatch(event);
  }

  function arm(ms: number, mine: number): void {
    if (ms) undo = clock.after(ms, () => over(mine, { type: 'due' }));
    else over(mine, { type: 'due' });
  }

  function open(request: OpenRequest, mine: number): void {
    const { epoch } = request;
    const closed = (outcome: Outcome) => over(mine, { type: 'closed', epoch, outcome });
    try {
      const abort = transport.open(request, {
        received(answer) {
          if (mine === turn) dispatch({ type: 'received', epoch, answer });
        },
        closed,
      });
      if (mine === turn) undo = abort;
    } catch (error) {
      closed({ result: 'failed', message: `${error}` });
    }
  }

  return {
    get state() {
      return state;
    },
    dispatch,
  };
}
