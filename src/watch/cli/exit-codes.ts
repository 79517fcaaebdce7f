// What the command's exit code says, the same for every platform.
import { PollingTimeout } from '../errors';
import { BuildState, type BuildStatus } from '../model';

export const EXIT = {
  SUCCESS: 0,
  FAILED: 1,
  USAGE: 2,
  CANCELLED: 3,
  UNFINISHED: 4,
  LOST: 5,
  NOTHING: 6,
  /** Ended by a signal: 128 and SIGINT's number, as shells have it. */
  STOPPED: 130,
} as const;

/** Of several, the first of these that occurs. */
const WORST_FIRST = [EXIT.LOST, EXIT.FAILED, EXIT.CANCELLED, EXIT.UNFINISHED, EXIT.NOTHING, EXIT.SUCCESS];

export function codeOf(end: BuildStatus | Error): number {
  if (end instanceof PollingTimeout) return EXIT.UNFINISHED;
  if (end instanceof Error) return EXIT.LOST;
  if (end.status === BuildState.COMPLETED) return EXIT.SUCCESS;
  return end.status === BuildState.CANCELLED ? EXIT.CANCELLED : EXIT.FAILED;
}

export const worst = (codes: readonly number[]): number =>
  WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.NOTHING;
