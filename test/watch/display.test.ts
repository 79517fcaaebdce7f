// What a person sees while builds are watched.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { lineDisplay, printable, type Row, tableDisplay } from '../../src/watch/cli/display';
import type { BuildStatus } from '../../src/watch/model';
import { parseTarget } from '../../src/watch/targets';

const NOW = Date.parse('2026-11-26T11:02:03Z');
const BEGAN = new Date(NOW - 3_723_000);
const row = (status: Partial<BuildStatus> | null, more: Partial<Row> = {}): Row => ({
  target: parseTarget('github:octo:repo:123'),
  status: status && { buildId: 'x', status: 'in_progress', startTime: BEGAN, ...status },
  polling: null,
  error: null,
  ...more,
});

function lines(...rows: Row[]): string[] {
  const written: string[] = [];
  const display = lineDisplay({ write: (more) => void written.push(more) }, () => NOW);
  for (const one of rows) display.draw([one]);
  return written.map((line) => line.trimEnd());
}

describe('lines', () => {
  it('come when something has changed, not because time passes', () => {
    const stages = [
      { id: '1', name: 'a', state: 'completed' as const, steps: [] },
      { id: '2', name: 'b', state: 'in_progress' as const, steps: [] },
    ];
    const at = (minutes: number) => row({ stages, startTime: new Date(NOW - minutes * 60_000) });
    expect(
      lines(
        row(null),
        at(1),
        at(2),
        at(3),
        row({ status: 'completed', conclusion: 'success', endTime: BEGAN }),
      ),
    ).toEqual([
      '11:02:03 ▶ github:octo:repo:123  in progress · 1 min 0 s · 1 of 2 jobs',
      '11:02:03 ✓ github:octo:repo:123  success · 0 s',
    ]);
  });

  it('say what a build waits for, which attempt it is, and what is wrong with the platform', () => {
    const polling = {
      buildId: 'x',
      isPolling: true,
      pollCount: 1,
      lastPollTime: null,
      nextPollTime: null,
      last: null,
    };
    expect(
      lines(
        row({ waitingReason: 'An approval', attempt: 2 }),
        row(null, { polling: { ...polling, error: 'GitHub: 502' } }),
      ),
    ).toEqual([
      '11:02:03 ▶ github:octo:repo:123  in progress, waits: An approval · attempt 2 · 1 h 2 min',
      '11:02:03 ○ github:octo:repo:123  GitHub: 502',
    ]);
  });
});

it('nothing that a platform says moves the cursor or turns text around', () => {
  expect(printable('a\u001b[2Jb\r\nc\u202ed\u009b')).toBe('a�[2Jb��c�d�');
});

it('a table fits its terminal while it is drawn, and is told whole at the end', () => {
  const out = Object.assign(new PassThrough(), { columns: 40, rows: 10, isTTY: true });
  let text = '';
  out.on('data', (data) => {
    text += data;
  });
  const display = tableDisplay(out as unknown as NodeJS.WriteStream, () => NOW);
  const long = row({
    status: 'failed',
    conclusion: 'failure',
    endTime: BEGAN,
    error: 'a very long sentence indeed',
  });
  display.draw([long]);
  expect(text).toContain('…');
  expect(text).not.toContain('indeed');
  display.close();
  expect(text).toMatch(/failure · 0 s · a very long sentence indeed\n$/);
});
