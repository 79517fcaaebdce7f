// `{path}` and `{path|formatter}` with text around. A brace that does not close, or closes over another one, is text;
// there is no escape.

import { ago, elapsed, FORMATTERS, type Format, type FormatContext } from './formatters';
import { type Path, parsePath, toText } from './path';

export interface Field {
  readonly _path: Path;
  readonly _format: Format | undefined;
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

/** Undefined when a formatter is unknown; `unknown` is told its name. */
export function parseTemplate(source: string, unknown: (name: string) => void): Template | undefined {
  const literals: string[] = [];
  const fields: Field[] = [];
  const parts = source.split(/\{([^{}|]*)(?:\|([^{}|]*))?\}/);
  for (let i = 0; i < parts.length; i += 3) {
    literals.push(parts[i]!);
    if (i + 1 === parts.length) break;
    const name = parts[i + 2]?.trim();
    const format = name === undefined ? undefined : FORMATTERS.get(name);
    if (name !== undefined && !format) {
      unknown(name);
      return undefined;
    }
    fields.push({ _path: parsePath(parts[i + 1]!), _format: format });
  }
  return {
    _literals: literals,
    _fields: fields,
    _bare: fields.length === 1 && !fields[0]!._format && !literals[0] && !literals[1],
    _ticks: fields.some(({ _format }) => _format === ago || _format === elapsed),
  };
}

export const show = (field: Field, value: unknown, context: FormatContext, local: boolean): string | null =>
  field._format ? field._format(value, context, local) : toText(value);

/** Null when the template has fields and all of them are missing. */
export function fill(
  template: Template,
  values: readonly unknown[],
  context: FormatContext,
  local: boolean,
): string | null {
  let text = template._literals[0]!;
  let missing = template._fields.length > 0;
  template._fields.forEach((field, i) => {
    const part = show(field, values[i], context, local);
    if (part !== null) missing = false;
    text += (part ?? '') + template._literals[i + 1]!;
  });
  return missing ? null : text;
}
