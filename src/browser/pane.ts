// What a log shows. Text goes in as text nodes, below what is there. It follows its end only while the reader is there.
import { showNew } from './controls';
import { listen, make } from './dom';
import { say } from './words';

/** One block per this many characters, so that a style sheet can skip those out of view (content-visibility). */
const BLOCK = 1 << 16;

/** By place, since the names of this script are shortened, and a pane may come from another (src/log). */
export type Pane = readonly [
  /**
   * `more`: there is still something between this and the end. `answer`: our own server's, with the text in it. What is
   * returned is the byte to go on from, or negative: from so many bytes before the end.
   */
  append: (text: string, more: boolean, answer?: Record<string, unknown>) => number | undefined,
  /** Another log begins; `follows`: it is being written. */
  clear: (follows: boolean) => void,
  showTail: () => void,
  /** Where to begin, as what `append` returns. */
  begin?: number,
];

/** Set by the script of the richer pane: makes what is used instead of the plain one. */
export type MakePane = (
  element: Element,
  signal: AbortSignal,
  plain: typeof createPane,
  tell: typeof showNew,
  sentence: typeof say,
) => Pane;

export const paneOf = (element: Element, signal: AbortSignal): Pane =>
  ((window as { VPOLog?: MakePane }).VPOLog ?? createPane)(element, signal, createPane, showNew, say);

export function createPane(element: Element, signal: AbortSignal): Pane {
  let block = element.lastElementChild;
  let room = BLOCK;
  let unseen = 0;
  let isLineStart = 1;
  // Nothing is new to a reader before all that was there has been shown.
  let isLoaded = false;
  let follows = false;
  let top = 0;
  const isAtEnd = () => element.scrollTop + element.clientHeight >= element.scrollHeight - 2;
  const tell = (count: number) => {
    unseen = count;
    showNew(element, count, 'newLines');
  };
  const showTail = () => {
    element.scrollTop = element.scrollHeight;
    top = element.scrollTop;
    follows = true;
    tell(0);
  };
  listen(element, 'scroll', signal, () => {
    // Only an upward scroll ends it: a late event of our own scrolling must not.
    if (element.scrollTop < top) follows = false;
    top = element.scrollTop;
    if (isAtEnd()) showTail();
  });
  return [
    (text, more) => {
      if (text) {
        // A block ends with a line, which goes to its end first.
        const cut = block && room < 0 ? text.indexOf('\n') + 1 : 0;
        if (cut) block!.append(text.slice(0, cut));
        if (!block || cut) {
          block = make('div', {});
          room = BLOCK;
          element.append(block);
        }
        room -= text.length;
        block.append(text.slice(cut));
        unseen += text.split('\n').length - 1 + isLineStart;
        isLineStart = +text.endsWith('\n');
        const selection = getSelection();
        const isSelecting = selection?.type === 'Range' && selection.getRangeAt(0).intersectsNode(element);
        if (follows && !isSelecting) showTail();
        else tell(isLoaded && !isAtEnd() ? unseen - isLineStart : 0);
      }
      if (!more) isLoaded = true;
      return undefined;
    },
    (isLive) => {
      element.replaceChildren();
      block = null;
      isLineStart = 1;
      isLoaded = false;
      follows = isLive;
      tell(0);
    },
    showTail,
  ];
}
