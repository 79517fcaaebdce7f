// Many subscribers, one poll per key: they share its loop, its answers and the shortest of their intervals.
import type { Loop } from './loop';
import { type Policy, policy } from './policies';
import type { Undo } from './ports';

/** An answer younger than this serves whoever comes next. */
const REUSE_MS = 500;

/** Asks once. What it returns or resolves to is the answer; a throw or a rejection is a failure. */
export type PollFunction<C, T = unknown> = (context: C) => T | Promise<T>;

/** Tells a poll that its answer is not wanted any more. */
interface Context {
  readonly signal: { readonly aborted: boolean };
}

export interface PollingManager<C> {
  /**
   * Polls at once, then `interval` milliseconds (the page's, where that is no positive number) after each answer, and
   * calls `receive` with each. Of several with one key the function of the first is called, as often as the most
   * frequent one wants; each of them receives every answer, a newcomer also one that is younger than 500 ms, else it
   * has the key polled now. The undo ends this subscription alone; with the last one the poll ends.
   */
  register<T>(key: string, poll: PollFunction<C, T>, interval: number, receive?: (answer: T) => void): Undo;
  /** Ends the oldest subscription of `key`; does nothing when there is none. */
  unregister(key: string): void;
  /** Nothing is asked until `resume()`, however often it is called; a request in flight is still answered. */
  pause(): void;
  /** Goes on at once, unless the page itself is paused. */
  resume(): void;
}

/** What a manager needs of its page. */
export interface ManagerPorts<C> {
  now(): number;
  /** What `given` milliseconds come to here. */
  intervalOf(given: number): number;
  /** A loop, not started, that calls `ask` for each request; `settings` may change. `leave` stops it. */
  begin(key: string, ask: PollFunction<C>, settings: Policy): { readonly loop: Loop; readonly leave: Undo };
  /** Whether loops may be started at all. */
  isEnabled(): boolean;
}

interface Subscriber<C> {
  readonly _poll: PollFunction<C>;
  readonly _interval: number;
  readonly _receive: ((answer: unknown) => void) | undefined;
}

/** What the subscribers of one key share. */
interface Shared<C> {
  readonly _loop: Loop;
  /** Adds one. */
  _add(subscriber: Subscriber<C>): void;
  /** Takes one away, unless it has gone; the oldest by default. */
  _drop(subscriber?: Subscriber<C>): void;
}

export function createManager<C extends Context>(ports: ManagerPorts<C>): PollingManager<C> {
  const all = new Map<string, Shared<C>>();
  let isPaused = false;

  function share(key: string): Shared<C> {
    const subscribers = new Set<Subscriber<C>>();
    const settings = { ...policy('job', { wait: 0 }) };
    let answer: unknown;
    let answeredAt = -Infinity;
    const isFresh = () => ports.now() - answeredAt < REUSE_MS;
    // One that throws is reported by the host as an unhandled rejection, and keeps nothing from the others.
    const tell = (subscriber: Subscriber<C>) =>
      void Promise.resolve(answer).then(
        (value) => subscribers.has(subscriber) && subscriber._receive?.(value),
      );
    const ask = async (context: C) => {
      if (isFresh()) return;
      const found = await [...subscribers][0]!._poll(context);
      if (context.signal.aborted) return;
      answer = found;
      answeredAt = ports.now();
      subscribers.forEach(tell);
    };
    const { loop, leave } = ports.begin(key, ask, settings);
    const pickInterval = () => {
      settings.interval = Math.min(...[...subscribers].map(({ _interval }) => _interval));
    };
    return {
      _loop: loop,
      _add(subscriber) {
        subscribers.add(subscriber);
        pickInterval();
        if (isFresh()) tell(subscriber);
        // What is under way answers the newcomer too; after a failure it waits like the others.
        const { word, failures } = loop.state;
        if (word === 'waiting' && !failures) loop.dispatch({ type: 'refresh' });
      },
      _drop(subscriber = [...subscribers][0]!) {
        if (!subscribers.delete(subscriber)) return;
        if (subscribers.size) return pickInterval();
        all.delete(key);
        leave();
      },
    };
  }

  const tellAll = (type: 'pause' | 'resume') => {
    isPaused = type === 'pause';
    for (const { _loop } of all.values()) _loop.dispatch({ type, reason: 'user' });
  };

  return {
    register(key, poll, interval, receive) {
      const known = all.get(key);
      const shared = known ?? share(key);
      all.set(key, shared);
      const subscriber = {
        _poll: poll,
        _interval: ports.intervalOf(interval),
        // Only answers of this key, hence of its own kind, come here.
        _receive: receive as Subscriber<C>['_receive'],
      };
      shared._add(subscriber);
      if (!known) {
        if (isPaused) tellAll('pause');
        if (ports.isEnabled()) shared._loop.dispatch({ type: 'start' });
      }
      return () => shared._drop(subscriber);
    },
    unregister: (key) => all.get(key)?._drop(),
    pause: () => tellAll('pause'),
    resume: () => tellAll('resume'),
  };
}
