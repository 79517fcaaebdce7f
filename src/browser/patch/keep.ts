// What a reader holds on to while rows change around them: the text selection and the focus.

export interface Kept {
  /** Rows with these nodes stay where they are: a moved selection is a lost one. */
  readonly _nodes: readonly Node[];
  /** After writing: gives back what was taken. */
  _restore(): void;
}

/** Before the first write, because afterwards asking for the selection forces a layout. */
export function keep(moves: boolean): Kept {
  const focus = document.activeElement;
  const selection = getSelection();
  const {
    anchorNode: from,
    focusNode: to,
    anchorOffset,
    focusOffset,
  } = selection ?? ({} as Partial<Selection>);
  const isSelected = from && to && !selection!.isCollapsed;
  const nodes: Node[] = isSelected ? [from, to] : [];
  // Without moveBefore a moved element loses the focus, and with it a half-typed word of an input method.
  if (!moves && focus && focus !== document.body) nodes.push(focus);
  return {
    _nodes: nodes,
    _restore() {
      if (focus !== document.activeElement && focus?.isConnected)
        (focus as HTMLElement).focus({ preventScroll: true });
      if (!isSelected || !from.isConnected || !to.isConnected) return;
      const { anchorNode, focusNode, anchorOffset: start, focusOffset: end } = selection!;
      if (anchorNode === from && focusNode === to && start === anchorOffset && end === focusOffset) return;
      selection!.setBaseAndExtent(from, within(from, anchorOffset!), to, within(to, focusOffset!));
    },
  };
}

const within = (node: Node, offset: number): number =>
  Math.min(offset, (node as Text).data?.length ?? node.childNodes.length);
