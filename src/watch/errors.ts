// What can go wrong while a build is watched.
import type { BuildStatus } from './model';

/** What a platform said instead of a status. */
export type Refusal = 'notFound' | 'unauthorized' | 'failed' | 'network';

/** Thrown by adapters. Its message holds no token. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  constructor(
    readonly refusal: Refusal,
    message: string,
    /** Milliseconds that the platform wants to be left alone by this account. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

export class BuildNotFound extends Error {
  override readonly name = 'BuildNotFound';
}

export class Unauthorized extends Error {
  override readonly name = 'Unauthorized';
}

export class PollingTimeout extends Error {
  override readonly name = 'PollingTimeout';
  constructor(
    message: string,
    readonly lastStatus: BuildStatus | null,
  ) {
    super(message);
  }
}

/** Too many failures in a row. */
export class PollingLost extends Error {
  override readonly name = 'PollingLost';
  constructor(
    message: string,
    readonly lastStatus: BuildStatus | null,
  ) {
    super(message);
  }
}

export class PollingStopped extends Error {
  override readonly name = 'PollingStopped';
}
