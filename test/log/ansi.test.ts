// One line as a terminal would leave it, against a library that knows the same sequences.
import Anser from 'anser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classes, nearest, PLAIN, render, type Style } from '../../src/log/ansi';

const E = '\u001b';
const show = (line: string, style?: Style) =>
  render(line, style ?? PLAIN)._runs.map(({ _text, _style }) => [_text, classes(_style)]);

describe('a line of a terminal', () => {
  it.each([
    ['plain', [['plain', '']]],
    [
      `${E}[31mred${E}[0m on`,
      [
        ['red', 'ansi-fg-1'],
        [' on', ''],
      ],
    ],
    [
      `${E}[1;4;93mloud${E}[22;24;39m soft`,
      [
        ['loud', 'ansi-bold ansi-underline ansi-fg-11'],
        [' soft', ''],
      ],
    ],
    [
      `${E}[38;5;208ma${E}[48;5;17mb`,
      [
        ['a', 'ansi-fg-208'],
        ['b', 'ansi-fg-208 ansi-bg-17'],
      ],
    ],
    [
      `${E}[38;2;255;0;0ma${E}[38:2::0:0:255mb${E}[38:5:9mc`,
      [
        ['a', 'ansi-fg-196'],
        ['b', 'ansi-fg-21'],
        ['c', 'ansi-fg-9'],
      ],
    ],
    [
      `${E}[7ma${E}[31mb${E}[27mc`,
      [
        ['a', 'ansi-fg-paper ansi-bg-ink'],
        ['b', 'ansi-fg-paper ansi-bg-1'],
        ['c', 'ansi-fg-1'],
      ],
    ],
    ['10%\r50%\r100%', [['100%', '']]],
    ['all of it\r', [['all of it', '']]],
    [`gone\r${E}[K`, []],
    [`gone${E}[2K\rthere`, [['there', '']]],
    [`a${E}[2Jb${E}[10;20Hc${E}(Bd${E}[?25le\u0000\u0007f\tg`, [['abcdef\tg', '']]],
    [`${E}]0;title\u0007text`, [['text', '']]],
    [`cut ${E}]8;;https://e`, [['cut 8;;https://e', '']]],
    [`cut ${E}[3`, [['cut 3', '']]],
    ['\u202eabc', [['\u202eabc', '']]],
  ])('%j', (line, runs) => {
    expect(show(line)).toEqual(runs);
  });

  it('links only to http and https', () => {
    const href = (url: string) =>
      render(`${E}]8;id=1;${url}${E}\\text${E}]8;;${E}\\ after`, PLAIN)._runs.map((run) => run._style._href);
    expect(href('https://example.com/a;b')).toEqual(['https://example.com/a;b', '']);
    for (const url of ['javascript:alert(1)', 'data:text/html,x', ' https://x', 'file:///etc/passwd'])
      expect(href(url)).toEqual(['', '']);
  });

  it('ends with the style that the next line begins with, also where its text was overwritten', () => {
    const { _style } = render(`${E}[1ma\r${E}[32mb`, PLAIN);
    expect(show('next', _style)).toEqual([['next', 'ansi-bold ansi-fg-2']]);
  });

  it('a true colour is the nearest of 256', () => {
    const level = (step: number) => (step ? 55 + 40 * step : 0);
    const colours = [
      ...Array.from(
        { length: 216 },
        (_, i) => [i + 16, level(Math.floor(i / 36)), level(Math.floor(i / 6) % 6), level(i % 6)] as const,
      ),
      ...Array.from({ length: 24 }, (_, i) => [232 + i, 8 + 10 * i, 8 + 10 * i, 8 + 10 * i] as const),
    ];
    const channel = fc.nat(255);
    fc.assert(
      fc.property(channel, channel, channel, (red, green, blue) => {
        const distance = ([, r, g, b]: readonly number[]) =>
          (red - r!) ** 2 + (green - g!) ** 2 + (blue - b!) ** 2;
        const found = colours.find(([index]) => index === nearest(red, green, blue))!;
        expect(distance(found)).toBe(Math.min(...colours.map(distance)));
      }),
      { numRuns: 2000 },
    );
  });
});

/** What Anser says of a colour, as ours does. Its 16 colours have names, the rest are in `*_truecolor` or the palette. */
const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
function colour(name: string | null, rgb: string | null): number | null {
  if (!name) return null;
  if (name === 'ansi-truecolor') return nearest(...(rgb!.split(',').map(Number) as [number, number, number]));
  const palette = /^ansi-palette-(\d+)$/.exec(name);
  if (palette) return Number(palette[1]);
  const [, bright, word] = /^ansi-(bright-)?(\w+)$/.exec(name)!;
  return NAMES.indexOf(word!) + (bright ? 8 : 0);
}

const FLAGS = ['bold', 'dim', 'italic', 'underline', 'inverse', 'strikethrough'];
const theirs = (line: string) =>
  Anser.ansiToJson(line, { use_classes: true, json: true, remove_empty: true }).map((entry) => {
    const { content, fg, bg, fg_truecolor, bg_truecolor, decorations } = entry;
    const [ink, paper] = [colour(fg, fg_truecolor), colour(bg, bg_truecolor)];
    return { content, ink, paper, decorations: [...new Set(decorations)].sort() };
  });
const ours = (line: string) =>
  render(line, PLAIN)._runs.map(({ _text, _style: { _ink, _paper, _flags } }) => ({
    content: _text,
    ink: _ink,
    paper: _paper,
    decorations: FLAGS.filter((_, bit) => _flags & (1 << bit)).sort(),
  }));

// Without inverse (7), which Anser forgets in the next sequence, and without what ends a style (22 to 29), which it takes
// back only once: the table above holds them.
const byte = fc.nat(255);
const code = fc.oneof(
  fc.constantFrom('0', '', '1', '2', '3', '4', '9', '39', '49'),
  fc.integer({ min: 30, max: 37 }).map(String),
  fc.integer({ min: 40, max: 47 }).map(String),
  fc.integer({ min: 90, max: 97 }).map(String),
  fc.integer({ min: 100, max: 107 }).map(String),
  fc.tuple(fc.constantFrom(38, 48), byte).map(([kind, value]) => `${kind};5;${value}`),
  fc.tuple(fc.constantFrom(38, 48), byte, byte, byte).map(([kind, ...rgb]) => `${kind};2;${rgb.join(';')}`),
);
const sequence = fc.array(code, { minLength: 1, maxLength: 4 }).map((codes) => `${E}[${codes.join(';')}m`);
const text = fc.string({ unit: fc.constantFrom(...'abc XYZ09<&>"\'[;m'), minLength: 1, maxLength: 5 });

/** Neighbours that look the same are one. */
function joined<R extends { content: string }>(runs: R[]): R[] {
  const all: R[] = [];
  const look = (run: R) => JSON.stringify({ ...run, content: '' });
  for (const run of runs) {
    const last = all.at(-1);
    if (last && look(last) === look(run)) last.content += run.content;
    else all.push(run);
  }
  return all;
}

it('styles random text as Anser does', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, sequence), { maxLength: 12 }), (parts) => {
      const line = parts.join('');
      expect(joined(ours(line))).toEqual(joined(theirs(line)));
    }),
    { numRuns: 3000 },
  );
});

it('never throws and keeps every character that is no control, whatever comes', () => {
  const any = fc.string({
    unit: fc.constantFrom(E, '[', ']', '8', ';', '3', 'm', 'K', 'P', '\\', '\u0007', 'é', '😀', 'x'),
    maxLength: 30,
  });
  fc.assert(
    fc.property(any, (line) => {
      const shown = render(line, PLAIN)
        ._runs.map((run) => run._text)
        .join('');
      expect(shown).not.toMatch(/\p{Cc}/u);
      // Nothing is invented: what is shown is in the line, in that order.
      let at = 0;
      for (const character of shown) {
        at = line.indexOf(character, at) + 1;
        expect(at).toBeGreaterThan(0);
      }
    }),
    { numRuns: 3000 },
  );
});
