// `{path}` and `{path|formatter}` with text around. A brace that does not close, or closes over another one, is text;
// there is no escape.

import { FORMATTERS, type Format, type FormatContext } from './formatters';
import { type Path, parsePath, toText } from './path';

export interface Field {
  readonly _path: Path;
  /** Without a formatter: the value as text. */
  readonly _format: Format;
}

/** literal, field, literal, … field, literal */
export interface Template {
  readonly _literals: readonly string[];
  readonly _fields: readonly Field[];
  /** Exactly one field and nothing else: its value counts as it is, true and false included. */
  readonly _bare: boolean;
  /** Tells the time: its text belongs to the ticker. */
  readonly _ticks: boolean;
}

const parsed = new Map<string, Template | undefined>();

/** Each text is parsed once. Undefined when it names an unknown formatter. */
export function parseTemplate(source: string): Template | undefined {
  if (!parsed.has(source)) parsed.set(source, parse(source));
  return parsed.get(source);
}

function parse(source: string): Template | undefined {
  const [literal, ...parts] = source.split(/\{([^{}|]*)(?:\|([^{}|]*))?\}/);
  const literals = [literal!];
  const fields: Field[] = [];
  for (let i = 0; i < parts.length; i += 3) {
    const name = parts[i + 1];
    const format = name === undefined ? toText : FORMATTERS.get(name.trim());
    if (!format) return undefined;
    fields.push({ _path: parsePath(parts[i]!), _format: format });
    literals.push(parts[i + 2]!);
  }
  return {
    _literals: literals,
    _fields: fields,
    _bare: /^\{[^{}|]*\}$/.test(source),
    _ticks: /\|\s*(ago|elapsed)\s*\}/.test(source),
  };
}

/** Null when the template has fields and all of them are missing. */
export function fill(
  { _literals, _fields }: Template,
  values: readonly unknown[],
  context: FormatContext,
  local: boolean,
): string | null {
  const parts = _fields.map(({ _format }, i) => _format(values[i], context, local));
  return parts.length && parts.every((part) => part === null)
    ? null
    : _literals.map((literal, i) => (i ? (parts[i - 1] ?? '') : '') + literal).join('');
}
