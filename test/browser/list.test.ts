// A list region from first paint to its next polls.
import { describe, expect, it } from 'vitest';
import { start } from '../../src/browser/index';
import { at, fakeServer, indicator, json, page, pass, settle, status, useFakePage } from './support/page';

useFakePage();

const LIST = `<span id="connection-status" data-vpo-connection></span>
<table data-vpo-src="/api/jobs"><caption><b data-vpo-text="{total}">1</b></caption>
<tbody data-vpo-each="jobs" data-vpo-key="id"><template><tr data-vpo-attr-data-status="{status}"><td data-vpo-text="{file_path|basename}"></td></tr></template>
<tr data-vpo-row="a" data-vpo-attr-data-status="{status}" data-status="running"><td data-vpo-text="{file_path|basename}">a.mkv</td></tr></tbody></table>`;

const list = (...jobs: [string, string][]) => ({
  jobs: jobs.map(([id, status]) => ({ id, status, file_path: `/m/${id}.mkv` })),
  total: jobs.length,
});

describe('a list', () => {
  it('asks at once, then at its interval, conditionally, and writes only what changed', async () => {
    const server = fakeServer(() => json(list(['a', 'running']), { headers: { ETag: '"1"' } }));
    page(LIST);
    start();
    await settle();
    expect(server.asked).toHaveLength(1);
    expect(indicator()).toBe('Live');
    server.answer = ({ headers }) => (headers.get('If-None-Match') === '"1"' ? status(304) : status(500));
    await pass(5600);
    expect(server.asked).toHaveLength(2);
    server.answer = () => json(list(['b', 'queued'], ['a', 'completed']));
    await pass(5600);
    expect([...document.querySelectorAll('tbody tr')].map((row) => row.textContent?.trim())).toEqual([
      'b.mkv',
      'a.mkv',
    ]);
    expect(at('[data-vpo-row="a"]').getAttribute('data-status')).toBe('completed');
    expect(at('caption').textContent).toBe('2');
  });
});
