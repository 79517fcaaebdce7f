// An OAuth token of GitLab that is renewed. A renewal ends the old tokens at once, for everybody who has them, so all processes
// share one file and renew one after the other. (RFC 6749, section 6; GitLab: OAuth 2.0 identity provider API.)
import { readFile, rename, writeFile } from 'node:fs/promises';
import { lock } from 'proper-lockfile';

/** A process that was killed while it renewed holds the lock no longer than this. */
const STALE_MS = 30_000;
const DEADLINE_MS = 15_000;

export interface OAuthOptions {
  /** JSON with `access_token` and `refresh_token`, as GitLab answers them; it is written anew with each renewal. */
  readonly file: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly host: string;
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export class OAuthToken {
  private last: string | null = null;

  constructor(private readonly options: OAuthOptions) {}

  /** What sets its limits apart from those of others: tokens come and go. */
  get account(): string {
    const { clientId, file } = this.options;
    return `oauth ${clientId} ${file}`;
  }

  /** As the file has it now: another process may have renewed it. Rejects with a sentence that names the file. */
  async token(): Promise<string> {
    const { access_token } = await this.read();
    this.last = access_token;
    return access_token;
  }

  /** Whether there is another token than the one that was given last. */
  async renew(): Promise<boolean> {
    const { file } = this.options;
    const refused = this.last;
    const release = await lock(file, {
      stale: STALE_MS,
      retries: { retries: 60, minTimeout: 50, maxTimeout: 500 },
    });
    try {
      const known = await this.read();
      if (known.access_token !== refused) return true;
      const fresh = await this.ask(known.refresh_token);
      if (!fresh) return false;
      // Whole or not at all: half a file would be the end of both tokens.
      const temporary = `${file}.${process.pid}.tmp`;
      await writeFile(temporary, JSON.stringify(fresh), { mode: 0o600 });
      await rename(temporary, file);
      return true;
    } finally {
      await release();
    }
  }

  private async read(): Promise<Tokens> {
    const { file } = this.options;
    const tokens = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Partial<Tokens>;
    const { access_token, refresh_token } = tokens;
    if (!access_token || !refresh_token)
      throw new Error(
        `${file} must hold JSON with 'access_token' and 'refresh_token', as GitLab answers them`,
      );
    return { access_token, refresh_token };
  }

  private async ask(refreshToken: string): Promise<(Tokens & Record<string, unknown>) | null> {
    const { clientId, clientSecret, host } = this.options;
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
      ...(clientSecret ? { client_secret: clientSecret } : {}),
    });
    const response = await fetch(`${host}/oauth/token`, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).catch(() => null);
    if (!response?.ok) return null;
    const fresh = (await response.json().catch(() => null)) as (Tokens & Record<string, unknown>) | null;
    return fresh?.access_token && fresh.refresh_token ? fresh : null;
  }
}
