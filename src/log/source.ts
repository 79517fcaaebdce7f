// Questions to our own server about a log, beside the poll: parts of it, and where something stands in it.
export type Answer = Record<string, unknown>;

export interface Asked {
  /** Null when there is no answer that could be read. */
  readonly _answer: Answer | null;
  /** Seconds before which the server does not want to be asked again. */
  readonly _wait: number;
}

export type Ask = (
  path: string,
  params: Record<string, string | number>,
  abort: AbortController,
) => Promise<Asked>;

const WAIT_S = 3;
const DEADLINE_MS = 10_000;

export const askFor =
  (source: string): Ask =>
  async (path, params, abort) => {
    const url = new URL(source, document.baseURI);
    url.pathname += path;
    for (const name in params) url.searchParams.set(name, `${params[name]}`);
    const headers = { Accept: 'application/json', 'Cache-Control': 'max-age=0' };
    const timer = setTimeout(() => abort.abort(), DEADLINE_MS);
    let wait = WAIT_S;
    try {
      const reply = await fetch(url, { headers, cache: 'no-store', signal: abort.signal });
      wait = Math.max(wait, Number(reply.headers.get('Retry-After')) || 0);
      return { _answer: reply.ok ? await reply.json() : null, _wait: wait };
    } catch {
      // Network, deadline, abort, not JSON: no answer in any case.
      return { _answer: null, _wait: wait };
    } finally {
      clearTimeout(timer);
    }
  };
