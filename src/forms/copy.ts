// A button that copies the text beside it: `data-vpo-copy`. Where a page may not write to the clipboard (plain HTTP),
// the text is selected, so that one key copies it.
export async function copy({ target }: Event): Promise<void> {
  const button = target instanceof Element ? target.closest('[data-vpo-copy]') : null;
  const source = button?.previousElementSibling;
  if (!button || !source) return;
  getSelection()?.selectAllChildren(source);
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    button.setAttribute('data-copied', '');
  } catch {
    button.removeAttribute('data-copied');
  }
}
