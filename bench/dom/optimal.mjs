// What a person would write by hand for exactly this table, and for no other: references to each node that can change,
// one comparison per value, the fewest moves.

const pattern = document.createElement('template');
pattern.innerHTML =
  '<tr><td><a> </a></td><td> </td><td><span> </span></td><td><progress max="100"></progress><span> </span></td>' +
  '<td> </td><td> </td><td> </td><td></td></tr>';

function make() {
  const tr = pattern.content.firstElementChild.cloneNode(true);
  const [name, type, status, progress, created, duration, attempt, message] = tr.cells;
  message.append('');
  return {
    tr,
    link: name.firstChild,
    bar: progress.firstChild,
    texts: {
      name: name.firstChild.firstChild,
      type: type.firstChild,
      status: status.firstChild.firstChild,
      count: progress.lastChild.firstChild,
      created: created.firstChild,
      duration: duration.firstChild,
      attempt: attempt.firstChild,
      message: message.firstChild,
    },
    old: {},
  };
}

function write({ tr, link, bar, texts, old }, job) {
  if (old.id !== job.id) link.setAttribute('href', `/jobs/${job.id}`);
  if (old.status !== job.status) tr.setAttribute('data-status', job.status);
  if (old.percent !== job.percent) bar.setAttribute('value', job.percent);
  if (old.done !== job.done || old.total !== job.total) texts.count.data = `${job.done} of ${job.total}`;
  for (const name of ['name', 'type', 'status', 'created', 'duration', 'attempt', 'message'])
    if (old[name] !== job[name]) texts[name].data = job[name];
}

/** Indexes of a longest increasing subsequence, -1 left out. */
function increasing(from) {
  const [tails, before] = [[], []];
  from.forEach((position, i) => {
    if (position < 0) return;
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (from[tails[middle]] < position) low = middle + 1;
      else high = middle;
    }
    before[i] = tails[low - 1] ?? -1;
    tails[low] = i;
  });
  const stay = new Set();
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i]) stay.add(i);
  return stay;
}

export function optimal(tbody) {
  let rows = new Map();
  let order = [];
  return (json) => {
    const wanted = new Map();
    for (const job of JSON.parse(json).jobs) {
      const row = rows.get(job.id) ?? make();
      write(row, job);
      row.old = job;
      wanted.set(job.id, row);
    }
    const next = [...wanted.values()];
    if (next.length !== order.length || next.some((row, i) => row !== order[i])) {
      for (const [id, { tr }] of rows) if (!wanted.has(id)) tr.remove();
      const positions = new Map(order.map((row, i) => [row, i]));
      const stay = increasing(next.map((row) => positions.get(row) ?? -1));
      let below = null;
      for (let i = next.length - 1; i >= 0; i--) {
        const { tr } = next[i];
        if (!stay.has(i)) {
          if (tr.isConnected) tbody.moveBefore(tr, below);
          else tbody.insertBefore(tr, below);
        }
        below = tr;
      }
    }
    rows = wanted;
    order = next;
  };
}
