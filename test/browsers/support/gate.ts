// Stands between a browser and the server: counts what is asked, however a browser counts it itself, and can be shut.
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Gate {
  readonly url: string;
  /** Paths below /api/ that were asked since `forget()`. */
  readonly asked: readonly string[];
  forget(): void;
  /** Shut: whatever is asked, and what is being answered, is cut off. */
  shut(isShut: boolean): void;
  end(): Promise<void>;
}

/** What a proxy between page and server may do to requests and answers. */
export interface Bend {
  /** Changes the request's headers on their way. */
  request?(headers: IncomingHttpHeaders): void;
  /** Changes the answer's headers on their way back. */
  answer?(headers: IncomingHttpHeaders): void;
  /** Gives an answer on only once it is whole. */
  isBuffering?: boolean;
  /** What takes longer than `ms` is answered by a status of the proxy's own, or cut off where that is 0. */
  impatient?: { readonly ms: number; readonly status: number };
}

export async function openGate(port: number, bend: Bend = {}): Promise<Gate> {
  let asked: string[] = [];
  let isShut = false;
  const open = new Set<IncomingMessage>();
  const pass = (from: IncomingMessage, to: ServerResponse): void => {
    if (from.url?.startsWith('/api/')) {
      asked.push(from.url);
      open.add(from);
      to.on('close', () => open.delete(from));
    }
    if (isShut) return void from.socket.destroy();
    bend.request?.(from.headers);
    const onward = request(
      { host: 'localhost', port, path: from.url, method: from.method, headers: from.headers },
      async (answer) => {
        clearTimeout(timer);
        bend.answer?.(answer.headers);
        const whole = bend.isBuffering ? await buffer(answer) : null;
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        if (whole) to.end(whole);
        else answer.pipe(to);
      },
    );
    const { ms, status } = bend.impatient ?? { ms: 2 ** 31 - 1, status: 0 };
    const timer = setTimeout(() => {
      if (status) to.writeHead(status).end('no answer from upstream');
      else from.socket.destroy();
      onward.destroy();
    }, ms);
    onward.on('error', () => to.destroy());
    to.on('close', () => {
      clearTimeout(timer);
      onward.destroy();
    });
    from.pipe(onward);
  };
  const server = createServer(pass).listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://localhost:${address.port}`,
    get asked() {
      return asked;
    },
    forget: () => {
      asked = [];
    },
    shut(shut) {
      isShut = shut;
      if (shut) for (const { socket } of open) socket.destroy();
    },
    end: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
