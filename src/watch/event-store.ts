// Where events of builds go: one after the other, and never in the way of the polling.
import { appendFile } from 'node:fs/promises';

export type BuildEventType =
  | 'BUILD.POLLING_STARTED'
  | 'BUILD.STATUS_UPDATED'
  | 'BUILD.POLLING_COMPLETED'
  | 'BUILD.POLLING_TIMEOUT'
  | 'BUILD.POLLING_ERROR'
  | 'BUILD.QUEUED'
  | 'BUILD.IN_PROGRESS'
  | 'BUILD.COMPLETED'
  | 'BUILD.FAILED'
  | 'BUILD.CANCELLED';

export interface BuildEvent {
  readonly type: BuildEventType;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventStore {
  append(event: BuildEvent): Promise<void>;
}

export interface Logger {
  error(message: string, context: Readonly<Record<string, unknown>>): void;
}

/** Newline JSON. */
export const fileEventStore = (path: string): EventStore => ({
  append: (event) => appendFile(path, `${JSON.stringify(event)}\n`),
});

/** Appends in order. A store that fails is said, and concerns the platform in no way. */
export class EventQueue {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: EventStore,
    private readonly logger: Logger,
  ) {}

  push(event: BuildEvent): void {
    this.last = this.last
      .then(() => this.store.append(event))
      .catch((error: unknown) =>
        this.logger.error('An event could not be stored', { type: event.type, error: `${error}` }),
      );
  }

  /** When all that was pushed is stored. */
  settled(): Promise<void> {
    return this.last;
  }
}
