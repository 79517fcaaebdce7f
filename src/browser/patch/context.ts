// What a view gets from the page, and what its parts share while one answer is painted.

import type { FormatContext } from './formatters';
import type { Part } from './part';
import type { Template } from './template';
import type { Ticker } from './ticker';

export interface ViewContext extends FormatContext {
  readonly ticker: Ticker;
  reducedMotion(): boolean;
  /** Says something politely, once. */
  announce(text: string): void;
  /** Reports a mistake in the markup or the data, once per key. */
  warn(key: string, message: string): void;
  /** True: rows that are not shown yet wait outside, until a paint finds it false. */
  holdNewRows?(list: Element): boolean;
}

/** A status that was shown and is another one now. */
export interface Change {
  readonly _root: Element;
  readonly _highlight: Element;
  readonly _status: Element;
}

/** One call of `View.paint`. */
export interface Paint {
  _writes: number;
  _waiting: number;
  /** One per part, however many of its elements show the status. */
  readonly _changes: Map<Part, Change>;
  /** Nodes whose rows stay where they are: the ends of the text selection, the focus. */
  readonly _pinned: readonly Node[];
}

/** Shared by all parts of one view. */
export interface Shared {
  readonly _context: ViewContext;
  /** Every template text is parsed once per view. */
  readonly _templates: Map<string, Template | undefined>;
}
