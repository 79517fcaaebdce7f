// What a reader holds on to while rows change around them: the text selection and the focus.

export interface Kept {
  /** Rows with these nodes stay where they are: a moved selection is a lost one. */
  readonly _nodes: readonly Node[];
  /** After writing: gives back what was taken. */
  _restore(): void;
}

const within = (node: Node, offset: number): number =>
  Math.min(offset, (node as Text).length ?? node.childNodes.length);

/** Before the first write, because afterwards asking for the selection forces a layout. */
export function keep(moves: boolean): Kept {
  const focus = document.activeElement as HTMLElement | null;
  const selection = getSelection()!;
  const { isCollapsed, anchorNode: from, anchorOffset: start, focusNode: to, focusOffset: end } = selection;
  const nodes: Node[] = isCollapsed ? [] : [from!, to!];
  return {
    // Without moveBefore a moved element loses the focus, and with it a half-typed word of an input method.
    _nodes: moves || !focus ? nodes : [...nodes, focus],
    _restore() {
      if (focus !== document.activeElement && focus?.isConnected) focus.focus({ preventScroll: true });
      // A text that is written anew takes the ends of a selection to its beginning.
      if (
        !isCollapsed &&
        nodes.every((node) => node.isConnected) &&
        (selection.anchorOffset !== start || selection.focusOffset !== end)
      )
        selection.setBaseAndExtent(from!, within(from!, start), to!, within(to!, end));
    },
  };
}
