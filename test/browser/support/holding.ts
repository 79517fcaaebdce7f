// A server that holds polls until their answer changes, as ours does.
import { type Asked, type FakeServer, fakeServer, json, status } from './page';

export interface HoldingServer extends FakeServer {
  /** Held at the moment. */
  readonly held: number;
  /** The most that were, at a time. */
  readonly mostHeld: number;
  /** The answer changes, and with it whoever waits is answered. */
  change(body: object): void;
  /** Ends every hold in the way of a proxy. */
  cut(how: number | 'broken'): void;
  /** Milliseconds between requests. */
  gaps(): number[];
}

/** `holds` false: knows nothing of waiting. `longest`: seconds that it holds at most. `headers`: of each answer. */
export function holdingServer(
  body: object,
  { holds = true, longest = 25, headers = {} } = {},
): HoldingServer {
  const waiting = new Set<(answer: Response | 'broken' | null) => void>();
  let shown = body;
  let version = 1;
  let most = 0;
  const tag = () => `W/"${version}"`;
  const applied = ({ headers }: Asked): Record<string, string> => {
    const wait = /wait=(\d+)/.exec(headers.get('Prefer') ?? '')?.[1];
    return holds && wait ? { 'Preference-Applied': `wait=${wait}` } : {};
  };
  const answered = (asked: Asked): Response =>
    asked.headers.get('If-None-Match') === tag()
      ? status(304, { ETag: tag(), ...headers, ...applied(asked) })
      : json(shown, { headers: { ETag: tag(), ...headers, ...applied(asked) } });
  const server = fakeServer(async (asked) => {
    const wait = Number(/wait=(\d+)/.exec(asked.headers.get('Prefer') ?? '')?.[1] ?? 0);
    if (!holds || !wait || asked.headers.get('If-None-Match') !== tag()) return answered(asked);
    const told = await new Promise<Response | 'broken' | null>((resolve) => {
      const end = (answer: Response | 'broken' | null) => {
        clearTimeout(timer);
        waiting.delete(end);
        resolve(answer);
      };
      const timer = setTimeout(() => end(null), Math.min(wait, longest) * 1000);
      waiting.add(end);
      most = Math.max(most, waiting.size);
      asked.init.signal?.addEventListener('abort', () => end(null));
    });
    if (told === 'broken') throw new TypeError('Failed to fetch');
    return told ?? answered(asked);
  });
  const own: PropertyDescriptorMap & ThisType<HoldingServer> = Object.getOwnPropertyDescriptors({
    get held() {
      return waiting.size;
    },
    get mostHeld() {
      return most;
    },
    change(next: object) {
      shown = next;
      version++;
      for (const end of [...waiting]) end(null);
    },
    cut(how: number | 'broken') {
      for (const end of [...waiting]) end(how === 'broken' ? how : status(how));
    },
    gaps: () => server.asked.slice(1).map(({ at }, i) => at - server.asked[i]!.at),
  });
  return Object.defineProperties(server, own) as HoldingServer;
}
