// What people see while builds are watched: a table that is drawn again on a terminal, lines everywhere else, or JSON.
import { createLogUpdate } from 'log-update';
import type { BuildEvent } from '../event-store';
import { BuildState, type BuildStatus, isBuildComplete } from '../model';
import type { PollingStatus } from '../poller';
import type { Target } from '../targets';

export interface Row {
  readonly target: Target;
  readonly status: BuildStatus | null;
  readonly polling: PollingStatus | null;
  readonly error: Error | null;
}

export interface Display {
  /** Something of a build has happened. */
  event(event: BuildEvent): void;
  /** How all of them stand. */
  draw(rows: readonly Row[]): void;
  /** A build is over, one way or the other. */
  ended(row: Row): void;
  close(): void;
}

const MARKS: Readonly<Record<BuildState, string>> = {
  [BuildState.QUEUED]: '○',
  [BuildState.IN_PROGRESS]: '▶',
  [BuildState.COMPLETED]: '✓',
  [BuildState.FAILED]: '✕',
  [BuildState.CANCELLED]: '⊘',
  [BuildState.TIMEOUT]: '✕',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is to be found.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text of elsewhere on a terminal: nothing in it moves the cursor or turns around what follows. */
export const printable = (text: string): string => text.replace(CONTROL, '�');

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h} h ${m} min` : m ? `${m} min ${s} s` : `${s} s`;
}

const phrase = ({ status, conclusion, waitingReason }: BuildStatus): string =>
  [(conclusion ?? status).replaceAll('_', ' '), waitingReason && `waits: ${waitingReason}`]
    .filter(Boolean)
    .join(', ');

/** How many jobs have ended, and which one failed. */
function progress({ stages = [], error }: BuildStatus): string {
  const done = stages.filter(({ state }) => isBuildComplete(state)).length;
  return [stages.length && `${done} of ${stages.length} jobs`, error].filter(Boolean).join(' · ');
}

function lineOf({ target, status, polling, error }: Row, wallNow: number): string {
  if (error) return printable(`✕ ${target.name}  ${error.message}`);
  if (!status) return printable(`○ ${target.name}  ${polling?.error ?? 'connecting'}`);
  const end = status.endTime?.getTime() ?? wallNow;
  const took = duration(Math.max(0, end - status.startTime.getTime()));
  const attempt = (status.attempt ?? 1) > 1 ? `attempt ${status.attempt}` : '';
  const { error: trouble, stretchedTo } = polling ?? {};
  const parts = [phrase(status), attempt, took, progress(status), trouble && `! ${trouble}`];
  if (stretchedTo) parts.push(`looked at every ${duration(stretchedTo)} to spare the limit`);
  return printable(`${MARKS[status.status]} ${target.name}  ${parts.filter(Boolean).join(' · ')}`);
}

export interface Output {
  write(text: string): void;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Newline JSON: each event as it is stored, and each end. */
export const jsonDisplay = (out: Output): Display => {
  const line = (record: unknown) => out.write(`${JSON.stringify(record)}\n`);
  return {
    event: line,
    draw() {},
    ended({ target, status, error }) {
      const { logs: _logs, ...known } = status ?? {};
      line({
        type: 'END',
        target: target.name,
        ...known,
        ...(error && { error: error.message, reason: error.name }),
      });
    },
    close() {},
  };
};

/** A line whenever something has changed: for logs and pipes. */
export const lineDisplay = (out: Output, wallNow: () => number): Display => {
  const shown = new Map<string, string>();
  const say = (row: Row, what: string) => {
    if (shown.get(row.target.name) === what) return;
    shown.set(row.target.name, what);
    out.write(`${new Date(wallNow()).toISOString().slice(11, 19)} ${lineOf(row, wallNow())}\n`);
  };
  // How long it has been going on is no change.
  const factsOf = ({ status, polling, error }: Row) =>
    error?.message ??
    (status ? [phrase(status), status.attempt, progress(status), polling?.error].join() : polling?.error);
  const draw = (rows: readonly Row[]) => {
    for (const row of rows) if (row.status || row.error || row.polling?.error) say(row, `${factsOf(row)}`);
  };
  return { event() {}, draw, ended: (row) => draw([row]), close() {} };
};

/** A table that stays where it is; it needs a row of the terminal for each build. */
export function tableDisplay(out: NodeJS.WriteStream, wallNow: () => number): Display {
  const update = createLogUpdate(out, { showCursor: true });
  let last: readonly Row[] = [];
  return {
    event() {},
    draw(rows) {
      last = rows;
      const width = Math.max(20, (out.columns ?? 80) - 1);
      update(
        rows
          .map((row) => lineOf(row, wallNow()))
          .map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line))
          .join('\n'),
      );
    },
    ended() {},
    // What stays is told whole: it moves nothing any more.
    close() {
      update.clear();
      update.done();
      out.write(last.map((row) => `${lineOf(row, wallNow())}\n`).join(''));
    },
  };
}
