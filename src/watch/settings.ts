// What can be set of the watching of builds. Milliseconds.
import { type Policy, policy } from '../core/policies';
import type { GitPlatform } from './model';

export interface PlatformSettings {
  /** Of one look at the platform, its quick retries included. */
  readonly timeout: number;
  /** Quick retries of network errors within one look. */
  readonly retryAttempts: number;
}

export interface BuildPollingSettings {
  readonly interval: number;
  readonly maxPollTime: number;
  readonly maxConsecutiveErrors: number;
  readonly backoffMultiplier: number;
  readonly platforms: Readonly<Record<GitPlatform, PlatformSettings>>;
}

const PLATFORM: PlatformSettings = { timeout: 30_000, retryAttempts: 3 };

export const DEFAULTS: BuildPollingSettings = {
  interval: 15_000,
  maxPollTime: 3_600_000,
  maxConsecutiveErrors: 10,
  backoffMultiplier: 2,
  platforms: { github: PLATFORM, gitlab: PLATFORM, jenkins: PLATFORM },
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
