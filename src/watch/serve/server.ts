// The server that builds are reported to, over its public interface.

/** Of one request. */
const DEADLINE_MS = 15_000;

export class ServerError extends Error {
  override readonly name = 'ServerError';
  constructor(
    readonly status: number,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** Whether the same request may be answered otherwise later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export interface ServerOptions {
  /** As people open it, a prefix included. */
  readonly url: string;
  /** Of a reporter; none where the server is open. */
  readonly token?: string | undefined;
  /** This watcher's name for itself. */
  readonly watcher: string;
}

export interface Sent {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds; more where the answer is held. */
  readonly deadline?: number;
}

export interface Received<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

export class Server {
  private readonly base: string;
  private readonly headers: Readonly<Record<string, string>>;
  readonly watcher: string;

  constructor({ url, token, watcher }: ServerOptions) {
    this.base = url.replace(/\/+$/, '');
    this.watcher = watcher;
    // Without a token a request has to show that it comes from no other site.
    const login = token ? { authorization: `Bearer ${token}` } : { origin: new URL(url).origin };
    this.headers = { ...login, accept: 'application/json', 'vpo-watcher': watcher };
  }

  /** Throws a ServerError; of a network failure with the status 0. 304 is an answer like any other. */
  async ask<T>(path: string, { method, json, bytes, headers, signal, deadline }: Sent): Promise<Received<T>> {
    const type = bytes ? 'application/octet-stream' : 'application/json';
    const body = bytes ?? (json === undefined ? undefined : JSON.stringify(json));
    const limit = AbortSignal.timeout(deadline ?? DEADLINE_MS);
    try {
      const response = await fetch(`${this.base}/api/${path}`, {
        method,
        redirect: 'manual',
        headers: { ...this.headers, ...(body === undefined ? {} : { 'content-type': type }), ...headers },
        ...(body === undefined ? {} : { body: body as string }),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      const text = await response.text();
      if (!response.ok && response.status !== 304) throw refusal(response.status, text);
      return {
        status: response.status,
        body: (text ? JSON.parse(text) : null) as T,
        headers: response.headers,
      };
    } catch (error) {
      if (error instanceof ServerError) throw error;
      const { cause, message } = error as Error;
      throw new ServerError(0, cause instanceof Error ? cause.message : message);
    }
  }
}

function refusal(status: number, text: string): ServerError {
  try {
    const { error, details } = JSON.parse(text) as { error: string; details?: Record<string, unknown> };
    return new ServerError(status, error, details);
  } catch {
    return new ServerError(status, `The server answered ${status}`);
  }
}
