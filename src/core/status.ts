// The only list of statuses and conclusions in TypeScript. A status says where a job is, a conclusion how it
// ended (null until then).

export const ACTIVE = ['queued', 'running'] as const;

/** Statuses after which nothing changes any more within this attempt. */
export const TERMINAL = ['completed', 'failed', 'cancelled'] as const;

export const STATUSES = [...ACTIVE, ...TERMINAL] as const;

export type TerminalStatus = (typeof TERMINAL)[number];
export type Status = (typeof STATUSES)[number];

export const CONCLUSIONS = {
  completed: ['success', 'neutral', 'skipped'],
  failed: ['failure', 'timed_out', 'startup_failure', 'action_required', 'unstable', 'not_built'],
  cancelled: ['cancelled', 'stale', 'interrupted'],
} as const satisfies Record<TerminalStatus, readonly string[]>;

export type Conclusion = (typeof CONCLUSIONS)[TerminalStatus][number];

export const isTerminal = (status: unknown): status is TerminalStatus =>
  (TERMINAL as readonly unknown[]).includes(status);

export const isStatus = (status: unknown): status is Status =>
  (STATUSES as readonly unknown[]).includes(status);
