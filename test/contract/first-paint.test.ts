// @vitest-environment jsdom
// The server paints a page from the same data that the script will be given: painting it once more must not find
// a single thing to write. test/server/pages/test_first_paint.py makes and checks the file.
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTicker, createView, type ViewContext } from '../../src/browser/patch/index';

interface Golden {
  readonly words: Record<string, string>;
  readonly now: number;
  readonly cases: readonly { readonly name: string; readonly data: unknown; readonly html: string }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('first-paint.json', `file://${import.meta.dirname}/`), 'utf8'),
);
const warnings: string[] = [];
const context: ViewContext = {
  words: (key) => golden.words[key],
  now: () => golden.now,
  _ticker: createTicker(() => golden.now),
  _reducedMotion: () => false,
  announce: (text) => {
    warnings.push(`announced ${text}`);
  },
  warn: (...said) => {
    warnings.push(said.join(' '));
  },
};

/** What the script writes when it paints `data` over `html`, as the browser records it. */
function repaint(html: string, data: unknown): string[] {
  document.body.innerHTML = html;
  const root = document.body.firstElementChild!;
  const observer = new MutationObserver(() => {});
  observer.observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
    characterDataOldValue: true,
  });
  const view = createView(root, context);
  view.paint(data);
  const records = observer
    .takeRecords()
    // jsdom reports a text node that normalize() left as it was.
    .filter(({ type, target, oldValue }) => type !== 'characterData' || target.textContent !== oldValue)
    .map(
      ({ type, attributeName, target }) =>
        `${type} ${attributeName ?? ''} ${(target.parentElement ?? root).outerHTML.slice(0, 200)}`,
    );
  view._dispose();
  return records;
}

// Times are localised where they are shown; in UTC that is the server's text.
beforeAll(() => {
  process.env.TZ = 'UTC';
});
afterEach(() => {
  document.body.replaceChildren();
  warnings.length = 0;
});

describe('the first paint', () => {
  it.each(golden.cases)('of $name is what the script would paint', ({ html, data }) => {
    expect(repaint(html, data)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('would not pass as such if one value differed', () => {
    const { html, data } = golden.cases[0]!;
    const other = structuredClone(data) as { jobs: { status: string }[] };
    other.jobs[0]!.status = 'running';
    expect(repaint(html, other).length).toBeGreaterThan(0);
  });
});
