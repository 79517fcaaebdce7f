// Stands between a browser and the server: counts what is asked, however a browser counts it itself, and can be shut.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

export interface Gate {
  readonly url: string;
  /** Paths below /api/ that were asked since `forget()`. */
  readonly asked: readonly string[];
  forget(): void;
  /** Shut: whatever is asked, and what is being answered, is cut off. */
  shut(isShut: boolean): void;
  end(): Promise<void>;
}

export async function openGate(port: number): Promise<Gate> {
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
    const onward = request(
      { host: 'localhost', port, path: from.url, method: from.method, headers: from.headers },
      (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
      },
    );
    onward.on('error', () => to.destroy());
    to.on('close', () => onward.destroy());
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
