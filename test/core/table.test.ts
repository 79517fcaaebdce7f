// Every event in every state: which state follows, and what is to be done. One row per state, one column per event.
import { describe, expect, it } from 'vitest';
import { type PollState, policy } from '../../src/core/index';
import { step } from '../../src/core/poll';
import { initialState, type PollEvent } from '../../src/core/poll-state';
import { answerOf, outcomeOf } from './world';

const NOW = 100_000;
const env = { now: NOW, random: 0, policy: policy('turn') };

const begun: PollState = {
  ...initialState({ ...env, now: NOW - 10_000 }),
  started: true,
  epoch: 3,
  startedAt: NOW - 10_000,
  answeredAt: NOW - 2000,
  openedAt: NOW - 2000,
  dueAt: NOW + 1000,
  now: NOW,
  last: answerOf(),
};

const states = {
  idle: { ...initialState(env), epoch: 3 },
  waiting: { ...begun, word: 'waiting' },
  open: { ...begun, word: 'open' },
  'open, hidden': { ...begun, word: 'open', reasons: ['hidden'] },
  'open, asked for': { ...begun, word: 'open', refreshedAt: begun.openedAt },
  paused: { ...begun, word: 'paused', reasons: ['hidden'] },
  finished: { ...begun, word: 'ended', why: 'finished' },
  'finished, hidden': { ...begun, word: 'ended', why: 'finished', reasons: ['hidden'] },
  gaveUp: { ...begun, word: 'ended', why: 'gaveUp' },
  gone: { ...begun, word: 'ended', why: 'gone' },
  refused: { ...begun, word: 'ended', why: 'refused' },
  stopped: { ...begun, word: 'ended', why: 'stopped', started: false },
} satisfies Record<string, PollState>;

const events: Record<string, PollEvent> = {
  start: { type: 'start' },
  stop: { type: 'stop' },
  due: { type: 'due' },
  received: { type: 'received', epoch: 3, answer: answerOf() },
  'received late': { type: 'received', epoch: 2, answer: answerOf() },
  ok: { type: 'closed', epoch: 3, outcome: outcomeOf() },
  failed: { type: 'closed', epoch: 3, outcome: outcomeOf({ result: 'failed' }) },
  'closed gone': { type: 'closed', epoch: 3, outcome: outcomeOf({ result: 'gone' }) },
  'closed refused': { type: 'closed', epoch: 3, outcome: outcomeOf({ result: 'refused' }) },
  'closed late': { type: 'closed', epoch: 2, outcome: outcomeOf({ result: 'gone' }) },
  hide: { type: 'pause', reason: 'hidden' },
  freeze: { type: 'pause', reason: 'frozen' },
  show: { type: 'resume', reason: 'hidden' },
  thaw: { type: 'resume', reason: 'frozen' },
  refresh: { type: 'refresh' },
  retarget: { type: 'retarget' },
  activity: { type: 'activity' },
  wake: { type: 'wake' },
  floor: { type: 'floor', until: NOW + 9000 },
  'floor past': { type: 'floor', until: NOW - 1 },
};

// "word: commands"; a dot = the same word and nothing to do.
const expected: Record<keyof typeof states, Record<string, string>> = {
  idle: {
    start: 'waiting: arm 0',
    stop: 'ended stopped:',
    refresh: 'waiting: arm 0',
    retarget: 'waiting: arm 0',
  },
  waiting: {
    stop: 'ended stopped: clear',
    due: 'waiting: arm 1000',
    hide: 'paused: clear',
    freeze: 'paused: clear',
    refresh: 'waiting: clear, arm 0',
    retarget: 'waiting: clear, arm 0',
    wake: 'waiting: clear, arm 0',
    floor: 'waiting: clear, arm 9000',
    'floor past': 'waiting: clear, arm 1000',
  },
  open: {
    stop: 'ended stopped: close',
    received: 'open: publish data',
    ok: 'waiting: arm 1000',
    failed: 'waiting: publish trouble, arm 2000',
    'closed gone': 'ended gone: publish trouble',
    'closed refused': 'ended refused: publish trouble',
    freeze: 'paused: close',
    refresh: 'waiting: close, arm 0',
    retarget: 'waiting: close, arm 0',
    wake: 'waiting: close, arm 0',
  },
  'open, hidden': {
    stop: 'ended stopped: close',
    received: 'open: publish data',
    ok: 'paused:',
    failed: 'paused: publish trouble',
    'closed gone': 'ended gone: publish trouble',
    'closed refused': 'ended refused: publish trouble',
    freeze: 'paused: close',
    retarget: 'paused: close',
    wake: 'paused: close',
  },
  'open, asked for': {
    stop: 'ended stopped: close',
    received: 'open: publish data',
    ok: 'waiting: arm 1000',
    failed: 'waiting: publish trouble, arm 2000',
    'closed gone': 'ended gone: publish trouble',
    'closed refused': 'ended refused: publish trouble',
    freeze: 'paused: close',
    retarget: 'waiting: close, arm 0',
    wake: 'waiting: close, arm 0',
  },
  paused: {
    stop: 'ended stopped:',
    show: 'waiting: arm 0',
  },
  finished: {
    start: 'waiting: arm 0',
    stop: 'ended stopped:',
    refresh: 'waiting: arm 0',
    retarget: 'waiting: arm 0',
  },
  'finished, hidden': {
    start: 'paused:',
    stop: 'ended stopped:',
    show: 'waiting: arm 0',
    retarget: 'paused:',
  },
  gaveUp: {
    start: 'waiting: arm 0',
    stop: 'ended stopped:',
    refresh: 'waiting: arm 0',
    retarget: 'waiting: arm 0',
  },
  gone: {
    start: 'waiting: arm 0',
    stop: 'ended stopped:',
    refresh: 'waiting: arm 0',
    retarget: 'waiting: arm 0',
  },
  refused: {
    start: 'waiting: arm 0',
    stop: 'ended stopped:',
    refresh: 'waiting: arm 0',
    retarget: 'waiting: arm 0',
  },
  stopped: {
    start: 'waiting: arm 0',
  },
};

const name = ({ word, why }: PollState) => (why ? `${word} ${why}` : word);

function outcome(state: PollState, event: PollEvent): string {
  const [next, commands] = step(state, event, env);
  const done = commands.map((command) =>
    command.type === 'arm'
      ? `arm ${command.ms}`
      : command.type === 'publish'
        ? `publish ${command.publication.type}`
        : command.type,
  );
  return `${name(next)}: ${done.join(', ')}`.trim();
}

for (const [at, state] of Object.entries(states) as [keyof typeof states, PollState][])
  describe(`in ${at}`, () => {
    for (const [event, detail] of Object.entries(events))
      it(`${event}`, () => {
        Object.freeze(state);
        expect(outcome(state, detail)).toBe(expected[at][event] ?? `${name(state)}:`);
      });
  });

it('a due timer opens one request, with what is known of the target', () => {
  const [next, commands] = step({ ...states.waiting, dueAt: NOW, owed: true }, { type: 'due' }, env);
  expect(next).toMatchObject({ word: 'open', openedAt: NOW, owed: false });
  expect(commands).toEqual([{ type: 'open', request: { epoch: 3, wait: 0, urgent: true } }]);
});

it('the table names no event that does not exist', () => {
  for (const row of Object.values(expected))
    for (const event of Object.keys(row)) expect(events).toHaveProperty([event]);
});

it('a step depends on its arguments alone', () => {
  for (const state of Object.values(states))
    for (const event of Object.values(events))
      expect(step(state, event, env)).toEqual(step(state, event, env));
});
