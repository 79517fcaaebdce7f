// The connection indicator: seven states, derived from all polls of the page each time, never from events. A page
// that uses VPO's interface alone sees VPO's three states in VPO's words and classes.
import { now, serverNow } from './clock';
import { make } from './dom';
import { isLeaving } from './lifecycle';
import { FORMATTERS } from './patch/index';
import { isPaused, type Poll, polls } from './polls';
import { say, word as words } from './words';

/** From best to worst: the worst poll decides. */
const STATES = 'finished connected connecting paused reconnecting error offline'.split(' ');
const HOUR_MS = 3_600_000;

/** What VPO's interface shows for each of its states: text, description. */
const VPO_WORDS = new Map([
  ['connected', ['Live', 'Live updates active']],
  ['reconnecting', ['Reconnecting', 'Reconnecting...']],
  ['error', ['Offline', 'Connection lost - retrying']],
]);

let manual: readonly [state: string, attempt: string] = ['', ''];

/** Of what the answers say alone. This is all that VPO's interface knows, which shows nothing before the first. */
export function answersOf({ _loop }: Poll): string {
  const { failures, answeredAt } = _loop.state;
  return failures ? (failures < 3 ? 'reconnecting' : 'error') : answeredAt === null ? '' : 'connected';
}

/** The state of one poll; '' when it does not count (not started, or stopped). */
export function stateOf(poll: Poll): string {
  const { word, why, reasons, floor } = poll._loop.state;
  if (word === 'idle') return poll._isEnded ? 'finished' : '';
  if (why) return why === 'stopped' ? '' : why === 'finished' ? why : why === 'gaveUp' ? 'paused' : 'error';
  if (word === 'paused') return reasons.includes('offline') ? 'offline' : 'paused';
  return floor - now() > HOUR_MS ? 'error' : answersOf(poll) || 'connecting';
}

/** What follows the state's own text: until when, whose, how old. It changes every second. */
function detail({ _loop, _name, _policy }: Poll, state: string, several: boolean): string {
  const { word, dueAt, answeredAt, failures, holds, wait: held } = _loop.state;
  const wait = dueAt - now();
  let text = '';
  if (state === 'error' && word === 'waiting')
    text = wait > HOUR_MS ? sayWhen(wait) : say('retrying', Math.max(0, Math.ceil(wait / 1000)));
  if (several && failures) text += ` (${_name})`;
  const age = now() - (answeredAt ?? Infinity);
  // What is held brings news by itself, until it is late.
  const fresh = holds && held ? (held + 5) * 1000 : 2 * _policy.interval;
  if (state !== 'finished' && age > fresh && (failures || word !== 'waiting'))
    text += say(
      'updated',
      FORMATTERS.get('ago')!(new Date(serverNow() - age).toISOString(), { words, now: serverNow }, false),
    );
  return text;
}

/** "retrying at 12:34:56", by the reader's clock. */
export const sayWhen = (wait: number): string =>
  say('retryAt', new Date(Date.now() + wait).toLocaleTimeString());

/** Shows the state of the page. True when what it shows grows older by itself. */
export function renderIndicator(): boolean {
  if (isLeaving()) return !isPaused();
  const isVpo = [...polls].every(({ _element }) => !_element);
  let worst: Poll | undefined;
  let [state, attempt] = isVpo ? manual : ['', ''];
  let counted = 0;
  for (const poll of polls) {
    const next = isVpo ? answersOf(poll) : stateOf(poll);
    if (next) counted++;
    if (STATES.indexOf(next) > STATES.indexOf(state)) [worst, state, attempt] = [poll, next, ''];
  }
  if (isVpo && state) showVpo(state, attempt);
  if (isVpo || !worst) return false;
  const { word, why } = worst._loop.state;
  // An end that needs a person says which.
  const key = why === 'gaveUp' ? why : why && state === 'error' ? worst._reason : state;
  const more = detail(worst, state, counted > 1);
  for (const element of document.querySelectorAll('#connection-status,[data-vpo-connection]'))
    show(element, state, say(key), more);
  return /open|paused/.test(word) || (word === 'waiting' && !!more);
}

const set = (element: Element, name: string, value: string): void => {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
};

const parts = new WeakMap<Element, readonly [Text, Text]>();

/** The state is announced when it changes; the detail ticks, so it is kept from assistive technology. */
function show(element: Element, state: string, ...texts: string[]): void {
  let nodes = parts.get(element);
  if (!nodes) {
    nodes = [new Text(), new Text()];
    parts.set(element, nodes);
    element.replaceChildren(nodes[0], make('span', { 'aria-hidden': 'true' }, nodes[1]));
    set(element, 'role', element.getAttribute('role') ?? 'status');
  }
  set(element, 'data-state', state);
  nodes.forEach((node, i) => {
    if (node.data !== texts[i]) node.data = texts[i]!;
  });
}

function showVpo(state: string, attempt: string): void {
  const element = document.getElementById('connection-status');
  if (!element) return;
  const [text, title] = VPO_WORDS.get(state) ?? ['Unknown', 'Unknown'];
  if (element.textContent !== text) element.textContent = text!;
  set(element, 'class', `connection-status connection-status--${state}`);
  set(element, 'title', title + attempt);
  set(element, 'aria-label', title + attempt);
}

/** VPO's own call. It is one more voice: with several, the worst is shown, not the last. */
export function setConnectionStatus(status: string, info?: { attempt?: number; maxAttempts?: number }): void {
  const { attempt, maxAttempts } = info ?? {};
  const of = maxAttempts ? ` of ${maxAttempts}` : '';
  manual = [status, attempt && status === 'reconnecting' ? ` (attempt ${attempt}${of})` : ''];
  renderIndicator();
}
