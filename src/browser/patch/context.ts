// What a view gets from the page, and what its parts share while one answer is painted.

import type { FormatContext } from './formatters';
import type { Part } from './part';
import type { Ticker } from './ticker';

export interface ViewContext extends FormatContext {
  readonly _ticker: Ticker;
  _reducedMotion(): boolean;
  /** Says something politely, once. */
  announce(text: string): void;
  /** Reports a mistake in the markup or the data; the same message only once. */
  warn(message: string): void;
  /** True: rows that are not shown yet wait outside, until a paint finds it false. Asked before the first write. */
  _holdNewRows?(list: Element): boolean;
}

/** One call of `View.paint`. */
export interface Paint {
  _waiting: number;
  /** The data are a part: what they do not name stays as it is. */
  readonly _isPart: boolean | undefined;
  /** Parts whose status was shown and is another one now, with an element that shows it. */
  readonly _changes: Map<Part, Element>;
  /** Nodes whose rows stay where they are: the ends of the text selection, the focus. */
  readonly _pinned: readonly Node[];
}
