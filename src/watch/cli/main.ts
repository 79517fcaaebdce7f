#!/usr/bin/env node
import { main } from './command';
import { useProxies } from './proxy';

useProxies(process.env);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stop.abort();
  });
process.exitCode = await main(
  process.argv.slice(2),
  { out: process.stdout, err: process.stderr, env: process.env },
  stop.signal,
);
