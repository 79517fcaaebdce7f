// The page's clock. performance.now() may stand still while the computer sleeps, so the time by which the wall
// clock got ahead of it is added: a floor or a due time passes in sleep as well.
import type { Clock } from '../core/index';

const LAG_MS = 1000;
let monotonic = 0;
let wall = 0;
let slept = 0;
let skew = 0;

/** Monotonic milliseconds that go on during sleep. */
export function now(): number {
  const [mono, date] = [performance.now(), Date.now()];
  const gap = date - wall - (mono - monotonic);
  if (wall && gap > LAG_MS) slept += gap;
  monotonic = mono;
  wall = date;
  return mono + slept;
}

export const clock: Clock = {
  now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Learns the server's clock from a Date header. It has whole seconds, so small differences are noise. */
export function learnServerTime(date: string | null): void {
  const found = Date.parse(date ?? '') - Date.now();
  if (Math.abs(found - skew) > 2000) skew = found;
}

/** Wall clock of the server, for ages of what it sent. */
export const serverNow = (): number => Date.now() + skew;
