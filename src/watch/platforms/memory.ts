// What an adapter remembers of a build between two looks.
import { createHash } from 'node:crypto';
import type { BuildArtifact, BuildLog, LogPiece, Recollection } from '../model';

/** Characters; the end of a log says most. */
const LONGEST_LOG = 1024 * 1024;

export interface Kept<T> {
  readonly etag: string | undefined;
  readonly data: T;
}

/** Takes the place of a memory for logs. */
export type TakeLog = (piece: LogPiece) => void;

export class BuildMemory {
  /** Answers with their ETags, by what was asked. */
  readonly answers = new Map<string, Kept<unknown>>();
  private readonly byStage = new Map<string, BuildLog>();
  /** Stages whose logs were had to the end. */
  private readonly complete = new Set<string>();
  /** Bytes of logs that were taken while their stages ran. */
  private readonly taken = new Map<string, number>();
  artifacts: readonly BuildArtifact[] | undefined;
  error: string | undefined;
  attempt: number | undefined;
  /** Whether the build had ended when it was looked at last. */
  hadEnded = false;
  /** Jenkins without the plugin that tells of stages. */
  hasNoStages = false;
  /** A log that is read while it grows: where it goes on, in bytes. */
  readonly growing = { offset: 0, text: '', isComplete: false };

  constructor(readonly takeLog: TakeLog | undefined) {}

  recall({ attempt, hasEnded, stagesWithLogs, logOffset }: Recollection): void {
    this.attempt = attempt;
    this.hadEnded = hasEnded;
    for (const id of stagesWithLogs) this.complete.add(id);
    this.growing.offset = logOffset ?? 0;
    this.growing.isComplete = logOffset === null;
  }

  /** Adds what has come of the build's own log; `isAnew`: it has been begun again. */
  grow(text: string, offset: number, isAnew: boolean, isLast: boolean): void {
    const { growing, takeLog } = this;
    const begin = isAnew ? 0 : growing.offset;
    growing.offset = offset;
    growing.isComplete = isLast;
    if (takeLog) {
      takeLog({ stageId: null, offset: begin, data: Buffer.from(text), isLast });
      return;
    }
    growing.text = `${isAnew ? '' : growing.text}${text}`.slice(-LONGEST_LOG);
    if (growing.text) this.byStage.set('log', { stageId: 'log', name: 'log', text: growing.text });
  }

  /** Another attempt has logs, artifacts and errors of its own. */
  begin(attempt: number): void {
    if (this.attempt === attempt) return;
    this.attempt = attempt;
    this.byStage.clear();
    this.complete.clear();
    this.taken.clear();
    this.artifacts = this.error = undefined;
  }

  get logs(): BuildLog[] {
    return [...this.byStage.values()];
  }

  /** Fetches the whole log of a stage, unless it is there to its end. `isLast`: the stage has ended. */
  async keepLog(
    { id, name, isLast }: { readonly id: string; readonly name: string; readonly isLast: boolean },
    signal: AbortSignal | undefined,
    fetchLog: () => Promise<unknown>,
  ): Promise<void> {
    if (this.complete.has(id)) return;
    const text = await niceToHave(signal, fetchLog);
    if (typeof text !== 'string') return;
    if (isLast) this.complete.add(id);
    if (!this.takeLog) {
      this.byStage.set(id, { stageId: id, name, text: text.slice(-LONGEST_LOG) });
      return;
    }
    const data = Buffer.from(text);
    const offset = Math.min(this.taken.get(id) ?? 0, data.length);
    this.taken.set(id, data.length);
    if (isLast || data.length > offset)
      this.takeLog({ stageId: id, offset, data: data.subarray(offset), isLast });
  }
}

/** What all adapters have in common: memories by build. */
export abstract class Remembering {
  private readonly all = new Map<string, BuildMemory>();
  takeLog: ((buildId: string, piece: LogPiece) => void) | undefined;

  recall(buildId: string, known: Recollection): void {
    this.memoryOf(buildId).recall(known);
  }

  forget(buildId: string): void {
    this.all.delete(buildId);
  }

  protected memoryOf(buildId: string): BuildMemory {
    const known = this.all.get(buildId);
    if (known) return known;
    const { takeLog } = this;
    const memory = new BuildMemory(takeLog && ((piece) => takeLog(buildId, piece)));
    this.all.set(buildId, memory);
    return memory;
  }
}

/** Host and token, without telling the token: its digest sets it apart from others. */
export const accountOf = (url: string, token: string | undefined): string =>
  `${new URL(url).host} ${token ? createHash('sha256').update(token).digest('hex').slice(0, 12) : 'anonymous'}`;

/** What can be had, else undefined: it hides the status in no case. */
export async function niceToHave<T>(
  signal: AbortSignal | undefined,
  fetchIt: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await fetchIt();
  } catch (error) {
    if (signal?.aborted) throw error;
    return undefined;
  }
}

export const date = (text: string | null | undefined): Date | undefined =>
  text ? new Date(text) : undefined;

/** An id of digits alone, as a number; 0 for anything else. */
export const idOf = (text: string | undefined): number =>
  /^[1-9]\d{0,15}$/.test(text ?? '') ? Number(text) : 0;
