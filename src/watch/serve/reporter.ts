// Tells the server what is known of one build: the build itself, its logs, its events, in this order, until each is stored.
import type { Clock } from '../../core/index';
import type { BuildEvent } from '../event-store';
import type { LogPiece } from '../model';
import { stageId } from './report';
import { type Server, ServerError } from './server';

/** Bytes of a log in one request; the server takes up to a mebibyte. */
const PIECE = 512 * 1024;
/** Bytes; of a longer line the server takes a part. */
const LONGEST_LINE = 64 * 1024;
/** Events in one request. */
const MOST_EVENTS = 100;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/** A log on its way: what is stored of it, and what comes behind that. */
interface LogState {
  offset: number;
  rest: Buffer;
  isLast: boolean;
  /** A piece has come since it was sent: an unfinished line waits for its end, and not for the next request. */
  hasNews: boolean;
}

/** How much of what is there the server would take: an unfinished line waits for its end, unless it is very long. */
function sendable({ rest, isLast }: LogState): number {
  if (isLast) return rest.length;
  const lines = rest.lastIndexOf(10) + 1;
  return rest.length - lines > LONGEST_LINE ? rest.length : lines;
}

export interface ReporterOptions {
  readonly server: Server;
  readonly clock: Clock;
  readonly jobId: string;
  /** Events that are stored. */
  readonly eventCount: number;
  readonly attempt: number;
  /** Nobody is to report this build any more, at least not from here. */
  lost(why: string): void;
  /** Reports wait for the server, or no longer do. */
  trouble(message: string | null): void;
}

export class BuildReporter {
  private record: Record<string, unknown> | null = null;
  private stored = '';
  private events: BuildEvent[] = [];
  private eventCount: number;
  private attempt: number;
  private readonly logs = new Map<string | null, LogState>();
  private sending: Promise<void> | null = null;
  private isOver = false;
  private wake: (() => void) | null = null;

  constructor(private readonly options: ReporterOptions) {
    this.eventCount = options.eventCount;
    this.attempt = options.attempt;
  }

  /** Only the newest is sent. */
  report(record: Record<string, unknown>): void {
    this.record = record;
    this.send();
  }

  /** Sent with the report that follows: only then is it known to which attempt it belongs. */
  log({ stageId: stage, offset, data, isLast }: LogPiece): void {
    const id = stage === null ? null : stageId(stage);
    const state = this.logs.get(id) ?? { offset, rest: Buffer.alloc(0), isLast: false, hasNews: false };
    this.logs.set(id, state);
    // What was taken before and could not be stored yet may come again.
    const known = state.offset + state.rest.length - offset;
    if (known >= 0) state.rest = Buffer.concat([state.rest, data.subarray(known)]);
    state.isLast ||= isLast;
    state.hasNews = true;
  }

  event(event: BuildEvent): void {
    this.events.push(event);
    this.send();
  }

  /** When all that was told is stored, or nobody wants it. */
  async settled(): Promise<void> {
    while (this.sending) await this.sending;
  }

  /** Gives up what is not stored yet. */
  close(): void {
    this.isOver = true;
    this.wake?.();
  }

  private send(): void {
    if (this.isOver) return;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
      if (!this.isOver && this.hasMore()) this.send();
    });
  }

  private hasMore(): boolean {
    const hasLogs = [...this.logs.values()].some(({ hasNews }) => hasNews);
    return this.record !== null || this.events.length > 0 || hasLogs;
  }

  private async sendAll(): Promise<void> {
    for (let wait = FIRST_WAIT_MS; !this.isOver; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        // What they tell of goes before them: the record is never older than these.
        const events = this.events.slice(0, MOST_EVENTS);
        await this.sendRecord();
        for (const [stage, state] of [...this.logs]) if (state.hasNews) await this.sendLog(stage, state);
        await this.sendEvents(events);
        this.options.trouble(null);
        return;
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        if (!error.isPassing) {
          this.isOver = true;
          this.options.lost(error.message);
          return;
        }
        this.options.trouble(error.message);
        await this.pause(wait);
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const undo = this.options.clock.after(ms, resolve);
      this.wake = () => {
        undo();
        resolve();
      };
    });
  }

  private async sendRecord(): Promise<void> {
    const { record } = this;
    if (!record) return;
    const json = JSON.stringify(record);
    if (json !== this.stored) {
      const { server, jobId } = this.options;
      const { body } = await server.ask<{ attempt: number }>(`jobs/${jobId}`, {
        method: 'PUT',
        json: record,
        // A job that was deleted stays deleted.
        headers: { 'if-match': '*' },
      });
      this.attempt = body.attempt;
      this.stored = json;
    }
    if (this.record === record) this.record = null;
  }

  private async sendLog(stage: string | null, state: LogState): Promise<void> {
    const { server, jobId } = this.options;
    for (let end = sendable(state); end || state.isLast; end = sendable(state)) {
      const bytes = state.rest.subarray(0, Math.min(end, PIECE));
      const isLast = state.isLast && bytes.length === state.rest.length;
      const query = new URLSearchParams({ offset: `${state.offset}`, attempt: `${this.attempt}` });
      if (stage !== null) query.set('stage', stage);
      if (isLast) query.set('complete', '1');
      try {
        const { body } = await server.ask<{ offset: number }>(`jobs/${jobId}/logs?${query}`, {
          method: 'POST',
          bytes,
        });
        const stored = body.offset - state.offset;
        state.rest = state.rest.subarray(Math.max(0, stored));
        state.offset = body.offset;
        if (isLast) state.isLast = false;
        else if (stored <= 0) break;
      } catch (error) {
        if (!(error instanceof ServerError) || error.isPassing) throw error;
        // A log that can't be added to keeps nothing else from being told.
        this.logs.delete(stage);
        return;
      }
    }
    state.hasNews = false;
    if (!state.rest.length) this.logs.delete(stage);
  }

  private async sendEvents(events: readonly BuildEvent[]): Promise<void> {
    if (!events.length) return;
    const { server, jobId } = this.options;
    const path = `jobs/${jobId}/events?after=${this.eventCount}`;
    const { body } = await server.ask<{ total: number }>(path, { method: 'POST', json: events });
    this.events = this.events.slice(events.length);
    this.eventCount = body.total;
  }
}
