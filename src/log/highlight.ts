// Marks what was searched for in the rows that are in the document, without touching them (CSS Custom Highlight API).
// Where a browser has none, the row of the current match is still marked.

const HIT = 'vpo-log-hit';
const CURRENT = 'vpo-log-match';

/** The characters from `from` to `to` of an element's text. */
function rangeIn(texts: readonly Text[], from: number, to: number): Range {
  const range = new Range();
  let passed = 0;
  let isSet = false;
  for (const text of texts) {
    const end = passed + text.length;
    if (!isSet && from < end) {
      range.setStart(text, from - passed);
      isSet = true;
    }
    if (to <= end) {
      range.setEnd(text, to - passed);
      break;
    }
    passed = end;
  }
  return range;
}

/** `isCurrent`: whether a match in this row, at this column, is the one the reader was led to. */
export function highlight(
  rows: Iterable<readonly [line: number, row: Element]>,
  query: string,
  isCurrent: (line: number, column: number) => boolean,
): void {
  const { highlights } = globalThis.CSS ?? {};
  if (!highlights || !(query || highlights.has(HIT))) return;
  const hits = new Highlight();
  const current = new Highlight();
  const pattern = new RegExp(query.replace(/[^\w\s]/g, '\\$&'), 'gi');
  if (query)
    for (const [line, row] of rows) {
      const span = row.querySelector('.log-text');
      if (!span) continue;
      const walker = document.createTreeWalker(span, NodeFilter.SHOW_TEXT, ({ parentElement }) =>
        parentElement?.tagName === 'SMALL' ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
      );
      const texts: Text[] = [];
      while (walker.nextNode()) texts.push(walker.currentNode as Text);
      for (const { 0: hit, index } of texts
        .map(({ data }) => data)
        .join('')
        .matchAll(pattern))
        (isCurrent(line, index) ? current : hits).add(rangeIn(texts, index, index + hit.length));
    }
  if (query) {
    highlights.set(HIT, hits);
    highlights.set(CURRENT, current);
  } else {
    highlights.delete(HIT);
    highlights.delete(CURRENT);
  }
}
