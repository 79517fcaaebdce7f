// The connection indicator: seven states, derived from all polls of the page each time, never from events. A page
// that uses VPO's interface alone sees VPO's three states in VPO's words and classes.

import { now, serverNow } from './clock';
import { isLeaving } from './lifecycle';
import { FORMATTERS } from './patch/index';
import { isPaused, type Poll, polls } from './polls';
import { say, word as wordOf } from './words';

/** From best to worst: the worst poll decides. */
const STATES = ['finished', 'connected', 'connecting', 'paused', 'reconnecting', 'error', 'offline'] as const;
export type ConnectionState = (typeof STATES)[number];

const HOUR_MS = 3_600_000;
const FAILURES_UNTIL_ERROR = 3;

/** What VPO's interface shows for each of its states: text, description. */
const VPO_WORDS: Record<string, readonly [string, string]> = {
  connected: ['Live', 'Live updates active'],
  reconnecting: ['Reconnecting', 'Reconnecting...'],
  error: ['Offline', 'Connection lost - retrying'],
};

const ago = (at: number) =>
  FORMATTERS.get('ago')!(new Date(at).toISOString(), { words: wordOf, now: serverNow }, false);

let manual: readonly [string, string] | null = null;

/** The state of one poll; null when it does not count (not started, or stopped). */
export function stateOf(poll: Poll): ConnectionState | null {
  const { word, why, reasons, failures, answeredAt, floor } = poll._loop.state;
  if (word === 'idle' && poll._isEnded) return 'finished';
  if (word === 'idle' || why === 'stopped') return null;
  if (why) return why === 'finished' ? 'finished' : why === 'gaveUp' ? 'paused' : 'error';
  if (word === 'paused') return reasons.includes('offline') ? 'offline' : 'paused';
  if (failures >= FAILURES_UNTIL_ERROR || floor - now() > HOUR_MS) return 'error';
  return failures ? 'reconnecting' : answeredAt === null ? 'connecting' : 'connected';
}

/** VPO's interface knows three states, and none before the first answer. */
export const vpoStateOf = (poll: Poll): string | null => {
  const { failures, answeredAt } = poll._loop.state;
  if (failures) return failures < FAILURES_UNTIL_ERROR ? 'reconnecting' : 'error';
  return answeredAt === null ? null : 'connected';
};

const rank = (state: string): number => STATES.indexOf(state as ConnectionState);

/** What follows the state's own text: why or until when, whose, how old. It changes every second. */
function detail(poll: Poll, state: ConnectionState, several: boolean): string {
  const { word, why, dueAt, answeredAt, failures } = poll._loop.state;
  let text = '';
  if (state === 'error' && why) text = ` – ${say(poll._reason)}`;
  else if (state === 'error' && word === 'waiting') {
    const wait = dueAt - now();
    text =
      wait > HOUR_MS
        ? say('retryAt', new Date(Date.now() + wait).toLocaleTimeString())
        : say('retrying', Math.max(0, Math.ceil(wait / 1000)));
  }
  if (several && failures) text += ` (${poll._name})`;
  const age = now() - (answeredAt ?? Infinity);
  if (state !== 'finished' && age > 2 * poll._interval && (failures || word !== 'waiting'))
    text += say('updated', ago(serverNow() - age));
  return text;
}

/** Shows the state of the page. True when what it shows grows older by itself. */
export function renderIndicator(): boolean {
  if (isLeaving()) return !isPaused();
  let worst: readonly [Poll, ConnectionState] | null = null;
  let counted = 0;
  for (const poll of polls) {
    const state = stateOf(poll);
    if (!state) continue;
    counted++;
    if (!worst || rank(state) > rank(worst[1])) worst = [poll, state];
  }
  if ([...polls].every((poll) => poll._vpo)) {
    renderVpo();
    return false;
  }
  if (!worst) return false;
  const [poll, state] = worst;
  const text = poll._loop.state.why === 'gaveUp' ? say('gaveUp') : say(state);
  const more = detail(poll, state, counted > 1);
  for (const element of document.querySelectorAll('#connection-status,[data-vpo-connection]'))
    show(element, state, text, more);
  const { word } = poll._loop.state;
  return word === 'open' || word === 'paused' || (word === 'waiting' && !!more);
}

const parts = new WeakMap<Element, readonly [Text, Text]>();

/** The state is announced when it changes; the detail ticks, so it is kept from assistive technology. */
function show(element: Element, state: string, text: string, more: string): void {
  let nodes = parts.get(element);
  if (!nodes) {
    if (!element.hasAttribute('role')) element.setAttribute('role', 'status');
    nodes = [new Text(), new Text()];
    parts.set(element, nodes);
    const aside = document.createElement('span');
    aside.setAttribute('aria-hidden', 'true');
    aside.append(nodes[1]);
    element.replaceChildren(nodes[0], aside);
  }
  if (element.getAttribute('data-state') !== state) element.setAttribute('data-state', state);
  [text, more].forEach((value, i) => {
    if (nodes[i]!.data !== value) nodes[i]!.data = value;
  });
}

function renderVpo(): void {
  let worst = manual;
  for (const poll of polls) {
    const state = vpoStateOf(poll);
    if (state && (!worst || rank(state) > rank(worst[0]))) worst = [state, ''];
  }
  const element = document.getElementById('connection-status');
  if (!element || !worst) return;
  const [status, attempt] = worst;
  const [text, title] = Object.hasOwn(VPO_WORDS, status) ? VPO_WORDS[status]! : ['Unknown', 'Unknown'];
  const name = `connection-status connection-status--${status}`;
  if (element.className !== name) element.className = name;
  if (element.textContent !== text) element.textContent = text;
  element.title = title + attempt;
  element.setAttribute('aria-label', title + attempt);
}

/** VPO's own call. It is one more voice: with several, the worst is shown, not the last. */
export function setConnectionStatus(status: string, info?: { attempt?: number; maxAttempts?: number }): void {
  const attempt =
    status === 'reconnecting' && info?.attempt
      ? ` (attempt ${info.attempt}${info.maxAttempts ? ` of ${info.maxAttempts}` : ''})`
      : '';
  manual = [status, attempt];
  renderIndicator();
}
