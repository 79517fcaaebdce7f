// One timer per page for everything that tells the time. It stands still while the page is hidden, stops when
// nothing asks to be called again, and leaves nothing behind when the last entry is undone.

type Undo = () => void;

export interface Ticker {
  /** `tick` is called about once a second for as long as any entry returns true. */
  add(tick: () => boolean): Undo;
  /** What is shown has changed: an entry that had nothing to tick may have now. */
  wake(): void;
}

/** Made also where there is no document, as while a server renders: nothing ticks there. */
export function createTicker(now: () => number): Ticker {
  const ticks = new Set<() => boolean>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const run = (): void => {
    timer = undefined;
    let wanted = false;
    for (const tick of ticks) wanted = tick() || wanted;
    if (wanted) wake();
  };
  // On the full second, so that all texts change together.
  const wake = (): void => {
    if (ticks.size && !document.hidden) timer ??= setTimeout(run, 1000 - (now() % 1000));
  };
  const sleep = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const turn = (): void => (document.hidden ? sleep() : wake());

  return {
    wake,
    add(tick) {
      if (!ticks.size) document.addEventListener('visibilitychange', turn);
      ticks.add(tick);
      wake();
      return () => {
        ticks.delete(tick);
        if (ticks.size) return;
        sleep();
        document.removeEventListener('visibilitychange', turn);
      };
    },
  };
}
