// A JSON region as an endpoint: what to ask, what an answer must look like, what it says about the job.
import {
  ACTIVE_RULE,
  applyDelta,
  type Facts,
  parseRule,
  type Rule,
  readFacts,
  TERMINAL_RULE,
} from '../core/index';
import { emit } from './dom';
import { decode, type Reply } from './http';
import { parsePath, read } from './patch/index';
import { attribute, misread } from './settings';
import type { Endpoint } from './transport';

function rule(element: Element, name: string, otherwise: Rule): Rule {
  const text = attribute(element, name);
  const found = text ? parseRule(text) : otherwise;
  if (!found) misread(name, text);
  return found ?? otherwise;
}

/** 226 IM Used, RFC 3229. */
const DELTA = 226;

/** A tag without what compressing proxies do to it. */
const opaque = (tag: string | null) => tag?.replace(/^W\/|(--?|;)(gzip|br|zstd|deflate)(?="$)/g, '');

const isKeyed = (rows: unknown, key: ReturnType<typeof parsePath>): boolean =>
  Array.isArray(rows) && rows.every((row) => read(row, key) != null);

export interface JsonEndpoint extends Endpoint {
  /** Another query of the same resource; nothing of the former answer is kept. */
  _aim(url: string): void;
  /** Whether the server painted a record that has ended; undefined when it painted no status. */
  readonly _isEnded: boolean | undefined;
}

export function jsonEndpoint(element: Element, first: string): JsonEndpoint {
  const terminal = rule(element, 'terminal', TERMINAL_RULE);
  const active = rule(element, 'active', ACTIVE_RULE);
  // Keyed lists of the region itself: their paths start at the root of the answer.
  const lists = [...element.querySelectorAll('[data-vpo-each]')]
    .filter((each) => each.closest('[data-vpo-row],[data-vpo-src]') === element)
    .map((each) => ['each', 'key'].map((name) => parsePath(each.getAttribute(`data-vpo-${name}`) ?? '')));
  // A record shows its own status, outside of any row, or leaves telling it to another region and just states what
  // was painted; a list has none.
  const painted = element.matches('[data-status]')
    ? element
    : [element, ...element.querySelectorAll('[data-vpo-attr-data-status]')].find(
        (shown) =>
          shown.getAttribute('data-vpo-attr-data-status') === `{${terminal.path}}` &&
          !shown.closest('[data-vpo-row]'),
      );
  const isRecord = !lists.length || painted || element.hasAttribute('data-polling-terminal');
  const reading = { kind: isRecord ? 'record' : 'list', terminal, active } as const;
  let url = first;
  let shown: string | undefined;
  let kept: unknown;
  // What a delta is about: the one list of the region, which scripts may make another one of.
  const [[shownList, rowKey] = [], ...others] = lists;
  const rows = element.getAttribute('data-vpo-rows');
  const list = rows ? [rows] : shownList;
  const etag = element.getAttribute('data-vpo-etag');
  // Until the first body a list's painted rows say whether anything is going on.
  const isActive =
    !!isRecord ||
    !etag ||
    active.values.some((value) => element.querySelector(`[data-vpo-row][data-status="${value}"]`));
  let last: Facts = { terminal: false, active: isActive, more: false, attempt: null };

  return {
    _etag: etag,
    _kind: reading.kind,
    _isEnded: painted && terminal.values.includes(painted.getAttribute('data-status') ?? ''),
    _url: () => url,
    _aim(next) {
      url = next;
      shown = kept = undefined;
      this._etag = null;
    },
    get _base() {
      return !isRecord && list?.length === 1 && rowKey?.length === 1 && !others.length && kept;
    },
    _unchanged: () => ({ ...last, data: null, news: false }),
    _read({ status, headers, _bytes }: Reply) {
      const text = decode(_bytes);
      if (text === shown) return this._unchanged();
      let data: unknown = JSON.parse(text);
      if (status === DELTA) {
        const isOfKept = opaque(headers.get('Delta-Base')) === opaque(this._etag);
        data = isOfKept ? applyDelta(kept, data, list![0]!, rowKey![0]!) : null;
        if (!data) {
          return undefined;
        }
      }
      const facts = readFacts(data, reading);
      if (!facts) throw new Error();
      const detail = emit(element, 'data', { data });
      if (!lists.every(([path, key]) => isKeyed(read(detail.data, path!), key!))) throw new Error();
      shown = status === DELTA ? undefined : text;
      kept = data;
      last = facts;
      return { ...facts, data: detail.data, news: true };
    },
  };
}
