// `#L10` and `#L10-L20`. Lines are counted from the beginning of the log, so a link holds when the log has grown or is
// compressed; the attempt stands beside it, because the next one writes a log of its own.

export type Range = readonly [from: number, to: number];

export function parseHash(hash: string): Range | null {
  const [, from, to = from] = /^#L([1-9]\d*)(?:-L?([1-9]\d*))?$/.exec(hash) ?? [];
  if (!from) return null;
  const ends = [Number(from), Number(to)];
  return [Math.min(...ends), Math.max(...ends)];
}

/** The link to these lines; `attempt` 0 is unknown. */
export function linkTo(href: string, [from, to]: Range, attempt: number): string {
  const url = new URL(href);
  if (attempt) url.searchParams.set('attempt', `${attempt}`);
  url.hash = from === to ? `L${from}` : `L${from}-L${to}`;
  return url.href;
}
