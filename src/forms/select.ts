// A box that ticks all others of its region: `data-vpo-all="NAME"`.
export function selectAll({ target }: Event): void {
  if (!(target instanceof HTMLInputElement)) return;
  const name = target.getAttribute('data-vpo-all');
  const home = target.closest('[data-vpo-src]') ?? document;
  if (name) for (const box of boxes(home, name)) box.checked = target.checked;
  // One that was left out leaves the box for all of them unticked.
  for (const all of home.querySelectorAll<HTMLInputElement>(`[data-vpo-all="${target.name}"]`))
    all.checked = boxes(home, target.name).every((box) => box.checked);
}

const boxes = (home: ParentNode, name: string): HTMLInputElement[] =>
  [...home.querySelectorAll<HTMLInputElement>('input[type=checkbox]')].filter((box) => box.name === name);
