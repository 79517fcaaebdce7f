// What is measured of the watching.

import type { Refusal } from './errors';
import type { GitPlatform } from './model';

export interface Look {
  readonly platform: GitPlatform;
  /** How long it took, quick retries included. */
  readonly ms: number;
  /** How much later it began than it was due. */
  readonly lateMs: number;
  readonly result: 'news' | 'unchanged' | Refusal;
}

export interface Observer {
  looked(look: Look): void;
  /** There is news of a build, or of the watching of it. */
  changed(buildId: string): void;
  /** How long after its end a build was seen to have ended. */
  detected(platform: GitPlatform, ms: number): void;
  watching(platform: GitPlatform, builds: number): void;
  budget(platform: GitPlatform, remaining: number): void;
}

export const NOBODY: Observer = { looked() {}, changed() {}, detected() {}, watching() {}, budget() {} };
