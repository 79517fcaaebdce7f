// Writes templates/static/log-colours.css, the classes of the 256 terminal colours: `node scripts/ansi-colours.mjs`. Inks
// are made lighter until they can be read on the log's paper; on coloured paper plain ink is black or white, whichever
// can be read. The first sixteen are tokens of log.css, so that a page may choose its own.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './run.mjs';

/** The lighter of the log's papers (light and dark scheme), as in pages.css. */
const PAPER = [0x10, 0x15, 0x1d];
const AA = 4.5;
const STEPS = [0, 95, 135, 175, 215, 255];

export function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** Colours 16 to 255 as every terminal has them: a cube, then greys. */
export function colour(index) {
  if (index >= 232) return Array(3).fill(8 + 10 * (index - 232));
  const at = index - 16;
  return [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((step) => STEPS[step]);
}

/** Mixed with white until it can be read. */
function readable(rgb) {
  for (let white = 0; ; white += 0.02) {
    const mixed = rgb.map((value) => Math.round(value + (255 - value) * white));
    if (contrast(mixed, PAPER) >= AA) return mixed;
  }
}

const hex = (rgb) => `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
const all = Array.from({ length: 256 }, (_, index) => index);
const paper = (i) => {
  if (i < 16) return `.ansi-bg-${i} { background: var(--ansi-paper-${i}); --plain: #ffffff; }`;
  const rgb = colour(i);
  return `.ansi-bg-${i} { background: ${hex(rgb)}; --plain: ${luminance(rgb) > 0.179 ? '#000000' : '#ffffff'}; }`;
};
const ink = (i) => `.ansi-fg-${i} { color: ${i < 16 ? `var(--ansi-${i})` : hex(readable(colour(i)))}; }`;

/** One line a colour. An ink of its own wins over the plain ink of its paper. */
export const sheet = () =>
  `/* Made by scripts/ansi-colours.mjs. */\n\n:where([class*="ansi-bg-"]) { color: var(--plain); }\n${all
    .map((i) => `${paper(i)} ${ink(i)}`)
    .join('\n')}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(ROOT, 'templates', 'static', 'log-colours.css'), sheet());
