// What can be set of the watching of builds. Milliseconds.
import { type Policy, policy } from '../core/policies';

export interface BuildPollingSettings {
  readonly interval: number;
  readonly maxPollTime: number;
  readonly maxConsecutiveErrors: number;
  readonly backoffMultiplier: number;
  /** Of one look at a platform, its quick retries included. */
  readonly timeout: number;
  /** Quick retries of network errors within one look. */
  readonly retryAttempts: number;
}

export const DEFAULTS: BuildPollingSettings = {
  interval: 15_000,
  maxPollTime: 3_600_000,
  maxConsecutiveErrors: 10,
  backoffMultiplier: 2,
  timeout: 30_000,
  retryAttempts: 3,
};

const LONGEST_BACKOFF = 120_000;

export const buildPolicy = (settings: BuildPollingSettings): Policy =>
  policy('build', {
    interval: settings.interval,
    maxTotal: settings.maxPollTime,
    maxFailures: settings.maxConsecutiveErrors,
    backoff: (failures, interval) =>
      Math.min(interval * settings.backoffMultiplier ** failures, LONGEST_BACKOFF),
    longest: LONGEST_BACKOFF,
    // What is published as the end is what the platform says has ended; re-runs are looked for later.
    lastRead: false,
  });
