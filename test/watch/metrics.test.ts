// What Prometheus reads of the watching.
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parsePort } from '../../src/watch/cli/ports';
import { PlatformError } from '../../src/watch/errors';
import { createMetrics, serveMetrics } from '../../src/watch/metrics';
import { World } from './support/world';

const measured = (text: string, name: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1),
  );

describe('measurements', () => {
  it('count looks, errors and what took how long', async () => {
    const metrics = createMetrics();
    const world = new World({}, metrics.observer);
    world.budget = { remaining: 4321, resetsAt: 0 };
    const done = { status: 'completed', conclusion: 'success', endTime: new Date(60_000) } as const;
    world.answers = [{ status: 'queued' }, { status: 'queued' }, new PlatformError('failed', '502'), done];
    const watching = world.poller.startPolling('a', 'github');
    await world.pass(1000);
    expect(measured(await metrics.text(), 'vpo_watch_builds{platform="github"}')).toBe(1);
    await world.pass(60_000);
    await watching;
    const text = await metrics.text();
    const looks = (result: string) =>
      measured(text, `vpo_watch_looks_total{platform="github",result="${result}"}`);
    expect([looks('news'), looks('unchanged'), looks('failed')]).toEqual([2, 1, 1]);
    expect(measured(text, 'vpo_watch_answer_seconds_count{platform="github"}')).toBe(4);
    expect(measured(text, 'vpo_watch_lateness_seconds_sum{platform="github"}')).toBe(0);
    expect(measured(text, 'vpo_watch_detection_seconds_sum{platform="github"}')).toBe(1);
    expect(measured(text, 'vpo_watch_builds{platform="github"}')).toBe(0);
    expect(measured(text, 'vpo_watch_limit_remaining{platform="github"}')).toBe(4321);
  });

  it('are served on this machine, and a port that is taken is said', async () => {
    const metrics = createMetrics();
    const server = await serveMetrics(metrics, 0);
    const { port, address } = server.address() as AddressInfo;
    expect(address).toBe('127.0.0.1');
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain(
      '# HELP vpo_watch_looks_total',
    );
    await expect(serveMetrics(metrics, port)).rejects.toThrow(/EADDRINUSE/);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(['0', '65536', 'x', '-1', '1.5'])('%s is no port', (text) =>
    expect(() => parsePort(text)).toThrow(/65535/),
  );
});

it('a port is a number', () => expect(parsePort('9090')).toBe(9090));
