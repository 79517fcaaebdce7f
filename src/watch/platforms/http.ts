// Requests of our own, for platforms without a client that leaves retries, limits and ETags to us.
import { PlatformError } from '../errors';
import type { BuildMemory, Kept } from './memory';

/** Some answers say of a limit no more than that there is one. */
const LIMITED_MS = 60_000;

export interface HttpAnswer<T = unknown> {
  readonly body: T;
  readonly headers: Headers;
  readonly status: number;
}

/** Milliseconds to leave the account alone. */
function limitOf(headers: Headers, now: number): number {
  const after = Number(headers.get('retry-after'));
  if (after > 0) return after * 1000;
  const reset = Number(headers.get('ratelimit-reset')) * 1000;
  return reset > now ? reset - now + 1000 : LIMITED_MS;
}

function refusalOf(platform: string, { status, statusText, headers }: Response, now: number): PlatformError {
  const message = `${platform}: ${status} ${statusText}`;
  if (status === 429) return new PlatformError('failed', message, limitOf(headers, now));
  const refusal = status === 404 ? 'notFound' : status === 401 || status === 403 ? 'unauthorized' : 'failed';
  return new PlatformError(refusal, message);
}

export interface HttpRequest {
  readonly platform: string;
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Wall clock, milliseconds since the epoch. */
  readonly now: number;
}

/** JSON or text, whichever comes; what has not changed is remembered. Throws a PlatformError. */
export async function askPlatform(
  memory: BuildMemory,
  { platform, url, method = 'GET', headers = {}, signal, now }: HttpRequest,
): Promise<HttpAnswer> {
  const known = memory.answers.get(url) as Kept<HttpAnswer> | undefined;
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(known?.etag ? { 'if-none-match': known.etag } : {}) },
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw signal.reason;
    throw new PlatformError('network', `${platform}: ${error instanceof Error ? error.message : error}`);
  });
  if (response.status === 304 && known) return known.data;
  if (!response.ok) throw refusalOf(platform, response, now);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const answer = {
    body: isJson ? await response.json() : await response.text(),
    headers: response.headers,
    status: response.status,
  };
  const etag = response.headers.get('etag');
  if (etag) memory.answers.set(url, { etag, data: answer });
  return answer;
}
