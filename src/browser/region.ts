// A region: an element with its poll and, for JSON, its view.
import {
  ON_PAGE,
  POLICIES,
  type Policy,
  type PolicyName,
  type Publication,
  policy,
  type Transport,
  type Undo,
} from '../core/index';
import { serverNow } from './clock';
import { controlsOf, HOME, showNew } from './controls';
import { warn } from './debug';
import { emit } from './dom';
import { isOurs } from './http';
import { stateOf } from './indicator';
import { type JsonEndpoint, jsonEndpoint } from './json';
import { createLog, type LogPane } from './log';
import { announce, notice } from './notice';
import { changed, join, ticker } from './page';
import { createView, type View } from './patch/index';
import { createPoll, type Poll } from './polls';
import {
  allowedOrigins,
  attribute,
  intervals,
  isEnabled,
  matches,
  misread,
  thrift,
  waitOf,
} from './settings';
import { streamTransport } from './stream';
import { type Endpoint, httpTransport } from './transport';
import { word as words } from './words';

export interface Region {
  readonly _poll: Poll;
  readonly _log: LogPane | null;
  readonly _json: JsonEndpoint | null;
  readonly _stop: Undo;
  /** Lets in what waits outside: new rows, or the reader to the end of a log. */
  _letIn(): void;
  /** What the last answer with a body said; undefined before it. */
  _data(): unknown;
  /** Shows other data than was answered; `isPart`: what it does not name stays as it is. */
  _show(data: unknown, isPart: boolean): void;
}

export const regions = new Map<Element, Region>();

function parse(text: string): URL | null {
  try {
    const url = new URL(text, document.baseURI);
    if (isOurs(url.href) || allowedOrigins().includes(url.origin)) return url;
  } catch {
    // Said below, as for any other address that can't be polled.
  }
  warn(`${text} is not of this origin, nor of those in data-vpo-origins`);
  return null;
}

/** Where a region's events are: `/api/jobs` has them at `/api/events/jobs`. Null when it is to be polled. */
function eventsOf(element: Element, { origin, pathname }: URL): URL | null {
  const name = attribute(element, 'transport') ?? 'poll';
  if (name === 'sse')
    return parse(
      element.getAttribute('data-polling-events') ?? origin + pathname.replace(/[^/]*$/, 'events/$&'),
    );
  if (name !== 'poll') misread('transport', name);
  return null;
}

function policyOf(element: Element, isLog: boolean): Policy {
  const { interval, log, idle } = intervals(element);
  let name = (attribute(element, 'policy') ?? (isLog ? 'log' : 'job')) as PolicyName;
  if (!Object.hasOwn(POLICIES, name)) {
    misread('policy', name);
    name = 'job';
  }
  const own: Partial<Record<PolicyName, Partial<Policy>>> = {
    log: { interval: log },
    job: { interval, idleInterval: idle },
  };
  const given = element.hasAttribute('data-polling-interval') && { interval };
  const row = policy(name, own[name] ?? { ...ON_PAGE[name], ...given });
  const factor = thrift();
  return {
    ...row,
    interval: row.interval * factor,
    idleInterval: row.idleInterval * factor,
    wait: waitOf(element, row.wait),
  };
}

/** The job that a log belongs to: the region around it, else the page's first. */
const jobOf = (log: Element): Element | null =>
  log.closest('[data-vpo-src]') ?? document.querySelector('[data-vpo-src]');

/** Once a job has ended its logs are read at once, to their ends; a new attempt opens them again. */
function tellLogs(element: Element, isDone: boolean): void {
  for (const { _log, _poll } of regions.values())
    if (_log && jobOf(_poll._element!) === element && _log._setJobDone(isDone))
      _poll._loop.dispatch({ type: 'refresh' });
}

/** A system notification for those who pressed the button. */
function tellPeople(element: Element): void {
  if (!controlsOf(element, 'data-vpo-notify').some((button) => button.matches('[aria-pressed=true]'))) return;
  try {
    new Notification(document.title);
  } catch {
    // Phones show notifications of service workers only.
  }
}

/**
 * Whether new rows would move what somebody looks at, points to, has ticked or marks: a list that is scrolled into, or
 * one of its later pages, where each new row pushes another one in at the top.
 */
function isReading(list: Element, url: string): boolean {
  const selection = getSelection();
  return (
    list.getBoundingClientRect().top < 0 ||
    /[?&](offset=[1-9]|cursor=.)/.test(url) ||
    list.matches(':hover') ||
    !!list.querySelector('input:checked') ||
    list.contains(document.activeElement) ||
    (!!selection && !selection.isCollapsed && list.contains(selection.anchorNode))
  );
}

/** How a region is read, and what names that to the other windows. */
function transportOf(
  element: Element,
  end: Endpoint,
  json: JsonEndpoint | null,
  url: URL,
  { interval, wait }: Policy,
  signal: AbortSignal,
): [key: () => string, transport: Transport] {
  const address = json && eventsOf(element, url);
  // First whether it may be held: windows share how many of those there are.
  const key = () => `${(wait || address) && 'h'} ${wait} ${interval} ${json?._url() ?? url}`;
  const polling = httpTransport(end, attribute(element, 'headers') ?? '', wait > 0, key);
  return [key, address ? streamTransport(json, polling, address, key, signal) : polling];
}

function tellScripts(element: Element, type: string, poll: Poll): void {
  const { word, why } = poll._loop.state;
  const isPolling = /waiting|open/.test(word);
  emit(element, 'state', { type, state: stateOf(poll), isPolling, why, message: poll._reason });
}

/** An element of a script shows nothing: it tells. */
const viewOf = (element: Element, holdsNewRows: (list: Element) => boolean): View | null =>
  element.isConnected
    ? createView(element, {
        words,
        now: serverNow,
        _ticker: ticker,
        announce,
        warn,
        _reducedMotion: () => matches('(prefers-reduced-motion: reduce)'),
        // New rows wait only where a button lets them in.
        _holdNewRows: (list) => !!controlsOf(element, 'data-vpo-new')[0] && holdsNewRows(list),
      })
    : null;

/** Null for an element that may not be polled. */
export function createRegion(element: Element): Region | null {
  const isLog = element.hasAttribute('data-vpo-log');
  const url = parse(element.getAttribute(isLog ? 'data-vpo-log' : 'data-vpo-src')!);
  if (!url) return null;
  const scope = new AbortController();
  const log = isLog ? createLog(element, url.href, scope.signal) : null;
  const json = isLog ? null : jsonEndpoint(element, url.href);
  const end = log ?? json!;
  let isOpen = false;
  let wasActive = false;
  let shown: unknown;
  let undoNotice: Undo | undefined;
  const view = json && viewOf(element, (list) => !isOpen && isReading(list, json._url()));
  let waiting = 0;
  const paint = () => {
    if (view) waiting = view.paint(shown)._waiting;
    showNew(element, waiting, 'new');
  };

  const publish = (event: Publication) => {
    const { _loop } = poll;
    if (event.type === 'data') {
      const { news, data, terminal, active } = event.answer;
      undoNotice?.();
      element.removeAttribute('aria-busy');
      if (json && news) {
        shown = data;
        paint();
      }
      // What made new rows wait may be over, also by this answer: ticked rows may have gone with it.
      if (waiting) paint();
      if (json?._kind === 'record') tellLogs(element, terminal);
      else if (json && wasActive && !active) tellPeople(element);
      wasActive = active;
      if (poll._isEnded && !terminal) {
        poll._isEnded = false;
        _loop.dispatch({ type: 'start' });
      }
    } else if (event.type === 'trouble') {
      const { result, message = '' } = event.outcome;
      poll._reason = message;
      if (result !== 'failed') element.removeAttribute('aria-busy');
      undoNotice?.();
      if (/gone|signIn/.test(message)) undoNotice = notice(element, message);
    } else if (event.type === 'finished') tellPeople(element);
    tellScripts(element, event.type, poll);
    changed();
  };
  const settings = policyOf(element, isLog);
  const [key, transport] = transportOf(element, end, json, url, settings, scope.signal);
  const poll = createPoll(settings, transport, publish, {
    _name: element.getAttribute('aria-label') || element.id || url.pathname,
    _origin: url.origin,
    _key: key,
    _element: element,
    _isEnded: end._isEnded,
  });
  const isDone = regions.get(jobOf(element)!)?._poll._isEnded;
  log?._setJobDone(isDone);
  // A log that is still being written is read at its end, one of the past from its beginning.
  if (!isDone && !end._isEnded) log?._showTail();
  const leave = join(poll, isEnabled(element) && !end._isEnded);
  const region: Region = {
    _poll: poll,
    _log: log,
    _json: json,
    _letIn() {
      log?._showTail();
      // The button that was pressed hides: whoever uses the keyboard goes on where the news is.
      (element as HTMLElement).focus({ preventScroll: true });
      isOpen = true;
      if (shown) paint();
      isOpen = false;
    },
    _data: () => shown,
    _show(data, isPart) {
      if (!isPart) shown = data;
      view?.paint(data, isPart);
    },
    _stop() {
      regions.delete(element);
      leave();
      scope.abort();
      view?._dispose();
      undoNotice?.();
    },
  };
  if (element.isConnected) regions.set(element, region);
  return region;
}

export const findRegions = (root: ParentNode & Node): void => {
  const found = [...root.querySelectorAll(HOME)];
  if (root instanceof Element && root.matches(HOME)) found.unshift(root);
  for (const element of found) if (element.isConnected && !regions.has(element)) createRegion(element);
};

export const stopRegions = (isGone: (element: Element) => boolean): void => {
  for (const [element, { _stop }] of regions) if (isGone(element)) _stop();
};
