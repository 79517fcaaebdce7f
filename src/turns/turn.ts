// A turn that a script follows until it ends.
import type { Tools } from '../browser/tools';
import { createRecord, hidden, type LiveRecord } from './record';

export type TurnStatus = 'pending' | 'running' | 'completed' | 'failed' | 'interrupted' | 'cancelled';

export interface Block {
  readonly id: string;
  readonly number: number;
  readonly kind: 'content' | 'thinking' | 'tool_use' | 'tool_result' | 'error';
  readonly text: string;
  readonly name: string | null;
  readonly input: Readonly<Record<string, unknown>> | null;
  readonly tool_use_id: string | null;
  readonly is_error: boolean;
  readonly version: number;
}

/** As `GET /api/projects/{p}/sessions/{s}/turns/{t}` has it; what a page uses of it. */
export interface Turn {
  readonly id: string;
  readonly status: TurnStatus;
  readonly error: string | null;
  readonly blocks: readonly Block[];
  readonly version: number;
}

export interface TurnOptions<T = Turn> {
  /** Of the turn; its answer has a `status`. */
  readonly url: string;
  /** Milliseconds between polls, 2,000 to 60,000. By default 1,000, growing to 5,000 while nothing happens. */
  readonly interval?: number | undefined;
  /** False: nothing is asked, except by `refresh`. */
  readonly enabled?: boolean | undefined;
  /** Each answer that brings something new. */
  readonly onUpdate?: ((turn: T) => void) | undefined;
  /** Once, when the turn has ended, whichever way: `turn.status` says. */
  readonly onComplete?: ((turn: T) => void) | undefined;
  /** It could not be read (it may be again), it is waited for no longer, or it has failed. */
  readonly onError?: ((error: Error) => void) | undefined;
  /** Anything of the record is another one now. */
  readonly onChange?: (() => void) | undefined;
}

export function turn<T extends object = Turn>(tools: Tools, options: TurnOptions<T>): LiveRecord<T> {
  const { url, onUpdate, onComplete, onError, onChange } = options;
  const record: LiveRecord<T> = createRecord<T>(tools, hidden(url, 'turn', options), {
    _data: onUpdate,
    _state({ type }) {
      if (type !== 'finished' || !record.data) return;
      const { status, error } = record.data as Partial<Turn>;
      if (status === 'failed') onError?.(new Error(error ?? status));
      onComplete?.(record.data);
    },
    _error: onError,
    _changed: onChange,
  });
  return record;
}
