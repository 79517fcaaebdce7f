// Answers between windows: the one that asks tells them, the others listen.
import type { Outcome, TransportEvents, Undo } from '../core/index';
import type { Reply } from './http';
import type { Endpoint } from './transport';
import { windows } from './windows';

/** A window that leads and says nothing for longer than any interval has no news for us. */
const PATIENCE_MS = 70_000;

/** What is asked, apart from the ETag. */
export type Question = readonly [url: string, from: number | undefined];

type Told = readonly [
  asked: string,
  tag: string | null,
  status: number,
  redirected: boolean,
  headers: [string, string][],
  bytes: Uint8Array,
];

/** Tells the other windows with this poll what was asked and answered. What is no answer says nothing to them. */
export function tell(name: string, asked: Question, tag: string | null, reply: Reply): void {
  const { status, redirected, headers, _bytes } = reply;
  const told: Told = [JSON.stringify(asked), tag, status, redirected, [...headers], _bytes];
  if (status) windows._tell(name, told);
}

/**
 * Listens until it is over: this window is the one to ask, or what is told doesn't fit what is shown here. `take` is what
 * is done with an answer of our own.
 */
export function listen(
  name: string,
  end: Endpoint,
  question: () => Question,
  take: (reply: Reply, asked: Question, events: TransportEvents) => Outcome,
  events: TransportEvents,
): Undo {
  let timer: ReturnType<typeof setTimeout>;
  const stop = () => {
    clearTimeout(timer);
    for (const undo of undos) undo();
  };
  const close = (outcome: Outcome) => {
    stop();
    events.closed(outcome);
  };
  const over = () => close({ result: 'over' });
  const expectMore = () => {
    clearTimeout(timer);
    timer = setTimeout(over, PATIENCE_MS);
  };
  const hear = (told: unknown) => {
    const [asked, tag, status, redirected, headers, _bytes] = told as Told;
    const reply = { status, redirected, headers: new Headers(headers), _bytes };
    const mine = question();
    const fits = status === 200 || tag === end._etag || reply.headers.get('ETag') === end._etag;
    if (asked !== JSON.stringify(mine) || !fits) return over();
    let isLast = false;
    const received: TransportEvents['received'] = (answer) => {
      isLast = answer.terminal;
      events.received(answer);
    };
    const outcome = take(reply, mine, { ...events, received });
    // After a terminal answer the last read is to be one of its own.
    if (isLast || outcome.result !== 'ok') close({ ...outcome, held: true });
    else expectMore();
  };
  const undos = [windows._hear(name, hear), windows._watch(name, over)];
  expectMore();
  return stop;
}
