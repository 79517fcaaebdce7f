// Sessions of a real server, and what agents print.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Vpo } from './vpo.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PYTHON = join(ROOT, '.venv', 'bin', 'python');
const AGENT = join(ROOT, 'test', 'server', 'turns', 'agent.py');

/** Settings of a server with the tests' agent, whose projects lie in its folder. */
export const withAgent = (folder: string): string =>
  `agent_command = ${JSON.stringify([PYTHON, AGENT])}\nproject_roots = [${JSON.stringify(folder)}]\n`;

type Json = Record<string, unknown>;

async function post(server: Vpo, path: string, body: string, type = 'application/json'): Promise<Json> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'Content-Type': type, Accept: 'application/json', 'Sec-Fetch-Site': 'same-origin' },
    body,
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Json;
}

export interface Session {
  readonly id: string;
  readonly project: string;
  readonly page: string;
  readonly api: string;
  /** Begins a turn that the test reports; the path of it. */
  begin(prompt?: string): Promise<string>;
  /** Reports events of a turn. */
  report(turn: string, ...events: Json[]): Promise<void>;
  interrupt(): Promise<void>;
  transcript(): Promise<{ entries: Json[] }>;
}

export async function newSession(server: Vpo, fields: Json = {}): Promise<Session> {
  const made = await post(server, '/api/sessions', JSON.stringify({ project: 'Films', ...fields }));
  const api = `/api/projects/${made.project_id}/sessions/${made.id}`;
  return {
    id: `${made.id}`,
    project: `${made.project_id}`,
    page: `${server.url}/sessions/${made.id}`,
    api,
    begin: async (prompt = 'Do it') => {
      const turn = await post(server, `${api}/turns`, JSON.stringify({ prompt, reported: true }));
      return `${api}/turns/${turn.id}`;
    },
    report: async (turn, ...events) => {
      const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      await post(server, `${turn}/events`, lines, 'application/x-ndjson');
    },
    interrupt: async () => {
      await post(server, `${api}/interrupt`, '{}');
    },
    transcript: async () =>
      (await (await fetch(`${server.url}${api}/transcript`)).json()) as { entries: Json[] },
  };
}

export const said = (text: string, message = `m${text}`): Json => ({
  type: 'assistant',
  message: { id: message, content: [{ type: 'text', text }] },
});

export const used = (name: string, id: string, input: Json): Json => ({
  type: 'assistant',
  message: { id: `u${id}`, content: [{ type: 'tool_use', id, name, input }] },
});

export const resulted = (id: string, content: string, isError = false): Json => ({
  type: 'user',
  message: { content: [{ type: 'tool_result', tool_use_id: id, content, is_error: isError }] },
});

export const part = (event: Json): Json => ({ type: 'stream_event', event });
export const begun = (message: string): Json => part({ type: 'message_start', message: { id: message } });
export const opened = (index: number): Json =>
  part({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });
export const grown = (index: number, text: string): Json =>
  part({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } });
export const succeeded: Json = { type: 'result', subtype: 'success', is_error: false };

/** What each entry of the page says: its class, and its text without what is there to be folded out. */
export const entriesOf = (page: Page): Promise<string[]> =>
  page
    .locator('.entries > li')
    .evaluateAll((rows) =>
      rows.map((row) => `${row.className}: ${row.textContent?.replace(/\s+/g, ' ').trim()}`),
    );
