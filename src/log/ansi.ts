// What a terminal would show of one line, as runs of text with a style. Pure. Colours, styles and links to http(s) are
// kept, a carriage return begins the line anew, every other control sequence and character is dropped.

/** Immutable, so that the lines of a log share it. */
export interface Style {
  /** 0 to 255, or null for the reader's own colour. */
  readonly _ink: number | null;
  readonly _paper: number | null;
  /** Bits: see FLAGS. */
  readonly _flags: number;
  readonly _href: string;
}

export interface Run {
  _text: string;
  readonly _style: Style;
}

export const PLAIN: Style = { _ink: null, _paper: null, _flags: 0, _href: '' };

/** The names behind the bits of `_flags`, lowest first. */
export const FLAGS = ['bold', 'dim', 'italic', 'underline', 'inverse', 'strike'];
const INVERSE = 16;

/** SGR codes that set bits, and those that clear them. */
const SET: Record<number, number> = { 1: 1, 2: 2, 3: 4, 4: 8, 7: INVERSE, 9: 32, 21: 8 };
const CLEAR: Record<number, number> = { 22: 3, 23: 4, 24: 8, 27: INVERSE, 29: 32 };

const ESC = '\\u001b';
const STRING = `[^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)`;
/** A CSI sequence, an OSC sequence, another string, any other escape, a single control character but the tab. */
const CONTROL = new RegExp(
  `${ESC}\\[([0-?]*)[ -/]*([@-~])|${ESC}\\](8;)?(${STRING})|${ESC}[PX^_]${STRING}|${ESC}[ -/]*[0-~]?|[^\\P{Cc}\\t]`,
  'gu',
);

/** The nearest of the 256 colours: a step of the cube, or of the greys. */
export function nearest(red: number, green: number, blue: number): number {
  const rgb = [red, green, blue];
  const level = (step: number) => (step ? 55 + 40 * step : 0);
  const steps = rgb.map((value) => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40)));
  const grey = Math.min(23, Math.max(0, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const distance = (of: (i: number) => number) =>
    rgb.reduce((sum, value, i) => sum + (value - of(i)) ** 2, 0);
  return distance(() => 8 + 10 * grey) < distance((i) => level(steps[i]!))
    ? 232 + grey
    : 16 + 36 * steps[0]! + 6 * steps[1]! + steps[2]!;
}

/** `38:2::R:G:B` and `4:3` are spelled with semicolons, or without what we don't show. */
const spell = (params: string): string =>
  params
    .replace(/([34]8):2:(?:\d*:)?(\d+):(\d+):(\d+)/g, '$1;2;$2;$3;$4')
    .replace(/([34]8):5:/g, '$1;5;')
    .replace(/:\d*/g, '');

function restyle(style: Style, params: string): Style {
  const codes = (params.includes(':') ? spell(params) : params).split(';').map(Number);
  let next = style;
  const colour = (code: number, value: number | null) => {
    // 30 to 39 and 90 to 97 are ink, 40 to 49 and 100 to 107 are paper.
    next = code % 60 < 40 ? { ...next, _ink: value } : { ...next, _paper: value };
  };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    const kind = code % 10;
    const isBright = code >= 90 && code < 108;
    if (!code) next = { ...PLAIN, _href: next._href };
    else if (code in SET) next = { ...next, _flags: next._flags | SET[code]! };
    else if (code in CLEAR) next = { ...next, _flags: next._flags & ~CLEAR[code]! };
    else if ((code >= 30 && code < 50) || isBright) {
      if (kind < 8) colour(code, kind + (isBright ? 8 : 0));
      else if (kind > 8) colour(code, null);
      else if (codes[i + 1] === 5) {
        const value = codes[i + 2]!;
        if (value < 256) colour(code, value);
        i += 2;
      } else {
        const rgb = codes.slice(i + 2, i + 5);
        const [red, green, blue] = rgb;
        if (codes[i + 1] === 2 && rgb.length > 2 && Math.max(...rgb) < 256)
          colour(code, nearest(red!, green!, blue!));
        i += 4;
      }
    }
  }
  return next;
}

/** The runs of one line, and the style with which the next one begins. */
export function render(line: string, style: Style): { _runs: Run[]; _style: Style } {
  const runs: Run[] = [];
  let isAnew = false;
  let at = 0;
  const add = (text: string) => {
    if (!text) return;
    if (isAnew) runs.length = 0;
    isAnew = false;
    const last = runs.at(-1);
    if (last?._style === style) last._text += text;
    else runs.push({ _text: text, _style: style });
  };
  for (const match of line.matchAll(CONTROL)) {
    const [all, params, final, isLink, string] = match;
    add(line.slice(at, match.index));
    at = match.index + all.length;
    if (all === '\r') isAnew = true;
    else if (final === 'm' && !/[<-?]/.test(params!)) style = restyle(style, params!);
    // Erased from its beginning: nothing of it is left.
    else if (final === 'K' && (isAnew ? params !== '1' : params === '2')) runs.length = 0;
    else if (isLink) style = { ...style, _href: /^[^;]*;(https?:[^\p{Cc}]*)/iu.exec(string!)?.[1] ?? '' };
  }
  add(line.slice(at));
  return { _runs: runs, _style: style };
}

/** Style sheets know a run by these classes; inverse is resolved here. */
export function classes({ _ink, _paper, _flags }: Style): string {
  const isInverse = _flags & INVERSE;
  const ink = isInverse ? (_paper ?? 'paper') : _ink;
  const paper = isInverse ? (_ink ?? 'ink') : _paper;
  const names = FLAGS.filter((_, bit) => _flags & ~INVERSE & (1 << bit));
  if (ink !== null) names.push(`fg-${ink}`);
  if (paper !== null) names.push(`bg-${paper}`);
  return names.map((name) => `ansi-${name}`).join(' ');
}
