// A region: an element with its poll and, for JSON, its view.
import {
  createLoop,
  ON_PAGE,
  POLICIES,
  type Policy,
  type PolicyName,
  type Publication,
  policy,
  type Undo,
} from '../core/index';
import { clock, now, serverNow } from './clock';
import { controlsOf, showNew } from './controls';
import { debug, warn } from './debug';
import { isOurs } from './http';
import { type JsonEndpoint, jsonEndpoint } from './json';
import { createLog, type LogPane } from './log';
import { announce, notice, seeBuild } from './notice';
import { changed, join, ticker } from './page';
import { createView, type ViewContext } from './patch/index';
import type { Poll } from './polls';
import { allowedOrigins, attribute, intervals, isEnabled, thrift } from './settings';
import { httpTransport } from './transport';
import { word as words } from './words';

export interface Region {
  readonly _poll: Poll;
  readonly _log: LogPane | null;
  readonly _json: JsonEndpoint | null;
  readonly _stop: Undo;
  /** Lets in what waits outside: new rows, or the reader to the end of a log. */
  _letIn(): void;
}

export const regions = new Map<Element, Region>();

const parse = (text: string | null): URL | null => {
  const url = URL.canParse(text ?? '', document.baseURI) ? new URL(text!, document.baseURI) : null;
  if (url && (isOurs(url.href) || allowedOrigins().includes(url.origin))) return url;
  warn(`${text} is not of this origin, nor of those in data-vpo-origins`);
  return null;
};

function policyOf(element: Element, isLog: boolean): Policy {
  const { interval, log, idle } = intervals(element);
  let name = (attribute(element, 'policy') ?? (isLog ? 'log' : 'job')) as PolicyName;
  if (!Object.hasOwn(POLICIES, name)) {
    warn(`unknown policy ${name}`);
    name = 'job';
  }
  const row =
    name === 'log'
      ? policy(name, { interval: log })
      : name === 'job'
        ? policy(name, { interval, idleInterval: idle })
        : policy(name, {
            ...ON_PAGE[name],
            ...(element.hasAttribute('data-polling-interval') && { interval }),
          });
  const factor = thrift();
  return { ...row, interval: row.interval * factor, idleInterval: row.idleInterval * factor };
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

const painter = (element: Element, isOpen: () => boolean) => {
  const context: ViewContext = {
    words,
    now: serverNow,
    ticker,
    announce,
    warn,
    reducedMotion: () => !!globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches,
    // A reader who has scrolled into the list keeps their place; the rest sees new rows at once.
    holdNewRows: (list) =>
      !isOpen() && list.getBoundingClientRect().top < 0 && controlsOf(element, 'data-vpo-new').length > 0,
  };
  return createView(element, context);
};

/** A system notification for those who pressed the button. */
function tellPeople(element: Element): void {
  if (
    !controlsOf(element, 'data-vpo-notify').some((button) => button.getAttribute('aria-pressed') === 'true')
  )
    return;
  try {
    new Notification(document.title);
  } catch {
    // Phones show notifications of service workers only.
  }
}

/** Null when it may not be polled. */
export function createRegion(element: Element): Region | null {
  const isLog = element.hasAttribute('data-vpo-log');
  const url = parse(element.getAttribute(isLog ? 'data-vpo-log' : 'data-vpo-src'));
  if (!url) return null;
  const scope = new AbortController();
  const log = isLog ? createLog(element, url.href, scope.signal) : null;
  const json = isLog ? null : jsonEndpoint(element, url.href);
  const end = log ?? json!;
  const row = policyOf(element, isLog);
  let isOpen = false;
  let shown: unknown;
  let undoNotice: Undo | undefined;
  const view = json && painter(element, () => isOpen);
  const paint = () => view && showNew(element, view.paint(shown).waiting, 'new');

  const publish = (event: Publication) => {
    const { word, why, reasons, failures, dueAt } = loop.state;
    if (event.type === 'data') {
      undoNotice?.();
      element.removeAttribute('aria-busy');
      if (json && event.answer.news) {
        shown = event.answer.data;
        paint();
      }
      if (json) tellLogs(element, event.answer.terminal);
      if (poll._isEnded && !event.answer.terminal) {
        poll._isEnded = false;
        loop.dispatch({ type: 'start' });
      }
    } else if (event.type === 'trouble') {
      const { result, message } = event.outcome;
      poll._reason = message;
      if (result !== 'failed') element.removeAttribute('aria-busy');
      if (message === 'gone' || message === 'signIn') {
        undoNotice?.();
        undoNotice = notice(element, message);
      }
    }
    if (event.type === 'finished') tellPeople(element);
    if (event.type === 'state')
      debug(
        poll._name,
        word,
        why ?? reasons.join(),
        `${failures} failures`,
        word === 'waiting' ? `next in ${Math.round(dueAt - now())} ms` : '',
      );
    changed();
  };
  const transport = httpTransport(end, attribute(element, 'headers') ?? '', ({ headers }) =>
    seeBuild(headers.get('VPO-Build')),
  );
  const loop = createLoop({ policy: row, clock, random: Math.random, transport, sink: { publish } });
  const poll: Poll = {
    _loop: loop,
    _name: element.getAttribute('aria-label') || element.id || url.pathname,
    _origin: url.origin,
    _vpo: false,
    _interval: row.interval,
    _enabled: isEnabled(element),
    _element: element,
    _reason: '',
    _isEnded: end._isEnded,
  };
  const region: Region = {
    _poll: poll,
    _log: log,
    _json: json,
    _letIn() {
      log?._showTail();
      isOpen = true;
      if (shown) paint();
      isOpen = false;
    },
    _stop() {
      leave();
      scope.abort();
      view?.dispose();
      undoNotice?.();
      regions.delete(element);
    },
  };
  regions.set(element, region);
  const job = isLog && regions.get(jobOf(element)!);
  if (job) log!._setJobDone(job._poll._isEnded);
  const leave = join(poll);
  return region;
}
