// VPOPolling.documents: what has changed between two answers, nothing missed and nothing invented.
import { describe, expect, it, vi } from 'vitest';
import { fakeServer, json, page, pass, status, useFakePage } from '../support/page';
import { file, filesOf, gaps, turns } from './support';

useFakePage();
const URL_OF_FILES = '/api/projects/p/files';

/** `path type` of each change. */
const told = (onDocumentChange: ReturnType<typeof vi.fn>): string[] =>
  onDocumentChange.mock.calls.flatMap(([changes]) =>
    changes.map(({ filePath, changeType }: Record<string, string>) => `${filePath} ${changeType}`),
  );

describe('followed files', () => {
  it('tells what was created, modified and deleted since the answer before', async () => {
    page('');
    const server = fakeServer(() => json(filesOf(file('a'), file('b'), file('c'))));
    const onDocumentChange = vi.fn();
    const record = (await turns()).documents({ url: URL_OF_FILES, onDocumentChange });
    await pass(10_000);
    expect(onDocumentChange, 'the first answer is where changes are counted from').not.toHaveBeenCalled();
    server.answer = () => json(filesOf(file('a', 2), file('c'), file('d')));
    await pass(4000);
    expect(told(onDocumentChange)).toEqual(['a modified', 'd created', 'b deleted']);
    const [[changes]] = onDocumentChange.mock.calls as [[{ lastModified: Date }[]]];
    expect(changes[0]!.lastModified).toEqual(new Date('2026-11-22T03:00:00.000Z'));
    expect(changes.every(({ lastModified }) => lastModified instanceof Date)).toBe(true);
    await pass(20_000);
    expect(onDocumentChange).toHaveBeenCalledTimes(1);
    server.answer = () => json(filesOf(file('a', 2), file('b'), file('c')));
    await pass(4000);
    expect(told(onDocumentChange).slice(3)).toEqual(['b created', 'd deleted']);
    expect(record.data?.files).toHaveLength(3);
    record.stop();
  });

  it('tells of the named files alone', async () => {
    page('');
    const server = fakeServer(() => json(filesOf(file('a'), file('b'))));
    const onDocumentChange = vi.fn();
    const paths = ['b', 'c'];
    const record = (await turns()).documents({ url: URL_OF_FILES, paths, onDocumentChange });
    await pass(1000);
    server.answer = () => json(filesOf(file('a', 9), file('b', 2)));
    await pass(4000);
    server.answer = () => json(filesOf(file('b', 2), file('c')));
    await pass(4000);
    expect(told(onDocumentChange)).toEqual(['b modified', 'c created']);
    record.stop();
  });

  it('asks every 3 s, for what has changed alone where the server can say so', async () => {
    page('');
    const server = fakeServer(() => json(filesOf(file('a'), file('b')), { headers: { ETag: 'W/"1"' } }));
    const onDocumentChange = vi.fn();
    const record = (await turns()).documents({ url: URL_OF_FILES, onDocumentChange });
    await pass(1000);
    server.answer = ({ headers }) => {
      if (headers.get('If-None-Match') !== 'W/"1"') return status(304);
      const delta = {
        base: 'W/"1"',
        etag: 'W/"2"',
        fields: { total: 1 },
        rows: [file('b', 7)],
        removed: ['a'],
      };
      const more = { ETag: 'W/"2"', IM: 'vpo-rows', 'Delta-Base': 'W/"1"' };
      return json(delta, { status: 226, headers: more });
    };
    await pass(30_000, 50);
    expect(server.asked[1]!.headers.get('A-IM')).toBe('vpo-rows');
    expect(told(onDocumentChange)).toEqual(['b modified', 'a deleted']);
    for (const gap of gaps(server.asked)) expect(Math.abs(gap - 3000)).toBeLessThanOrEqual(400);
    record.stop();
  });

  it('backs off, gives up, and never calls a failure a deletion', async () => {
    page('');
    const server = fakeServer(() => json(filesOf(file('a'))));
    const [onDocumentChange, onError] = [vi.fn(), vi.fn()];
    const record = (await turns()).documents({ url: URL_OF_FILES, onDocumentChange, onError });
    await pass(1000);
    server.answer = () => status(404);
    await pass(200_000);
    expect(server.asked).toHaveLength(7);
    expect(onDocumentChange).not.toHaveBeenCalled();
    expect(record.error?.message).toMatch(/Stopped waiting/);
    expect(record.data?.files).toHaveLength(1);
    record.stop();
  });

  it('follows any life of a directory exactly', async () => {
    page('');
    let files = new Map<string, number>();
    const server = fakeServer(() =>
      json(filesOf(...[...files].map(([path, version]) => file(path, version)))),
    );
    const mirror = new Map<string, number>();
    const record = (await turns()).documents({
      url: URL_OF_FILES,
      onDocumentChange(changes) {
        for (const { filePath, changeType } of changes) {
          expect(mirror.has(filePath), `${filePath} ${changeType}`).toBe(changeType !== 'created');
          if (changeType === 'deleted') mirror.delete(filePath);
          else mirror.set(filePath, files.get(filePath)!);
        }
      },
    });
    await pass(1000);
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let step = 0; step < 40; step++) {
      files = new Map(files);
      for (let i = 0; i < 5; i++) {
        const path = `f${random(9)}`;
        if (random(3)) files.set(path, random(1_000_000));
        else files.delete(path);
      }
      await pass(3500);
      expect(mirror).toEqual(files);
    }
    expect(server.asked.length).toBeGreaterThan(40);
    record.stop();
  });
});
