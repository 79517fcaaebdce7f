// The visible windows of one browser on this origin: which polls each has, and which of them asks for all. Knows
// nothing of polls or pages. A window that is alone says hello and then costs nothing.
import type { Undo } from '../core/index';

/** How often a window says that it is there, while another is. */
const ANNOUNCE_MS = 1000;
/** One that was silent for so long crashed, or can't do anything for others. */
const GONE_MS = 1600;

/** What a BroadcastChannel does; it works on plain-HTTP addresses, where Web Locks don't exist. */
export type Channel = Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>;

export interface Windows {
  /** What this window polls from now on, first what matters most. None: it is leaving, and hands over at once. */
  _setKeys(keys: readonly string[]): void;
  /** Whether this window asks: no older one has the same poll. */
  _leads(key: string): boolean;
  /**
   * The place of a poll among those of all windows whose keys begin with the same character, the oldest window's
   * first: what windows share is limited.
   */
  _rank(key: string): number;
  /** Calls `changed` once it is no longer as it is now whether this window asks. */
  _watch(key: string, changed: Undo): Undo;
  /** Gives an answer to the other windows with this poll. */
  _tell(key: string, answer: unknown): void;
  /** Hears what the window that asks tells. */
  _hear(key: string, run: (answer: unknown) => void): Undo;
}

interface Member {
  readonly _id: string;
  /** Wall clock, ms, of its load: the oldest leads. */
  readonly _born: number;
  readonly _keys: readonly string[];
  readonly _timer?: ReturnType<typeof setTimeout>;
}

interface Watch {
  readonly _key: string;
  readonly _led: boolean;
  readonly _changed: Undo;
}

const KEYS = 'keys';

export function createWindows(open: () => Channel | undefined, _id: string, _born: number): Windows {
  const peers = new Map<string, Member>();
  const watches = new Set<Watch>();
  const ears = new Set<readonly [key: string, run: (answer: unknown) => void]>();
  let channel: Channel | undefined;
  let mine: readonly string[] = [];
  let beat: ReturnType<typeof setInterval> | undefined;

  const announce = () => channel?.postMessage([KEYS, _id, _born, mine]);

  const byAge = (): Member[] =>
    [...peers.values(), { _id, _born, _keys: mine }].sort(
      (a, b) => a._born - b._born || (a._id < b._id ? -1 : 1),
    );

  const leads = (key: string) => {
    const first = byAge().find(({ _keys }) => _keys.includes(key));
    return !first || first._id === _id;
  };

  function tend(): void {
    if (!peers.size) {
      clearInterval(beat);
      beat = undefined;
    } else beat ??= setInterval(announce, ANNOUNCE_MS);
  }

  function settle(): void {
    tend();
    for (const watch of watches)
      if (leads(watch._key) !== watch._led && watches.delete(watch)) watch._changed();
  }

  function forget(id: string): void {
    clearTimeout(peers.get(id)?._timer);
    peers.delete(id);
  }

  function meet(id: string, born: number, keys: readonly string[]): void {
    const isNew = !peers.has(id);
    forget(id);
    if (keys.length) {
      const gone = () => {
        forget(id);
        settle();
      };
      peers.set(id, { _id: id, _born: born, _keys: keys, _timer: setTimeout(gone, GONE_MS) });
      if (isNew) announce();
    }
    settle();
  }

  function leave(): void {
    channel?.close();
    channel = undefined;
    for (const id of [...peers.keys()]) forget(id);
    // Who listened goes on doing so: after a short look at another window the others are there again.
    tend();
  }

  return {
    _setKeys(keys) {
      if (`${keys}` === `${mine}`) return;
      mine = keys;
      if (keys.length && !channel) {
        channel = open();
        if (channel)
          channel.onmessage = ({ data: [kind, ...rest] }) => {
            if (kind === KEYS) meet(...(rest as [string, number, string[]]));
            else for (const [key, run] of ears) if (key === rest[0]) run(rest[1]);
          };
      }
      announce();
      if (!keys.length) leave();
      else if (peers.size) settle();
    },
    _leads: leads,
    _rank: (key) =>
      [...new Set(byAge().flatMap(({ _keys }) => _keys.filter(([kind]) => kind === key[0])))].indexOf(key),
    _watch(_key, _changed) {
      const watch = { _key, _led: leads(_key), _changed };
      watches.add(watch);
      return () => watches.delete(watch);
    },
    _tell: (key, answer) => peers.size && channel?.postMessage(['answer', key, answer]),
    _hear(key, run) {
      const ear = [key, run] as const;
      ears.add(ear);
      return () => ears.delete(ear);
    },
  };
}

export const windows = createWindows(
  () => (globalThis.BroadcastChannel ? new BroadcastChannel('vpo-polling') : undefined),
  Math.random().toString(36),
  Date.now(),
);
