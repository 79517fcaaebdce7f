// @vitest-environment node
// The modules for people who bundle, as a server imports them that renders React: nothing there is a page.
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';

const load = (name: string) => import(`../../../dist/${name}.mjs`) as Promise<Record<string, unknown>>;

describe('where there is no document', () => {
  it.each([
    ['vpo-polling', ['manager', 'start', 'stop', 'use']],
    ['vpo-polling-turns', ['documents', 'record', 'turn']],
    ['vpo-polling-react', ['useDocumentPolling', 'useSessionPolling']],
  ])('%s can be imported', async (name, exports) => {
    expect(typeof document).toBe('undefined');
    expect(Object.keys(await load(name))).toEqual(expect.arrayContaining(exports));
  });

  it('a hook renders what there is before anything has been asked', async () => {
    const { useSessionPolling } = (await load(
      'vpo-polling-react',
    )) as unknown as typeof import('../../../src/react/index');
    const Turn = () => {
      const { data, isPolling, error } = useSessionPolling({ projectId: 'p', sessionId: 's', turnId: 't' });
      return `${data} ${isPolling} ${error}`;
    };
    expect(renderToString(createElement(Turn))).toBe('null false null');
  });
});
