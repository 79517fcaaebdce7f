// The measurements for Prometheus.
import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Observer } from './observer';

export interface Metrics {
  readonly observer: Observer;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
}

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const labelNames = ['platform'] as const;
  const looks = new Counter({
    name: 'vpo_watch_looks_total',
    help: 'Looks at builds, by what came of them',
    labelNames: ['platform', 'result'],
    registers,
  });
  const histogram = (name: string, help: string) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers });
  const answer = histogram('vpo_watch_answer_seconds', 'How long a look took');
  const lateness = histogram('vpo_watch_lateness_seconds', 'How much later than due a look began');
  const detection = histogram('vpo_watch_detection_seconds', 'From the end of a build until it was seen');
  const builds = gauge('vpo_watch_builds', 'Builds that are watched');
  const remaining = gauge('vpo_watch_limit_remaining', 'Requests that the platform still allows');
  return {
    text: () => registers[0]!.metrics(),
    observer: {
      looked({ platform, ms, lateMs, result }) {
        looks.inc({ platform, result });
        answer.observe({ platform }, ms / 1000);
        lateness.observe({ platform }, lateMs / 1000);
      },
      changed() {},
      detected: (platform, ms) => detection.observe({ platform }, ms / 1000),
      watching: (platform, count) => builds.set({ platform }, count),
      budget: (platform, left) => remaining.set({ platform }, left),
    },
  };
}

/** Serves them on this machine alone. Rejects where the port is taken. */
export function serveMetrics({ text }: Metrics, port: number): Promise<Server> {
  const server = createServer((_request, response) => {
    text().then(
      (body) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
