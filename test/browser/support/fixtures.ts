// The two regions most tests need: a list and a record with its log.

export const LIST = `<span id="connection-status" data-vpo-connection></span>
<button data-vpo-refresh>Refresh</button>
<section id="jobs" data-vpo-src="/api/jobs"><b data-vpo-text="{total}">1</b>
<table><tbody data-vpo-each="jobs" data-vpo-key="id">
<template><tr data-vpo-attr-data-status="{status}"><td data-vpo-text="{file_path|basename}"></td></tr></template>
<tr data-vpo-row="a" data-vpo-attr-data-status="{status}" data-status="running"><td data-vpo-text="{file_path|basename}">a.mkv</td></tr>
</tbody></table></section>`;

export const RECORD = (
  status = 'running',
  attributes = '',
): string => `<span id="connection-status" data-vpo-connection></span>
<a href="/jobs" data-vpo-back>All jobs</a>
<section id="job" data-vpo-src="/api/jobs/7" data-vpo-attr-data-status="{status}" data-status="${status}" ${attributes}>
<p data-vpo-text="{progress_percent|percent}">10%</p></section>`;

export const LOG = (attributes = ''): string =>
  `<pre id="log" data-vpo-log="/api/jobs/7/logs" ${attributes}></pre>`;

export const list = (...jobs: [id: string, status: string][]): object => ({
  jobs: jobs.map(([id, status]) => ({ id, status, file_path: `/m/${id}.mkv` })),
  total: jobs.length,
});

export const record = (status = 'running', more: object = {}): object => ({
  id: '7',
  status,
  progress_percent: 20,
  attempt: 1,
  ...more,
});

export const rows = (): (string | undefined)[] =>
  [...document.querySelectorAll('tbody tr')].map((row) => row.textContent?.trim());
