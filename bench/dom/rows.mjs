// The jobs that are shown, what happens to them, and their markup. Used by the runner and in the page.

const WORDS = ['session', 'archive', 'harbour', 'lighthouse', 'keeper', 'market'];
const STATUSES = ['running', 'queued', 'completed', 'failed'];

const job = (n) => ({
  id: `j${n}`,
  name: `${WORDS[n % 6]} ${n}.flac`,
  type: n % 3 ? 'scan' : 'transcode',
  status: STATUSES[n % 4],
  done: n % 1000,
  total: 1000 + (n % 7),
  // From 1: Alpine leaves a bar without a value at 0.
  percent: 1 + (n % 98),
  created: `2026-11-26 10:${String(n % 60).padStart(2, '0')}`,
  duration: `${n % 90} s`,
  attempt: 1 + (n % 3),
  message: n % 5 ? '' : `waits for ${WORDS[n % 6]}`,
});

/** Three values that are shown: the number, the bar and the time. */
const worked = (old) => ({
  ...old,
  done: old.done + 1,
  percent: 1 + (old.percent % 98),
  duration: `${old.duration} and more`,
});

const some = (part) => (jobs) => {
  const step = Math.max(1, Math.round(1 / part));
  return jobs.map((one, n) => (n % step ? one : worked(one)));
};

export const first = (count) => Array.from({ length: count }, (_, n) => job(n));

/** From the first jobs to those after one poll. */
export const STEPS = {
  'nothing changed': (jobs) => jobs,
  '1 % changed': some(0.01),
  '10 % changed': some(0.1),
  '100 % changed': some(1),
  'a row on top': (jobs) => [job(jobs.length), ...jobs],
  'ten removed': (jobs) => jobs.filter((_, n) => n % Math.floor(jobs.length / 10)),
  're-sorted': (jobs) =>
    jobs.toSorted((a, b) => ((a.percent * 37) % 101) - ((b.percent * 37) % 101) || (a.id < b.id ? -1 : 1)),
};

/** As a server would send it. None of the values needs escaping. */
export const htmlOf = (jobs) =>
  jobs
    .map(
      (one) =>
        `<tr id="${one.id}" data-status="${one.status}"><td><a href="/jobs/${one.id}">${one.name}</a></td><td>${one.type}</td>` +
        `<td><span>${one.status}</span></td><td><progress max="100" value="${one.percent}"></progress>` +
        `<span>${one.done} of ${one.total}</span></td><td>${one.created}</td><td>${one.duration}</td><td>${one.attempt}</td>` +
        `<td>${one.message}</td></tr>`,
    )
    .join('');

/** What is seen of a row, as one string; of a job, as it should be seen. */
export const seenOf = (tr) =>
  [
    tr.getAttribute('data-status'),
    tr.querySelector('a').getAttribute('href'),
    tr.querySelector('progress').getAttribute('value'),
    ...[...tr.cells].map((cell) => cell.textContent),
  ].join('|');
export const shouldBe = (one) =>
  [
    one.status,
    `/jobs/${one.id}`,
    one.percent,
    one.name,
    one.type,
    one.status,
    `${one.done} of ${one.total}`,
    one.created,
    one.duration,
    one.attempt,
    one.message,
  ].join('|');
