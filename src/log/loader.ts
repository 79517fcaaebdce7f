// Lines that are looked at but not at hand are fetched: one request at a time, dropped when the reader has gone on.
import type { Ask } from './source';

/** Bytes of one answer. */
export const PART = 1 << 17;
/** Lines before the first missing one that are fetched with it: they say how it is styled, and the reader may go on. */
const CONTEXT = 150;
/** Whoever drags the scroll bar looks at nothing for long. */
const GLANCE_MS = 40;

export interface Loader {
  /** Called with every drawing: `missing` is the first line in view that is not at hand, 0 when there is none. */
  _want(missing: number, isIn: (line: number) => boolean): void;
  _stop(): void;
}

/** `store` takes an answer; false when the wanted line was not in it. */
export function createLoader(
  ask: Ask,
  store: (answer: Record<string, unknown>, line: number) => boolean,
  retry: () => void,
): Loader {
  let wanted = 0;
  let hadContext = false;
  let abort: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    clearTimeout(timer);
    abort?.abort();
    abort = undefined;
    wanted = 0;
  };
  const again = (seconds: number) => {
    timer = setTimeout(() => {
      wanted = 0;
      retry();
    }, seconds * 1000);
  };
  const load = async () => {
    const line = wanted;
    const own = new AbortController();
    abort = own;
    const { _answer, _wait } = await ask(
      '',
      { line: Math.max(1, hadContext ? line : line - CONTEXT), limit: PART },
      own,
    );
    // Stopped, or on its way to another line. (A deadline aborts too, but leaves it in place.)
    if (abort !== own) return;
    abort = undefined;
    const isFound = _answer && store(_answer, line);
    if (isFound || (_answer && !hadContext)) {
      hadContext = !isFound;
      if (hadContext) void load();
      else {
        wanted = 0;
        retry();
      }
    } else again(_wait);
  };

  return {
    _want(missing, isIn) {
      if (!missing) {
        if (wanted) stop();
        return;
      }
      if (wanted && isIn(wanted)) return;
      stop();
      wanted = missing;
      hadContext = false;
      timer = setTimeout(load, GLANCE_MS);
    },
    _stop: stop,
  };
}
