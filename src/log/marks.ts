// Groups of lines that fold. Pure. GitHub marks them by lines (`##[group]Name` … `##[endgroup]`, never nested), GitLab
// by sections (`section_start:TIME:NAME[collapsed=true]`, CR, erase; `section_end:TIME:NAME`), several in one line.

export interface Mark {
  readonly _line: number;
  /** None: before this line some are not at hand. */
  readonly _kind?: 'start' | 'end' | 'error';
  /** Of a section; '' for GitHub's. */
  readonly _name: string;
  /** Milliseconds, or NaN. */
  readonly _time: number;
  /** Whether it is to be seen folded. */
  readonly _isFolded: boolean;
}

export interface Group {
  /** The line that stays when it is folded, and the last that does not. */
  readonly _first: number;
  readonly _last: number;
  /** How long it took, or NaN. */
  readonly _tookMs: number;
  _isFolded: boolean;
}

const MARK =
  /##\[(group|endgroup|error)\]|section_(start|end):(\d+):([^\r[\]]+)(\[[^\]]*collapsed=true[^\]]*\])?/g;

/** An instant that a line begins with, as build logs have them, and whether in UTC. */
export const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z?\s/;

/** It in milliseconds, or NaN. Only differences are made of it, so the zone does not matter. */
export const stampOf = (text: string): number => Date.parse(`${STAMP.exec(text)?.[1]}Z`);

export function marksOf(line: string, number: number): Mark[] {
  if (!line.includes('##[') && !line.includes('section_')) return [];
  const stamp = stampOf(line);
  return [...line.matchAll(MARK)].map(([, word, edge, seconds, name = '', collapsed]) => ({
    _line: number,
    _kind: edge ? (edge as 'start' | 'end') : word === 'group' ? 'start' : word === 'error' ? 'error' : 'end',
    _name: name,
    _time: edge ? Number(seconds) * 1000 : stamp,
    _isFolded: edge ? !!collapsed : true,
  }));
}

/**
 * The groups whose beginning and end are both among `marks`, by their first lines; adds to what is known. One that is
 * being read, or has an error, begins unfolded.
 */
export function findGroups(
  marks: Mark[],
  groups: Map<number, Group>,
  isRead: (from: number, to: number) => boolean,
): void {
  let open: { _mark: Mark; _hasError: boolean }[] = [];
  marks.forEach((mark, i) => {
    const { _kind, _name, _line, _time } = mark;
    if (!_kind) open = [];
    else if (_kind === 'error') for (const one of open) one._hasError = true;
    else if (_kind === 'start') {
      // A group ends where the next one begins, whether or not its end was written.
      open = [...open.filter((one) => one._mark._name || _name), { _mark: mark, _hasError: false }];
    } else {
      // An end whose beginning is not at hand ends nothing; it may be found when that has come.
      const at = open.map((one) => one._mark._name).lastIndexOf(_name);
      if (at < 0) return;
      const { _mark, _hasError } = open[at]!;
      open.length = at;
      // The next section may begin in the same line.
      const next = marks[i + 1];
      const _last = next?._line === _line && next._kind === 'start' ? _line - 1 : _line;
      if (_last > _mark._line && !groups.has(_mark._line))
        groups.set(_mark._line, {
          _first: _mark._line,
          _last,
          _tookMs: _time - _mark._time,
          _isFolded: _mark._isFolded && !_hasError && !isRead(_mark._line, _last),
        });
    }
  });
}

/** Lines that are hidden by folds: disjoint ranges, in order, both ends included. */
export function hiddenBy(groups: Map<number, Group>): [from: number, to: number][] {
  const hidden: [number, number][] = [];
  let end = 0;
  for (const { _first, _last, _isFolded } of [...groups.values()].sort((a, b) => a._first - b._first))
    if (_isFolded && _first >= end) {
      hidden.push([_first + 1, _last]);
      end = _last + 1;
    }
  return hidden;
}
