// The binding language as the browser speaks it; test/server reads the same vectors for the server.
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../src/browser/patch/condition';
import { FORMATTERS, type FormatContext } from '../../src/browser/patch/formatters';
import { read } from '../../src/browser/patch/path';
import { fill, parseTemplate, type Template } from '../../src/browser/patch/template';
import { fillUrl } from '../../src/browser/patch/urls';

interface Vectors {
  words: Record<string, string>;
  cases: { formatter: string; value: unknown; now?: string; expected: string }[];
  templates: { template: string; data: unknown; expected: string | null }[];
  urls: { template: string; data: unknown; expected: string | null }[];
  shows: { show: string; data: unknown; expected: boolean }[];
}

// Not imported: half a surrogate pair is JSON, but not to the bundler's own parser.
const vectors: Vectors = JSON.parse(readFileSync(new URL('formatters.json', import.meta.url), 'utf8'));
const { words } = vectors;

const at = (now = '2026-11-22T03:14:05.000Z'): FormatContext => ({
  words: (key) => (Object.hasOwn(words, key) ? words[key] : undefined),
  now: () => Date.parse(now),
});

const parse = (source: string): Template => parseTemplate(source)!;

const valuesOf = (template: Template, data: unknown): unknown[] =>
  template._fields.map(({ _path }) => read(data, _path));

describe('the vectors that browser and server share', () => {
  it('name every formatter there is', () => {
    expect(new Set(vectors.cases.map((one) => one.formatter))).toEqual(new Set(FORMATTERS.keys()));
  });

  it.each(vectors.cases)('$formatter of $value', (one) => {
    const format = FORMATTERS.get(one.formatter)!;
    expect(format(one.value, at(one.now), false) ?? '').toBe(one.expected);
  });

  it.each(vectors.templates)('$template with $data', ({ template, data, expected }) => {
    const parsed = parse(template);
    expect(fill(parsed, valuesOf(parsed, data), at(), false)).toBe(expected);
  });

  it.each(vectors.urls)('the URL $template with $data', ({ template, data, expected }) => {
    const parsed = parse(template);
    expect(fillUrl(parsed, valuesOf(parsed, data), at())).toBe(expected);
  });

  it.each(vectors.shows)('$show with $data', ({ show, data, expected }) => {
    expect(parseCondition(show)(data)).toBe(expected);
  });

  it('never lead out of the folder that the template names, whatever the data', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('.', '/', '\\', ':', '%2e', '@', '?', '#', '\n', 'a', '\ud800'),
    });
    const folders = [
      '/x/{a}',
      '/x/{a}/{b}',
      '/x/{a|path}',
      '/x/{a}{b|path}',
      '/x/{a}?q={b}',
      '/x/{a}.{b}',
      '/x/y{a|path}/{b}',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...folders), hostile, hostile, (source, a, b) => {
        const template = parse(source);
        const filled = fillUrl(template, valuesOf(template, { a, b }), at());
        if (filled === null) return;
        const { origin, pathname } = new URL(filled, 'https://page.example/jobs/');
        expect(origin).toBe('https://page.example');
        expect(pathname).toMatch(/^\/x\/./);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a time inside <time>', () => {
  it('is the same instant in the zone of the reader, which it names', () => {
    const shown = FORMATTERS.get('time')!('2026-07-01T12:00:00.000Z', at(), true)!;
    expect(shown).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+$/);
    const here = new Date('2026-07-01T12:00:00.000Z');
    expect(shown.slice(11, 13)).toBe(String(here.getHours()).padStart(2, '0'));
  });
});

describe('relative times', () => {
  it('take their words from the catalogue', () => {
    const german: FormatContext = {
      now: () => Date.parse('2026-11-22T03:14:05Z'),
      words: (key) => ({ ago: 'vor {}', 'just now': 'gerade eben' })[key],
    };
    const ago = FORMATTERS.get('ago')!;
    expect(ago('2026-11-22T03:09:05Z', german, false)).toBe('vor 5 min');
    expect(ago('2026-11-22T03:14:05Z', german, false)).toBe('gerade eben');
  });
});
