// The words of every platform, each with what it means here.
import { describe, expect, it } from 'vitest';
import { isBuildComplete, jobStatus } from '../../src/watch/model';
import {
  githubVerdict,
  gitlabVerdict,
  jenkinsQueueVerdict,
  jenkinsVerdict,
  type Verdict,
} from '../../src/watch/verdict';

const brief = ({ status, conclusion, waitingReason, isUnknown }: Verdict) =>
  [jobStatus(status), conclusion ?? '-', waitingReason ? 'waits' : '', isUnknown ? 'unknown' : '']
    .filter(Boolean)
    .join(' ');

describe('GitHub Actions', () => {
  it.each([
    ['requested', null, 'queued -'],
    ['queued', null, 'queued -'],
    ['pending', null, 'queued - waits'],
    ['waiting', null, 'running - waits'],
    ['in_progress', null, 'running -'],
    ['completed', 'success', 'completed success'],
    ['completed', 'neutral', 'completed neutral'],
    ['completed', 'skipped', 'completed skipped'],
    ['completed', 'failure', 'failed failure'],
    ['completed', 'timed_out', 'failed timed_out'],
    ['completed', 'startup_failure', 'failed startup_failure'],
    ['completed', 'action_required', 'failed action_required'],
    ['completed', 'cancelled', 'cancelled cancelled'],
    ['completed', 'stale', 'cancelled stale'],
    ['completed', null, 'running - waits'],
    ['completed', 'interrupted', 'running - unknown'],
    ['completed', 'exploded', 'running - unknown'],
    ['hibernating', null, 'running - unknown'],
    [null, null, 'running - unknown'],
  ])('%s, %s: %s', (status, conclusion, expected) => {
    expect(brief(githubVerdict(status, conclusion))).toBe(expected);
  });
});

describe('GitLab', () => {
  it.each([
    ['created', '', 'queued -'],
    ['preparing', '', 'queued -'],
    ['pending', '', 'queued -'],
    ['waiting_for_resource', '', 'running - waits'],
    ['waiting_for_callback', '', 'running - waits'],
    ['manual', '', 'running - waits'],
    ['scheduled', '', 'running - waits'],
    ['running', '', 'running -'],
    ['canceling', '', 'running -'],
    ['success', '', 'completed success'],
    ['skipped', '', 'completed skipped'],
    ['failed', 'script_failure', 'failed failure'],
    ['failed', 'job_execution_timeout', 'failed timed_out'],
    ['failed', 'stuck_or_timeout_failure', 'failed timed_out'],
    ['canceled', '', 'cancelled cancelled'],
    ['cancelled', '', 'running - unknown'],
    ['constructor', '', 'running - unknown'],
  ])('%s %s: %s', (status, reason, expected) => {
    expect(brief(gitlabVerdict(status, reason))).toBe(expected);
  });
});

describe('Jenkins', () => {
  it.each([
    [true, true, null, 'running -'],
    [true, true, 'FAILURE', 'running -'],
    [false, true, 'SUCCESS', 'running -'],
    [false, false, 'SUCCESS', 'completed success'],
    [false, undefined, 'UNSTABLE', 'failed unstable'],
    [false, false, 'FAILURE', 'failed failure'],
    [false, false, 'NOT_BUILT', 'failed not_built'],
    [false, false, 'ABORTED', 'cancelled cancelled'],
    [false, false, null, 'running - waits'],
    [false, false, 'constructor', 'running - unknown'],
  ])('building %s, in progress %s, %s: %s', (building, inProgress, result, expected) => {
    expect(brief(jenkinsVerdict({ building, inProgress, result }))).toBe(expected);
  });

  it('waits in the queue, says for what, and may be cancelled there', () => {
    expect(brief(jenkinsQueueVerdict({ why: 'In the quiet period' }))).toBe('queued - waits');
    expect(jenkinsQueueVerdict({ stuck: true, why: 'no executor' }).rawStatus).toBe('queue: stuck');
    expect(brief(jenkinsQueueVerdict({ cancelled: true }))).toBe('cancelled cancelled');
  });
});

it('a build that waits for a person has not ended', () => {
  for (const waiting of [githubVerdict('waiting', null), gitlabVerdict('manual'), gitlabVerdict('scheduled')])
    expect(isBuildComplete(waiting.status)).toBe(false);
});
