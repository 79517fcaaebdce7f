// What an adapter remembers of a build between two looks.
import type { BuildArtifact, BuildLog } from '../model';

/** Characters; the end of a log says most. */
const LONGEST_LOG = 1024 * 1024;

export interface Kept<T> {
  readonly etag: string | undefined;
  readonly data: T;
}

export class BuildMemory {
  /** Answers with their ETags, by what was asked. */
  readonly answers = new Map<string, Kept<unknown>>();
  private readonly byStage = new Map<string, BuildLog>();
  artifacts: readonly BuildArtifact[] | undefined;
  error: string | undefined;
  attempt: number | undefined;
  /** Jenkins without the plugin that tells of stages. */
  hasNoStages = false;
  /** A log that is read while it grows: where it goes on, in bytes. */
  readonly growing = { offset: 0, text: '' };

  /** Adds what has come of it; `isAnew`: it has been begun again. */
  grow(text: string, offset: number, isAnew: boolean): void {
    const { growing } = this;
    growing.text = `${isAnew ? '' : growing.text}${text}`.slice(-LONGEST_LOG);
    growing.offset = offset;
    if (growing.text) this.byStage.set('log', { stageId: 'log', name: 'log', text: growing.text });
  }

  /** Another attempt has logs, artifacts and errors of its own. */
  begin(attempt: number): void {
    if (this.attempt === attempt) return;
    this.attempt = attempt;
    this.byStage.clear();
    this.artifacts = this.error = undefined;
  }

  get logs(): BuildLog[] {
    return [...this.byStage.values()];
  }

  /** Fetches the log of a stage that has ended, unless it is there. */
  async keepLog(
    stageId: string,
    name: string,
    signal: AbortSignal | undefined,
    fetchLog: () => Promise<unknown>,
  ): Promise<void> {
    if (this.byStage.has(stageId)) return;
    const text = await niceToHave(signal, fetchLog);
    if (typeof text === 'string')
      this.byStage.set(stageId, { stageId, name, text: text.slice(-LONGEST_LOG) });
  }
}

/** Memories by build. */
export class Memories {
  private readonly all = new Map<string, BuildMemory>();

  of(buildId: string): BuildMemory {
    const memory = this.all.get(buildId) ?? new BuildMemory();
    this.all.set(buildId, memory);
    return memory;
  }
}

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
