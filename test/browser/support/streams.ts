// A server of event streams beside the one of the polls: what it sends, when, and how it ends is the test's.
import { type Asked, type FakeServer, fakeServer, settle } from './page';

export interface FakeStream {
  readonly asked: Asked;
  /** Null once it has ended, by either side. */
  isOpen: boolean;
  send(text: string | Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** The connection breaks. */
  cut(): Promise<void>;
}

export interface StreamServer {
  readonly asked: Asked[];
  readonly inFlight: number;
  readonly streams: FakeStream[];
  /** The stream opened last. */
  readonly stream: FakeStream;
  /** Answers the polls. */
  answer: FakeServer['answer'];
  /** What is answered instead of a stream; undefined opens one. */
  refuse: (asked: Asked) => ReturnType<FakeServer['answer']> | undefined;
}

const encoder = new TextEncoder();

function openStream(asked: Asked): [FakeStream, Response] {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    cancel() {
      stream.isOpen = false;
    },
  });
  const close = async (how: () => void) => {
    if (stream.isOpen) how();
    stream.isOpen = false;
    await settle();
  };
  const stream: FakeStream = {
    asked,
    isOpen: true,
    async send(text) {
      controller.enqueue(typeof text === 'string' ? encoder.encode(text) : text);
      await settle();
    },
    end: () => close(() => controller.close()),
    cut: () => close(() => controller.error(new TypeError('network error'))),
  };
  asked.init.signal?.addEventListener('abort', () => void stream.cut());
  return [stream, new Response(body, { headers: { 'Content-Type': 'Text/Event-Stream; charset=utf-8' } })];
}

/** Polls are answered by `answer`; whatever accepts an event stream gets one. */
export function streamServer(answer: FakeServer['answer']): StreamServer {
  const streams: FakeStream[] = [];
  const own = { streams, answer, refuse: (() => undefined) as StreamServer['refuse'] };
  const server = fakeServer((asked, count) => {
    if (asked.headers.get('Accept') !== 'text/event-stream') return own.answer(asked, count);
    const refused = own.refuse(asked);
    if (refused) return refused;
    const [stream, response] = openStream(asked);
    streams.push(stream);
    return response;
  });
  return Object.defineProperties(own, {
    asked: { get: () => server.asked },
    inFlight: { get: () => server.inFlight },
    stream: { get: () => streams.at(-1) },
  }) as typeof own & StreamServer;
}

export const event = (body: unknown, head = ''): string => `${head}data: ${JSON.stringify(body)}\n\n`;
