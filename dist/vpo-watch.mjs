#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { InvalidArgumentError, Command, CommanderError } from 'commander';
import { appendFile, writeFile, rename, readFile as readFile$1 } from 'node:fs/promises';
import { createServer } from 'node:http';
import { Registry, Counter, Histogram, Gauge } from 'prom-client';
import { createHash, randomUUID } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import { Pipelines, Jobs, MergeRequests } from '@gitbeaker/core';
import { createRequesterFn } from '@gitbeaker/requester-utils';
import { lock } from 'proper-lockfile';
import { readFileSync } from 'node:fs';
import { Document, LineCounter, parseDocument, isMap, isScalar } from 'yaml';
import { createLogUpdate } from 'log-update';
import { once } from 'node:events';
import { setGlobalDispatcher, EnvHttpProxyAgent } from 'undici';

const fileEventStore = (path) => ({
  append: (event) => appendFile(path, `${JSON.stringify(event)}
`)
});
class EventQueue {
  constructor(store, logger) {
    this.store = store;
    this.logger = logger;
  }
  store;
  logger;
  last = Promise.resolve();
  push(event) {
    this.last = this.last.then(() => this.store.append(event)).catch(
      (error) => this.logger.error("An event could not be stored", { type: event.type, error: `${error}` })
    );
  }
  /** When all that was pushed is stored. */
  settled() {
    return this.last;
  }
}

class PollingManager {
  constructor(poller) {
    this.poller = poller;
  }
  poller;
  active = /* @__PURE__ */ new Map();
  /** As the poller's. Rejects at once for a build that is being watched already. */
  async startPolling(buildId, platform, from) {
    if (this.active.has(buildId)) throw new Error(`Already polling build: ${buildId}`);
    const polling = this.poller.startPolling(buildId, platform, from);
    this.active.set(buildId, polling);
    try {
      return await polling;
    } finally {
      this.active.delete(buildId);
    }
  }
  /** Settles once the build is no longer watched, also where a request is under way. */
  async stopPolling(buildId) {
    const polling = this.active.get(buildId);
    await this.poller.stopPolling(buildId);
    await polling?.catch(() => {
    });
  }
  /** Null for a build that is not watched. */
  getPollingStatus(buildId) {
    return this.active.has(buildId) ? this.poller.getPollingStatus(buildId) : null;
  }
  getActivePolls() {
    return [...this.active.keys()];
  }
}

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
function createMetrics() {
  const registers = [new Registry()];
  const labelNames = ["platform"];
  const looks = new Counter({
    name: "vpo_watch_looks_total",
    help: "Looks at builds, by what came of them",
    labelNames: ["platform", "result"],
    registers
  });
  const histogram = (name, help) => new Histogram({ name, help, labelNames, buckets: SECONDS, registers });
  const gauge = (name, help) => new Gauge({ name, help, labelNames, registers });
  const answer = histogram("vpo_watch_answer_seconds", "How long a look took");
  const lateness = histogram("vpo_watch_lateness_seconds", "How much later than due a look began");
  const detection = histogram("vpo_watch_detection_seconds", "From the end of a build until it was seen");
  const builds = gauge("vpo_watch_builds", "Builds that are watched");
  const remaining = gauge("vpo_watch_limit_remaining", "Requests that the platform still allows");
  return {
    text: () => registers[0].metrics(),
    observer: {
      looked({ platform, ms, lateMs, result }) {
        looks.inc({ platform, result });
        answer.observe({ platform }, ms / 1e3);
        lateness.observe({ platform }, lateMs / 1e3);
      },
      changed() {
      },
      detected: (platform, ms) => detection.observe({ platform }, ms / 1e3),
      watching: (platform, count) => builds.set({ platform }, count),
      budget: (platform, left) => remaining.set({ platform }, left)
    }
  };
}
function serveMetrics({ text }, port) {
  const server = createServer((_request, response) => {
    text().then(
      (body) => response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(body),
      () => response.writeHead(500).end()
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

const GitPlatform = { GITHUB: "github", GITLAB: "gitlab", JENKINS: "jenkins" };
const BuildState = {
  QUEUED: "queued",
  IN_PROGRESS: "in_progress",
  COMPLETED: "completed",
  FAILED: "failed",
  CANCELLED: "cancelled",
  TIMEOUT: "timeout"
};
const ENDS = [
  BuildState.COMPLETED,
  BuildState.FAILED,
  BuildState.CANCELLED,
  BuildState.TIMEOUT
];
const isBuildComplete = (state) => ENDS.includes(state);
const jobStatus = (state) => ({
  queued: "queued",
  in_progress: "running",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
  timeout: "failed"
})[state];

class PlatformError extends Error {
  constructor(refusal, message, retryAfterMs = null) {
    super(message);
    this.refusal = refusal;
    this.retryAfterMs = retryAfterMs;
  }
  refusal;
  retryAfterMs;
  name = "PlatformError";
}
class BuildNotFound extends Error {
  name = "BuildNotFound";
}
class Unauthorized extends Error {
  name = "Unauthorized";
}
class PollingTimeout extends Error {
  constructor(message, lastStatus) {
    super(message);
    this.lastStatus = lastStatus;
  }
  lastStatus;
  name = "PollingTimeout";
}
class PollingLost extends Error {
  constructor(message, lastStatus) {
    super(message);
    this.lastStatus = lastStatus;
  }
  lastStatus;
  name = "PollingLost";
}
class PollingStopped extends Error {
  name = "PollingStopped";
}

const NOBODY = { looked() {
}, changed() {
}, detected() {
}, watching() {
}, budget() {
} };

const min = (a, b) => a < b ? a : b;
const max = (a, b) => a > b ? a : b;
const growing = (n, interval) => n < 3 ? interval : max(interval, min(1e4 * 2 ** (n - 3), 12e4));
const listed = (...seconds) => (n) => (seconds[n - 1] ?? seconds[seconds.length - 1] ?? 0) * 1e3;
const doubling = (n, interval) => min(interval * 2 ** n, 3e5);
const intervalOf = ({ interval, idleInterval, rampTo }, { slow, named, last }) => named || (last && !last.active ? max(max(interval, idleInterval), rampTo) : rampTo ? min(interval * 1.25 ** slow, rampTo) : interval);
const normalDelay = (policy, history, random) => intervalOf(policy, history) * (1 + random / 10);
function failureDelay(policy, history, random) {
  const interval = intervalOf(policy, history.holds ? { ...history, last: null } : history);
  const base = policy.backoff(history.failures, interval);
  const hi = min(base + max(base, 5e3), max(policy.longest, interval));
  const lo = min(base, max(hi / 2, interval));
  return lo + random * (hi - lo);
}
const floorDelay = ({ floorJitter }, retryAfter, random) => retryAfter + random * min(retryAfter * floorJitter, 5e3);

const page = {
  interval: 5e3,
  idleInterval: 0,
  rampTo: 0,
  backoff: growing,
  longest: 12e4,
  maxFailures: Infinity,
  maxQuiet: Infinity,
  maxTotal: Infinity,
  lastRead: true,
  idlePauses: false,
  floorJitter: 0.1,
  reportOnce: false,
  wait: 10
};
const retrying = {
  ...page,
  interval: 3e3,
  backoff: listed(2, 4, 8, 16, 16),
  maxFailures: 6,
  idlePauses: true
};
const watcher = {
  ...page,
  interval: 3e4,
  backoff: doubling,
  longest: 3e5,
  floorJitter: 0,
  wait: 0
};
const POLICIES = {
  job: { ...page, idleInterval: 3e4 },
  // A complete log has been served to its end: there is nothing to confirm.
  log: { ...page, interval: 15e3, lastRead: false },
  turn: { ...retrying, interval: 1e3, rampTo: 5e3, maxQuiet: 12e4 },
  documents: retrying,
  build: {
    ...watcher,
    interval: 15e3,
    backoff: listed(30, 60, 120),
    longest: 12e4,
    maxFailures: 10,
    maxTotal: 36e5
  },
  release: { ...watcher, maxTotal: 864e5 },
  helm: { ...watcher, reportOnce: true }
};
const policy = (name, changes = {}) => ({
  ...POLICIES[name],
  ...changes.interval && { rampTo: 0 },
  ...changes
});

const PLATFORM = { timeout: 3e4, retryAttempts: 3 };
const DEFAULTS = {
  interval: 15e3,
  maxPollTime: 36e5,
  maxConsecutiveErrors: 10,
  backoffMultiplier: 2,
  platforms: { github: PLATFORM, gitlab: PLATFORM, jenkins: PLATFORM }
};
const LONGEST_BACKOFF = 12e4;
const buildPolicy = (settings) => policy("build", {
  interval: settings.interval,
  maxTotal: settings.maxPollTime,
  maxFailures: settings.maxConsecutiveErrors,
  backoff: (failures, interval) => Math.min(interval * settings.backoffMultiplier ** failures, LONGEST_BACKOFF),
  longest: LONGEST_BACKOFF,
  // What is published as the end is what the platform says has ended; re-runs are looked for later.
  lastRead: false
});

const CONCLUSIONS = {
  completed: ["success", "neutral", "skipped"],
  failed: ["failure", "timed_out", "startup_failure", "action_required", "unstable", "not_built"]};

const OWED_GAP = 500;
const LONGEST_TIMER = 2 ** 31 - 1;
const BARRED = 6e5;
function publish(d, publication) {
  d.commands.push({ type: "publish", publication });
}
const giveUpAt = (d) => {
  const left = d.last?.active === false ? Infinity : d.policy.maxQuiet - d.quiet;
  return d.owed ? Infinity : min(d.now + left, d.startedAt + d.policy.maxTotal);
};
function arm(d) {
  d.commands.push({
    type: "arm",
    ms: max(min(min(d.dueAt, giveUpAt(d)) - d.now, LONGEST_TIMER), 0)
  });
}
function halt(d) {
  if (d.word === "open") d.commands.push({ type: "close" });
  if (d.word === "waiting") d.commands.push({ type: "clear" });
}
function rest(d, at = d.dueAt) {
  halt(d);
  if (d.why) begin(d);
  d.dueAt = max(d.owed ? d.refreshedAt + OWED_GAP : at, max(d.floor, d.now));
  const mayGo = d.started || d.owed || at <= d.now;
  d.word = d.reasons.length ? d.started ? "paused" : "idle" : mayGo ? "waiting" : "idle";
  if (d.word === "waiting") arm(d);
}
function end(d, why) {
  if (d.owed && !d.reasons.length) rest(d);
  else {
    halt(d);
    d.word = "ended";
    d.why = why;
  }
}
function begin(d) {
  d.startedAt = d.now;
  d.quiet = d.slow = d.failures = 0;
  d.why = null;
}
function renew(d) {
  d.startedAt = d.now;
  d.quiet = d.slow = 0;
  d.sealed = d.finished = false;
}
const isOwed = ({ openedAt, refreshedAt }) => openedAt === refreshedAt;
const isHeld = ({ answered, wait, holds }) => answered || wait > 0 && holds;
const hasNews = ({ answered, last }) => answered && !!last?.news;
const isStale = ({ now, answeredAt, policy }) => now - (answeredAt ?? -Infinity) > (policy.wait + 5) * 1e3;
function learn(d, held) {
  if (d.wait || held) d.holds = held;
  if (!d.wait) return;
  d.cuts = 0;
  d.quick = held && !hasNews(d) ? [...d.quick.slice(-2), d.now] : [];
  if (d.quick.length > 2 && d.now - (d.quick[0] ?? d.now) <= 1e3) d.barredUntil = d.now + BARRED;
}
function isCut(d, status) {
  if (!d.wait || !d.holds || d.now - d.openedAt < 3e3 || ![0, 502, 504].includes(status)) return false;
  d.cuts = 1 - d.cuts;
  if (!d.cuts) d.barredUntil = d.now + BARRED;
  return true;
}

const HELD_GAP = 250;
const RAMP_AFTER = 3e4;
const LEAVING = 1e3;
const SHOWING = /hidden|frozen|prerender/;
function step(state, event, env) {
  const d = { ...state };
  const commands = [];
  Object.assign(d, env, { commands });
  if (!d.reasons.length) d.quiet += d.now - state.now;
  const isCurrent = d.word === "open" && "epoch" in event && event.epoch === d.epoch;
  switch (event.type) {
    case "start":
      start(d);
      break;
    case "stop":
      d.owed = false;
      end(d, "stopped");
      break;
    case "due":
      if (d.word === "waiting") due(d);
      break;
    case "received":
      if (isCurrent) received(d, event.answer);
      break;
    case "closed":
      if (isCurrent) closed(d, event.outcome);
      break;
    case "pause":
      pause(d, event.reason);
      break;
    case "resume":
      resume(d, event.reason);
      break;
    case "activity":
      resume(d, "idle");
      break;
    case "refresh":
      refresh(d);
      break;
    case "retarget":
      retarget(d);
      break;
    case "wake":
      wake(d);
      break;
    case "floor":
      d.floor = max(d.floor, event.until);
      if (d.word === "waiting") rest(d);
  }
  return [d, commands];
}
function start(d) {
  if (d.started && d.word !== "ended") return;
  begin(d);
  d.started = true;
  if (d.word !== "open") rest(d, d.now);
}
function due(d) {
  if (giveUpAt(d) - d.now < 1) end(d, "gaveUp");
  else if (d.now < d.dueAt) arm(d);
  else open(d);
}
function open(d) {
  const { owed, epoch } = d;
  d.sealed = d.last?.terminal ?? false;
  d.wait = owed || isStale(d) || d.failures || d.sealed || d.now < d.barredUntil ? 0 : d.policy.wait;
  d.word = "open";
  d.openedAt = d.now;
  if (owed) d.refreshedAt = d.now;
  d.owed = d.answered = false;
  d.commands.push({ type: "open", request: { epoch, wait: d.wait, urgent: owed } });
}
function received(d, answer) {
  if (d.last && (d.last.attempt ?? null) !== (answer.attempt ?? null)) renew(d);
  d.sealed &&= answer.terminal;
  d.last = answer;
  if (answer.news) d.quiet = 0;
  d.answered = true;
  d.answeredAt = d.now;
  d.failures = 0;
  publish(d, { type: "data", answer });
}
function closed(d, outcome) {
  const { result, retryAfter } = outcome;
  d.word = "idle";
  d.closedAt = d.now;
  if (retryAfter != null) d.floor = max(d.floor, d.now + floorDelay(d.policy, retryAfter, d.random));
  if (result === "ok") answered(d, outcome);
  else if (result === "over") rest(d, d.now + d.random * HELD_GAP);
  else if (result === "failed" && isCut(d, outcome.status ?? 0))
    rest(d, d.now + normalDelay(d.policy, d, d.random));
  else {
    if (result === "failed") d.failures++;
    if (!d.policy.reportOnce || d.failures < 2) publish(d, { type: "trouble", outcome });
    if (result !== "failed") end(d, result);
    else if (d.failures >= d.policy.maxFailures) end(d, "gaveUp");
    else rest(d, d.now + failureDelay(d.policy, d, d.random));
  }
}
function answered(d, { held = false, interval = 0 }) {
  d.failures = 0;
  d.answeredAt = d.now;
  d.slow = d.quiet < RAMP_AFTER ? 0 : d.slow + 1;
  d.named = interval;
  learn(d, held);
  if (hasNews(d) && d.last?.more) rest(d, d.now);
  else if (d.last?.terminal && (d.sealed || !d.policy.lastRead)) {
    if (!d.finished) publish(d, { type: "finished" });
    d.finished = true;
    end(d, "finished");
  } else {
    const isHeld2 = held && d.now >= d.barredUntil;
    rest(d, d.now + (isHeld2 ? d.random * HELD_GAP : normalDelay(d.policy, d, d.random)));
  }
}
function pause(d, reason) {
  if (d.reasons.includes(reason) || reason === "idle" && !d.policy.idlePauses) return;
  d.reasons = [...d.reasons, reason];
  if (reason === "frozen" && d.failures && d.now - d.closedAt < LEAVING) {
    d.failures--;
    d.dueAt = d.now;
  }
  if (d.word === "waiting") rest(d);
  if (d.word === "open" && (reason === "frozen" || isHeld(d))) {
    d.owed ||= isOwed(d);
    rest(d, d.now);
  }
}
function resume(d, reason) {
  if (!d.reasons.includes(reason)) return;
  const isOnline = reason === "offline";
  d.reasons = d.reasons.filter((other) => other !== reason);
  if (isOnline) {
    d.failures = min(d.failures, 1);
    d.dueAt = d.now + d.random * 2e3;
  }
  if (SHOWING.test(reason) && (d.why === "finished" || d.why === "refused")) d.owed = true;
  if (d.reasons.length || d.word === "open" || d.word !== "paused" && !d.owed) return;
  const isFresh = d.answeredAt !== null && d.now - d.answeredAt < d.policy.interval / 2;
  rest(d, isOnline || d.failures || isFresh ? d.dueAt : d.now);
}
function refresh(d) {
  if (d.why === "stopped") return;
  d.owed = true;
  const isKept = d.word === "open" && (isOwed(d) || max(d.refreshedAt + OWED_GAP, d.floor) > d.now);
  if (!d.reasons.length && !isKept) rest(d);
}
function retarget(d) {
  d.epoch++;
  d.last = null;
  renew(d);
  if (d.why === "stopped") return;
  d.owed = true;
  d.refreshedAt = -Infinity;
  rest(d);
}
function wake(d) {
  if (d.word === "idle" || d.word === "ended") return;
  d.owed = true;
  rest(d);
}

const initialState = (env) => ({
  ...env,
  commands: [],
  word: "idle",
  why: null,
  reasons: [],
  epoch: 0,
  started: false,
  owed: false,
  startedAt: env.now,
  quiet: 0,
  dueAt: env.now,
  openedAt: env.now,
  closedAt: env.now,
  refreshedAt: -Infinity,
  answeredAt: null,
  floor: 0,
  failures: 0,
  slow: 0,
  named: 0,
  last: null,
  answered: false,
  sealed: false,
  finished: false,
  wait: 0,
  holds: true,
  quick: [],
  cuts: 0,
  barredUntil: 0
});

function createLoop(options) {
  const { clock, transport, sink } = options;
  const env = () => ({ now: clock.now(), random: options.random(), policy: options.policy });
  let state = initialState(env());
  let undo;
  let turn = 0;
  const queue = [];
  function dispatch(event) {
    if (queue.push(event) > 1) return;
    for (let next = event; next; next = queue[0]) {
      const [after, commands] = step(state, next, env());
      state = after;
      commands.forEach(run);
      queue.shift();
    }
    publish({ type: "state" });
  }
  function publish(publication) {
    try {
      sink.publish(publication);
    } catch (error) {
      void Promise.reject(error);
    }
  }
  function run(command) {
    if (command.type === "publish") publish(command.publication);
    else {
      const mine = ++turn;
      undo?.();
      undo = void 0;
      if (command.type === "arm") arm(command.ms, mine);
      if (command.type === "open") open(command.request, mine);
    }
  }
  function over(mine, event) {
    if (mine !== turn) return;
    turn++;
    undo = void 0;
    dispatch(event);
  }
  function arm(ms, mine) {
    if (ms) undo = clock.after(ms, () => over(mine, { type: "due" }));
    else over(mine, { type: "due" });
  }
  function open(request, mine) {
    const { epoch } = request;
    const closed = (outcome) => over(mine, { type: "closed", epoch, outcome });
    try {
      const abort = transport.open(request, {
        received(answer) {
          if (mine === turn) dispatch({ type: "received", epoch, answer });
        },
        closed
      });
      if (mine === turn) undo = abort;
    } catch (error) {
      closed({ result: "failed", message: `${error}` });
    }
  }
  return {
    get state() {
      return state;
    },
    dispatch
  };
}

const QUICK_MS = 250;
const factsOf = ({
  status,
  conclusion,
  attempt,
  waitingReason,
  rawStatus,
  stages = []
}) => digest([
  ...[status, conclusion, attempt, waitingReason, rawStatus],
  stages.map(({ id, state, steps }) => [id, state, steps.map((step) => step.state)])
]);
const digest = (facts) => createHash("sha256").update(JSON.stringify(facts)).digest("base64url").slice(0, 16);
function outcomeOf(error, wasSeen) {
  if (!(error instanceof PlatformError)) return { result: "failed", message: `${error}` };
  const { refusal, message, retryAfterMs: retryAfter } = error;
  const isGone = refusal === "notFound" && !wasSeen;
  const result = isGone ? "gone" : refusal === "unauthorized" ? "refused" : "failed";
  return { result, message, retryAfter };
}
function createLook(buildId, adapter, retryAttempts, clock) {
  const pause = (ms, signal) => new Promise((resolve, reject) => {
    const undo = clock.after(ms, resolve);
    signal.addEventListener("abort", () => {
      undo();
      reject(signal.reason);
    });
  });
  return async function look(signal) {
    let mayRenew = true;
    for (let retries = 0; ; ) {
      try {
        return await adapter.getBuildStatus(buildId, { signal });
      } catch (error) {
        const refusal = error instanceof PlatformError ? error.refusal : null;
        if (refusal === "unauthorized" && mayRenew && await adapter.refreshAuthentication?.())
          mayRenew = false;
        else if (refusal === "network" && retries < retryAttempts)
          await pause(QUICK_MS * 2 ** retries++, signal);
        else throw error;
        if (signal.aborted) throw signal.reason;
      }
    }
  };
}
function createWatch(options) {
  const { buildId, adapter, settings, platform, ports, interval, looked, publish } = options;
  const { clock } = ports;
  const { timeout, retryAttempts } = settings.platforms[platform];
  let pollCount = 0;
  let lastPollTime = null;
  let { shown } = options;
  const look = createLook(buildId, adapter, retryAttempts, clock);
  const transport = {
    open(_request, { received, closed }) {
      const abort = new AbortController();
      pollCount++;
      lastPollTime = new Date(ports.wallNow());
      let isOver = false;
      const beganAt = clock.now();
      const lateMs = Math.max(0, beganAt - loop.state.dueAt);
      const end = (outcome, result = "failed") => {
        if (isOver) return;
        undo();
        looked(clock.now() - beganAt, lateMs, result);
        closed(outcome);
      };
      const undoTimer = clock.after(
        timeout,
        () => end({ result: "failed", message: `No answer within ${timeout} ms` })
      );
      const undo = () => {
        isOver = true;
        undoTimer();
        abort.abort();
      };
      look(abort.signal).then(
        (status) => {
          if (isOver) return;
          const facts = factsOf(status);
          const answer = {
            data: status,
            news: facts !== shown,
            terminal: isBuildComplete(status.status),
            active: true,
            more: false,
            attempt: status.attempt ?? null
          };
          shown = facts;
          received(answer);
          end({ result: "ok", interval: interval() }, answer.news ? "news" : "unchanged");
        },
        (error) => end(outcomeOf(error, shown !== null), error instanceof PlatformError ? error.refusal : "failed")
      );
      return undo;
    }
  };
  const loop = createLoop({
    policy: buildPolicy(settings),
    clock,
    random: ports.random,
    transport,
    sink: { publish }
  });
  return {
    loop,
    get pollCount() {
      return pollCount;
    },
    get lastPollTime() {
      return lastPollTime;
    },
    get nextPollTime() {
      const { word, dueAt } = loop.state;
      return word === "waiting" ? new Date(ports.wallNow() + dueAt - clock.now()) : null;
    }
  };
}

const LAST_WORDS_MS$1 = 1e3;
const LOOK_COST = 2;
const OUR_SHARE = 0.5;
const STATE_EVENTS = {
  [BuildState.QUEUED]: "BUILD.QUEUED",
  [BuildState.IN_PROGRESS]: "BUILD.IN_PROGRESS",
  [BuildState.COMPLETED]: "BUILD.COMPLETED",
  [BuildState.FAILED]: "BUILD.FAILED",
  [BuildState.CANCELLED]: "BUILD.CANCELLED",
  [BuildState.TIMEOUT]: "BUILD.FAILED"
};
const SYSTEM = {
  clock: {
    now: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    }
  },
  wallNow: () => Date.now(),
  random: Math.random
};
class BuildStatusPoller {
  constructor(adapters, eventStore, logger, settings = {}, ports = SYSTEM, observer = NOBODY) {
    this.adapters = adapters;
    this.logger = logger;
    this.settings = settings;
    this.ports = ports;
    this.observer = observer;
    this.events = new EventQueue(eventStore, logger);
  }
  adapters;
  logger;
  settings;
  ports;
  observer;
  jobs = /* @__PURE__ */ new Map();
  floors = /* @__PURE__ */ new Map();
  events;
  async startPolling(buildId, platform, from) {
    const adapter = this.adapters.get(platform);
    if (!adapter) throw new Error(`No adapter available for platform: ${platform}`);
    if (this.jobs.has(buildId)) throw new Error(`Already polling build: ${buildId}`);
    return new Promise((resolve, reject) => {
      const watch = createWatch({
        buildId,
        adapter,
        settings: { ...DEFAULTS, ...this.settings },
        platform,
        ports: this.ports,
        shown: from?.facts ?? null,
        interval: () => this.stretched(adapter),
        looked: (ms, lateMs, result) => {
          this.observer.looked({ platform, ms, lateMs, result });
          if (adapter.budget) this.observer.budget(platform, adapter.budget.remaining);
        },
        publish: (event) => this.told(buildId, event)
      });
      this.jobs.set(buildId, {
        platform,
        account: adapter.account,
        watch,
        startedAt: this.ports.wallNow(),
        last: null,
        told: { status: from?.status ?? null, attempt: from?.attempt ?? null },
        error: void 0,
        settle: (end) => end instanceof Error ? reject(end) : resolve(end)
      });
      this.count(platform);
      if (!from) this.emit(buildId, "BUILD.POLLING_STARTED", {}, { startTime: this.timestamp() });
      watch.loop.dispatch({ type: "floor", until: this.floors.get(adapter.account) ?? 0 });
      watch.loop.dispatch({ type: "start" });
    });
  }
  async stopPolling(buildId) {
    this.jobs.get(buildId)?.watch.loop.dispatch({ type: "stop" });
    await this.events.settled();
  }
  isPolling(buildId) {
    return this.jobs.has(buildId);
  }
  getPollingStatus(buildId) {
    const job = this.jobs.get(buildId);
    const { pollCount = 0, lastPollTime = null, nextPollTime = null } = job?.watch ?? {};
    const { error, last = null } = job ?? {};
    const stretchedTo = job?.watch.loop.state.named || void 0;
    return { buildId, isPolling: !!job, pollCount, lastPollTime, nextPollTime, error, last, stretchedTo };
  }
  told(buildId, event) {
    const job = this.jobs.get(buildId);
    if (!job) return;
    if (event.type === "data") this.answered(buildId, job, event.answer.data, event.answer.news);
    if (event.type === "trouble") {
      const { message = "failed", retryAfter } = event.outcome;
      const isFirst = !job.error;
      job.error = message;
      if (retryAfter) this.leaveAlone(job.account, retryAfter);
      this.observer.changed(buildId);
      this.logger.error("Polling error", { buildId, error: message, pollCount: job.watch.pollCount });
      const { word, failures } = job.watch.loop.state;
      if (isFirst && word !== "ended")
        this.emit(buildId, "BUILD.POLLING_ERROR", {}, { error: message, failures });
    }
    if (event.type === "state" && job.watch.loop.state.word === "ended") this.ended(buildId, job);
  }
  answered(buildId, job, status, isNew) {
    job.last = status;
    job.error = void 0;
    this.observer.changed(buildId);
    const isNextState = job.told.status !== status.status || job.told.attempt !== (status.attempt ?? null);
    if (!isNew && !isNextState) return;
    const tags = { status: status.status, pollCount: `${job.watch.pollCount}` };
    const { duration, conclusion, waitingReason, rawStatus, isUnknown, attempt } = status;
    const data = {
      status: status.status,
      duration,
      conclusion,
      waitingReason,
      rawStatus,
      isUnknown,
      attempt
    };
    const timestamp = this.timestamp();
    if (isNew)
      this.emit(buildId, "BUILD.STATUS_UPDATED", tags, { ...data, facts: factsOf(status), timestamp });
    if (isNextState) this.emit(buildId, STATE_EVENTS[status.status], tags, { ...data, timestamp });
    job.told = { status: status.status, attempt: status.attempt ?? null };
  }
  /** The interval at which what is left of an account's limit lasts until there is more; 0 where the usual one does. */
  stretched({ account, budget }) {
    const { interval } = { ...DEFAULTS, ...this.settings };
    const left = (budget?.resetsAt ?? 0) - this.ports.wallNow();
    if (!budget || left <= 0) return 0;
    const builds = [...this.jobs.values()].filter((job) => job.account === account).length;
    const needed = left * builds * LOOK_COST / Math.max(1, budget.remaining * OUR_SHARE);
    return needed > interval ? Math.min(needed, left) : 0;
  }
  /** Nobody with this token asks this host before then. */
  leaveAlone(account, retryAfter) {
    const until = Math.max(this.ports.clock.now() + retryAfter, this.floors.get(account) ?? 0);
    this.floors.set(account, until);
    for (const job of this.jobs.values())
      if (job.account === account) job.watch.loop.dispatch({ type: "floor", until });
  }
  ended(buildId, job) {
    const { why, failures } = job.watch.loop.state;
    const { last, error = "" } = job;
    this.jobs.delete(buildId);
    this.count(job.platform);
    const settings = { ...DEFAULTS, ...this.settings };
    if (why === "finished" && last) {
      if (last.endTime)
        this.observer.detected(job.platform, Math.max(0, this.ports.wallNow() - last.endTime.getTime()));
      const { status, conclusion = "", duration } = last;
      const data2 = { duration, totalPolls: job.watch.pollCount, completedAt: this.timestamp() };
      this.emit(buildId, "BUILD.POLLING_COMPLETED", { finalStatus: status, conclusion }, data2, job);
      this.conclude(job, last);
      return;
    }
    const lost = failures >= settings.maxConsecutiveErrors;
    if (why === "gaveUp" && !lost) {
      const message = `Polling timeout: ${buildId} has not ended within ${settings.maxPollTime} ms`;
      this.emit(buildId, "BUILD.POLLING_TIMEOUT", {}, { lastStatus: last?.status, error: message }, job);
      this.conclude(job, new PollingTimeout(message, last));
      return;
    }
    if (why === "stopped") {
      job.settle(new PollingStopped(`Polling stopped: ${buildId}`));
      return;
    }
    const failure = why === "gone" ? new BuildNotFound(`Build not found: ${buildId}`) : why === "refused" ? new Unauthorized(`Not authorized to read ${buildId}: ${error}`) : new PollingLost(`Polling lost: ${buildId} after ${failures} failures in a row: ${error}`, last);
    const needs = why === "refused" ? { needs: "a token that may read it" } : {};
    const data = { error: failure.message, failures, isFinal: true, lastStatus: last?.status, ...needs };
    this.emit(buildId, "BUILD.POLLING_ERROR", { reason: failure.name }, data, job);
    this.conclude(job, failure);
  }
  count(platform) {
    const builds = [...this.jobs.values()].filter((job) => job.platform === platform);
    this.observer.watching(platform, builds.length);
  }
  /** Whoever hears of the end finds its events stored, unless the store takes too long. */
  conclude(job, end) {
    const settle = () => {
      undo();
      job.settle(end);
    };
    const undo = this.ports.clock.after(LAST_WORDS_MS$1, settle);
    void this.events.settled().then(settle);
  }
  emit(buildId, type, tags, data, job = this.jobs.get(buildId)) {
    this.events.push({ type, tags: { buildId, platform: job?.platform ?? "", ...tags }, data });
  }
  timestamp() {
    return new Date(this.ports.wallNow()).toISOString();
  }
}

function ended(conclusion, rawStatus = conclusion) {
  const isOf = (list) => list.includes(conclusion);
  if (conclusion === "timed_out") return { status: BuildState.TIMEOUT, conclusion, rawStatus };
  if (isOf(CONCLUSIONS.completed)) return { status: BuildState.COMPLETED, conclusion, rawStatus };
  return {
    status: isOf(CONCLUSIONS.failed) ? BuildState.FAILED : BuildState.CANCELLED,
    conclusion,
    rawStatus
  };
}
const queued = (rawStatus, waitingReason) => ({
  status: BuildState.QUEUED,
  rawStatus,
  waitingReason
});
const running = (rawStatus, waitingReason) => ({
  status: BuildState.IN_PROGRESS,
  rawStatus,
  waitingReason
});
const unknown = (rawStatus) => ({
  status: BuildState.IN_PROGRESS,
  rawStatus,
  isUnknown: true
});
const GITHUB_CONCLUSIONS = [
  "success",
  "neutral",
  "skipped",
  "failure",
  "timed_out",
  "startup_failure",
  "action_required",
  "cancelled",
  "stale"
];
function githubVerdict(status, conclusion) {
  switch (status) {
    case "requested":
    case "queued":
      return queued(status);
    case "pending":
      return queued(status, "Its concurrency group is busy");
    case "waiting":
      return running(status, "An approval");
    case "in_progress":
      return running(status);
    case "completed":
      if (conclusion === null) return running(status, "Its conclusion");
      return GITHUB_CONCLUSIONS.includes(conclusion) ? ended(conclusion) : unknown(`${status}/${conclusion}`);
    default:
      return unknown(`${status}`);
  }
}
function gitlabVerdict(status, failureReason) {
  switch (status) {
    case "created":
    case "preparing":
    case "pending":
      return queued(status);
    case "waiting_for_resource":
      return running(status, "A resource");
    case "waiting_for_callback":
      return running(status, "A callback");
    case "manual":
      return running(status, "Somebody who starts its manual job");
    case "scheduled":
      return running(status, "Its time");
    case "running":
    case "canceling":
      return running(status);
    case "success":
      return ended("success", status);
    case "failed":
      return ended(
        failureReason === "job_execution_timeout" || failureReason === "stuck_or_timeout_failure" ? "timed_out" : "failure",
        status
      );
    case "canceled":
      return ended("cancelled", status);
    case "skipped":
      return ended("skipped", status);
    default:
      return unknown(status);
  }
}
const JENKINS_RESULTS = {
  SUCCESS: "success",
  UNSTABLE: "unstable",
  FAILURE: "failure",
  NOT_BUILT: "not_built",
  ABORTED: "cancelled"
};
function jenkinsVerdict({ building, inProgress, result }) {
  if (building) return running("building");
  if (inProgress) return running("finalizing");
  if (result === null) return running("no result", "Its result");
  const conclusion = Object.hasOwn(JENKINS_RESULTS, result) ? JENKINS_RESULTS[result] : void 0;
  return conclusion ? ended(conclusion, result) : unknown(result);
}
function jenkinsQueueVerdict(item) {
  if (item.cancelled) return ended("cancelled", "queue: cancelled");
  return queued(item.stuck ? "queue: stuck" : "queue", item.why ?? void 0);
}

class BuildMemory {
  constructor(takeLog) {
    this.takeLog = takeLog;
  }
  takeLog;
  /** Answers with their ETags, by what was asked. */
  answers = /* @__PURE__ */ new Map();
  byStage = /* @__PURE__ */ new Map();
  /** Stages whose logs were had to the end. */
  complete = /* @__PURE__ */ new Set();
  /** Bytes of logs that were taken while their stages ran. */
  taken = /* @__PURE__ */ new Map();
  artifacts;
  error;
  attempt;
  /** Whether the build had ended when it was looked at last. */
  hadEnded = false;
  /** Jenkins without the plugin that tells of stages. */
  hasNoStages = false;
  /** A log that is read while it grows: where it goes on, in bytes. */
  growing = { offset: 0, text: "", isComplete: false };
  recall({ attempt, hasEnded, stagesWithLogs, logOffset }) {
    this.attempt = attempt;
    this.hadEnded = hasEnded;
    for (const id of stagesWithLogs) this.complete.add(id);
    this.growing.offset = logOffset ?? 0;
    this.growing.isComplete = logOffset === null;
  }
  /** Adds what has come of the build's own log; `isAnew`: it has been begun again. */
  grow(text, offset, isAnew, isLast) {
    const { growing, takeLog } = this;
    const begin = isAnew ? 0 : growing.offset;
    growing.offset = offset;
    growing.isComplete = isLast;
    if (takeLog) {
      takeLog({ stageId: null, offset: begin, data: Buffer.from(text), isLast });
      return;
    }
    growing.text = `${isAnew ? "" : growing.text}${text}`.slice(-1048576);
    if (growing.text) this.byStage.set("log", { stageId: "log", name: "log", text: growing.text });
  }
  /** Another attempt has logs, artifacts and errors of its own. */
  begin(attempt) {
    if (this.attempt === attempt) return;
    this.attempt = attempt;
    this.byStage.clear();
    this.complete.clear();
    this.taken.clear();
    this.artifacts = this.error = void 0;
  }
  get logs() {
    return [...this.byStage.values()];
  }
  /** Fetches the whole log of a stage, unless it is there to its end. `isLast`: the stage has ended. */
  async keepLog({ id, name, isLast }, signal, fetchLog) {
    if (this.complete.has(id)) return;
    const text = await niceToHave(signal, fetchLog);
    if (typeof text !== "string") return;
    if (isLast) this.complete.add(id);
    if (!this.takeLog) {
      this.byStage.set(id, { stageId: id, name, text: text.slice(-1048576) });
      return;
    }
    const data = Buffer.from(text);
    const offset = Math.min(this.taken.get(id) ?? 0, data.length);
    this.taken.set(id, data.length);
    if (isLast || data.length > offset)
      this.takeLog({ stageId: id, offset, data: data.subarray(offset), isLast });
  }
}
class Remembering {
  all = /* @__PURE__ */ new Map();
  takeLog;
  recall(buildId, known) {
    this.memoryOf(buildId).recall(known);
  }
  forget(buildId) {
    this.all.delete(buildId);
  }
  memoryOf(buildId) {
    const known = this.all.get(buildId);
    if (known) return known;
    const { takeLog } = this;
    const memory = new BuildMemory(takeLog && ((piece) => takeLog(buildId, piece)));
    this.all.set(buildId, memory);
    return memory;
  }
}
const accountOf = (url, token) => `${new URL(url).host} ${token ? createHash("sha256").update(token).digest("hex").slice(0, 12) : "anonymous"}`;
async function niceToHave(signal, fetchIt) {
  try {
    return await fetchIt();
  } catch (error) {
    if (signal?.aborted) throw error;
    return void 0;
  }
}
const date = (text) => text ? new Date(text) : void 0;
const idOf = (text) => /^[1-9]\d{0,15}$/.test(text ?? "") ? Number(text) : 0;

const SECONDARY_MS = 6e4;
const PAGE = 100;
function parseGitHubBuild(buildId) {
  const [, owner_, repo_, mark, name = ""] = /^([^/:@#]+)\/([^/:@#]+)([@#])(.+)$/.exec(buildId) ?? [];
  if (owner_ && repo_ && mark === "@") {
    const of = /^[0-9a-f]{40}$/.test(name) ? { head_sha: name } : { branch: name };
    return { owner: owner_, repo: repo_, of };
  }
  if (owner_ && repo_ && idOf(name)) return { owner: owner_, repo: repo_, of: { pull_number: idOf(name) } };
  return parseRun(buildId);
}
function parseRun(buildId) {
  const [owner, repo, run, ...rest] = buildId.split(":");
  const run_id = idOf(run);
  if (!owner || !repo || !run_id || rest.length)
    throw new PlatformError(
      "notFound",
      `'${buildId}' is no build of GitHub: write owner:repo:runId, owner/repo@branch or owner/repo#pull`
    );
  return { owner, repo, run_id };
}
function limitOf$1({ status, response }, now) {
  if (status !== 403 && status !== 429) return null;
  const headers = response?.headers ?? {};
  const after = Number(headers["retry-after"]);
  if (after > 0) return after * 1e3;
  if (headers["x-ratelimit-remaining"] === "0")
    return Math.max(0, Number(headers["x-ratelimit-reset"]) * 1e3 - now) + 1e3;
  const isLimit = status === 429 || /rate limit/i.test(JSON.stringify(response?.data ?? ""));
  return isLimit ? SECONDARY_MS : null;
}
function refusalOf$1(error, now) {
  if (!(error instanceof RequestError)) return new PlatformError("failed", `${error}`);
  const { status, message, response } = error;
  const limit = limitOf$1(error, now);
  if (limit !== null) return new PlatformError("failed", `GitHub: ${message}`, limit);
  if (!response) return new PlatformError("network", `GitHub: ${message}`);
  const refusal = status === 404 ? "notFound" : status === 401 || status === 403 ? "unauthorized" : "failed";
  return new PlatformError(refusal, `GitHub: ${status} ${message}`);
}
function stageOf$2({ id, name, status, conclusion, started_at, completed_at, steps = [] }) {
  const verdict = githubVerdict(status, conclusion);
  return {
    id: `${id}`,
    name,
    state: verdict.status,
    conclusion: verdict.conclusion,
    startTime: date(started_at),
    endTime: date(completed_at),
    steps: steps.map((step) => {
      const one = githubVerdict(step.status, step.conclusion);
      return {
        name: step.name,
        state: one.status,
        conclusion: one.conclusion,
        startTime: date(step.started_at),
        endTime: date(step.completed_at)
      };
    })
  };
}
class GitHubActionsAdapter extends Remembering {
  account;
  budget = null;
  client;
  isApp;
  wallNow;
  found = /* @__PURE__ */ new Map();
  constructor({
    token,
    app,
    baseUrl = "https://api.github.com",
    wallNow = Date.now,
    fetch
  } = {}) {
    super();
    this.isApp = !!app;
    this.wallNow = wallNow;
    this.account = accountOf(baseUrl, app ? `app ${app.appId} ${app.installationId}` : token);
    this.client = new Octokit({
      ...app ? { authStrategy: createAppAuth, auth: app } : { auth: token },
      baseUrl,
      // What goes wrong is told by our errors; the client would print it.
      log: { debug() {
      }, info() {
      }, warn() {
      }, error() {
      } },
      request: fetch ? { fetch } : {}
    });
    this.client.hook.after("request", ({ headers }) => this.note(headers));
    this.client.hook.error("request", (error) => {
      if (error instanceof RequestError) this.note(error.response?.headers ?? {});
      throw error;
    });
  }
  async getBuildStatus(buildId, { signal } = {}) {
    const asked = parseGitHubBuild(buildId);
    const memory = this.memoryOf(buildId);
    try {
      const place = "of" in asked ? await this.newest(buildId, asked, signal) : asked;
      const run = await this.kept(
        memory,
        "GET /repos/{owner}/{repo}/actions/runs/{run_id}",
        place,
        signal
      );
      memory.begin(run.run_attempt ?? 1);
      const jobs = await this.jobsOf(memory, place, signal);
      return await this.statusOf(buildId, place, memory, run, jobs, signal);
    } catch (error) {
      throw error instanceof PlatformError ? error : refusalOf$1(error, this.wallNow());
    }
  }
  /** A token of an installation may be revoked before its hour is over. */
  async refreshAuthentication() {
    if (!this.isApp) return false;
    return this.client.auth({ type: "installation", refresh: true }).then(
      () => true,
      () => false
    );
  }
  /** Found once: a run that begins later is another build. */
  async newest(buildId, { owner, repo, of }, signal) {
    const known = this.found.get(buildId);
    if (known) return known;
    const request = signal ? { signal } : {};
    const head = async (pull_number) => (await this.client.rest.pulls.get({ owner, repo, pull_number, request })).data.head.sha;
    const filter = "pull_number" in of ? { head_sha: await head(of.pull_number) } : of;
    const { data } = await this.client.rest.actions.listWorkflowRunsForRepo({
      ...{ owner, repo, ...filter },
      per_page: 1,
      request
    });
    const [run] = data.workflow_runs;
    if (!run) throw new PlatformError("notFound", `GitHub: ${buildId} has no run yet`);
    const place = { owner, repo, run_id: run.id };
    this.found.set(buildId, place);
    return place;
  }
  note(headers) {
    const [remaining, reset] = [headers["x-ratelimit-remaining"], headers["x-ratelimit-reset"]].map(Number);
    if (remaining >= 0 && reset > 0) this.budget = { remaining, resetsAt: reset * 1e3 };
  }
  async kept(memory, route, parameters, signal) {
    const key = JSON.stringify([route, parameters]);
    const known = memory.answers.get(key);
    const headers = known?.etag ? { "if-none-match": known.etag } : {};
    const request = signal ? { signal } : {};
    try {
      const { data, headers: got } = await this.client.request(route, { ...parameters, headers, request });
      memory.answers.set(key, { etag: got.etag, data });
      return data;
    } catch (error) {
      if (error instanceof RequestError && error.status === 304 && known) return known.data;
      throw error;
    }
  }
  async jobsOf(memory, place, signal) {
    const route = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs";
    const jobs = [];
    for (let page = 1; ; page++) {
      const found = await this.kept(
        memory,
        route,
        { ...place, per_page: PAGE, page },
        signal
      );
      jobs.push(...found.jobs);
      if (found.jobs.length < PAGE || jobs.length >= found.total_count) return jobs;
    }
  }
  async statusOf(buildId, place, memory, run, jobs, signal) {
    const verdict = githubVerdict(run.status, run.conclusion);
    const hasEnded = isBuildComplete(verdict.status);
    await this.fetchLogs(memory, place, jobs, signal);
    if (hasEnded) await this.fetchRest(memory, place, jobs, signal);
    const startTime = date(run.run_started_at) ?? new Date(run.created_at);
    const endTime = hasEnded ? date(run.updated_at) : void 0;
    return {
      ...verdict,
      buildId,
      startTime,
      endTime,
      duration: endTime ? Math.max(0, endTime.getTime() - startTime.getTime()) : void 0,
      attempt: run.run_attempt ?? 1,
      url: run.html_url,
      project: `${place.owner}/${place.repo}`,
      number: `${run.run_number ?? place.run_id}`,
      title: [run.name, run.head_branch].filter(Boolean).join(" \xB7 ") || void 0,
      foundId: `${place.owner}:${place.repo}:${place.run_id}`,
      stages: jobs.map(stageOf$2),
      logs: memory.logs,
      artifacts: memory.artifacts,
      error: hasEnded ? memory.error : void 0
    };
  }
  /** A job's log is there once the job has ended; one that was skipped never has any. */
  async fetchLogs(memory, place, jobs, signal) {
    for (const { id, name, status, conclusion } of jobs) {
      if (status !== "completed" || conclusion === "skipped") continue;
      const request = signal ? { signal } : {};
      const { owner, repo } = place;
      const asked = { owner, repo, job_id: id, request };
      await memory.keepLog({ id: `${id}`, name, isLast: true }, signal, async () => {
        const { data } = await this.client.rest.actions.downloadJobLogsForWorkflowRun(asked);
        return data;
      });
    }
  }
  async fetchRest(memory, place, jobs, signal) {
    const request = signal ? { signal } : {};
    memory.artifacts ??= await niceToHave(signal, async () => {
      const { data } = await this.client.rest.actions.listWorkflowRunArtifacts({
        ...place,
        per_page: PAGE,
        request
      });
      return data.artifacts.map(({ name, archive_download_url, size_in_bytes, expires_at }) => ({
        name,
        url: archive_download_url,
        size: size_in_bytes,
        expiresAt: date(expires_at)
      }));
    });
    const failed = jobs.find((job) => githubVerdict(job.status, job.conclusion).status === BuildState.FAILED);
    if (memory.error !== void 0 || !failed) return;
    const step = failed.steps?.find(({ conclusion }) => conclusion === "failure")?.name;
    const annotation = await niceToHave(signal, async () => {
      const { owner, repo } = place;
      const { data } = await this.client.rest.checks.listAnnotations({
        owner,
        repo,
        check_run_id: failed.id,
        request
      });
      return data.find(({ annotation_level }) => annotation_level === "failure")?.message ?? void 0;
    });
    memory.error = [failed.name, step, annotation?.split("\n")[0]].filter(Boolean).join(": ");
  }
}

const LIMITED_MS = 6e4;
function limitOf(headers, now) {
  const after = Number(headers.get("retry-after"));
  if (after > 0) return after * 1e3;
  const reset = Number(headers.get("ratelimit-reset")) * 1e3;
  return reset > now ? reset - now + 1e3 : LIMITED_MS;
}
function refusalOf(platform, { status, statusText, headers }, now) {
  const message = `${platform}: ${status} ${statusText}`;
  if (status === 429) return new PlatformError("failed", message, limitOf(headers, now));
  const refusal = status === 404 ? "notFound" : status === 401 || status === 403 ? "unauthorized" : "failed";
  return new PlatformError(refusal, message);
}
async function askPlatform(memory, { platform, url, method = "GET", headers = {}, signal, now }) {
  const known = memory.answers.get(url);
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...known?.etag ? { "if-none-match": known.etag } : {} },
    ...signal ? { signal } : {}
  }).catch((error) => {
    if (signal?.aborted) throw signal.reason;
    throw new PlatformError("network", `${platform}: ${error instanceof Error ? error.message : error}`);
  });
  if (response.status === 304 && known) return known.data;
  if (!response.ok) throw refusalOf(platform, response, now);
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  const answer = {
    body: isJson ? await response.json() : await response.text(),
    headers: response.headers,
    status: response.status
  };
  const etag = response.headers.get("etag");
  if (etag) memory.answers.set(url, { etag, data: answer });
  return answer;
}

const TRACES_MS = 6e4;
const projectIn = (webUrl) => /^https?:\/\/[^/]+\/(.+?)\/-\//.exec(webUrl)?.[1];
const projectOf = (text) => {
  const name = safely(() => decodeURIComponent(text));
  return idOf(name) || name;
};
function parseGitLabBuild(buildId) {
  const [, text = "", mark, name = ""] = /^([^:@!]+)([@!])(.+)$/.exec(buildId) ?? [];
  const project = projectOf(text);
  if (project && mark === "@") return { project, of: { ref: name } };
  if (project && idOf(name)) return { project, of: { mergeRequest: idOf(name) } };
  return parsePipeline(buildId);
}
function parsePipeline(buildId) {
  const at = buildId.lastIndexOf(":");
  const pipeline = idOf(buildId.slice(at + 1));
  const project = projectOf(buildId.slice(0, Math.max(at, 0)));
  if (!project || !pipeline)
    throw new PlatformError(
      "notFound",
      `'${buildId}' is no pipeline of GitLab: write project:pipelineId, project@branch or project!merge, the project as its id or as group%2Fname`
    );
  return { project, pipeline };
}
function safely(decode) {
  try {
    return decode();
  } catch {
    return "";
  }
}
function stageOf$1({
  id,
  name,
  status,
  failure_reason,
  started_at,
  finished_at,
  downstream_pipeline
}) {
  const verdict = gitlabVerdict(downstream_pipeline?.status ?? status, failure_reason);
  return {
    id: `${id}`,
    name,
    state: verdict.status,
    conclusion: verdict.conclusion,
    startTime: date(started_at),
    endTime: date(finished_at),
    steps: []
  };
}
class GitLabAdapter extends Remembering {
  account;
  host;
  token;
  oauth;
  wallNow;
  found = /* @__PURE__ */ new Map();
  /** When the traces of running jobs were read last, by build; wall clock, milliseconds. */
  tracesReadAt = /* @__PURE__ */ new Map();
  constructor({ token, oauth, host = "https://gitlab.com", wallNow = Date.now } = {}) {
    super();
    this.oauth = oauth;
    this.host = host.replace(/\/+$/, "");
    this.token = token;
    this.wallNow = wallNow;
    this.account = accountOf(host, oauth?.account ?? token);
  }
  async getBuildStatus(buildId, { signal } = {}) {
    const asked = parseGitLabBuild(buildId);
    const memory = this.memoryOf(buildId);
    const options = await this.optionsOf(memory, signal);
    const [pipelines, jobs] = [new Pipelines(options), new Jobs(options)];
    const { project, pipeline } = "of" in asked ? await this.newest(buildId, asked, options) : asked;
    const run = await pipelines.show(project, pipeline);
    const verdictOf = (reason) => gitlabVerdict(run.status, reason);
    const hasEnded = isBuildComplete(verdictOf().status);
    memory.begin((memory.attempt ?? 1) + Number(memory.hadEnded && !hasEnded));
    memory.hadEnded = hasEnded;
    const own = await jobs.all(project, { pipelineId: pipeline, perPage: 100 });
    const bridges = await jobs.allPipelineBridges(project, pipeline);
    await this.readTraces(buildId, memory, own, signal, (id) => jobs.showLog(project, id));
    const all = [...own, ...bridges];
    const failed = all.find(({ status, allow_failure }) => status === "failed" && !allow_failure);
    const verdict = verdictOf(failed?.failure_reason);
    const startTime = date(run.started_at) ?? new Date(run.created_at);
    return {
      ...verdict,
      buildId,
      startTime,
      endTime: hasEnded ? date(run.finished_at) : void 0,
      duration: hasEnded && run.duration !== null ? run.duration * 1e3 : void 0,
      attempt: memory.attempt,
      url: run.web_url,
      project: projectIn(run.web_url) ?? `${project}`,
      number: `${run.iid ?? pipeline}`,
      title: run.ref || void 0,
      foundId: `${encodeURIComponent(project)}:${pipeline}`,
      stages: all.map(stageOf$1),
      logs: memory.logs,
      artifacts: this.artifactsOf(project, own),
      error: verdict.status === BuildState.FAILED || verdict.status === BuildState.TIMEOUT ? [failed?.name, failed?.failure_reason?.replaceAll("_", " ")].filter(Boolean).join(": ") || void 0 : void 0
    };
  }
  refreshAuthentication() {
    return this.oauth?.renew() ?? Promise.resolve(false);
  }
  /** Of each job that has ended once; of those that run from time to time, where somebody takes the pieces. */
  async readTraces(buildId, memory, jobs, signal, read) {
    const now = this.wallNow();
    const isDue = memory.takeLog && now - (this.tracesReadAt.get(buildId) ?? 0) >= TRACES_MS;
    if (isDue) this.tracesReadAt.set(buildId, now);
    for (const { id, name, status } of jobs) {
      const isLast = isBuildComplete(gitlabVerdict(status).status);
      if (isLast ? status !== "skipped" : isDue && status === "running")
        await memory.keepLog({ id: `${id}`, name, isLast }, signal, () => read(id));
    }
  }
  forget(buildId) {
    super.forget(buildId);
    this.tracesReadAt.delete(buildId);
  }
  /** Found once: a pipeline that begins later is another build. */
  async newest(buildId, { project, of }, options) {
    const known = this.found.get(buildId);
    if (known) return known;
    const [first] = "ref" in of ? await new Pipelines(options).all(project, { ref: of.ref, perPage: 1, maxPages: 1 }) : await new MergeRequests(options).allPipelines(project, of.mergeRequest);
    if (!first) throw new PlatformError("notFound", `GitLab: ${buildId} has no pipeline yet`);
    const place = { project, pipeline: first.id };
    this.found.set(buildId, place);
    return place;
  }
  artifactsOf(project, jobs) {
    const base = `${this.host}/api/v4/projects/${encodeURIComponent(project)}/jobs`;
    return jobs.flatMap(
      ({ id, name, artifacts_file, artifacts_expire_at }) => artifacts_file ? [
        {
          name: `${name}: ${artifacts_file.filename}`,
          url: `${base}/${id}/artifacts`,
          size: artifacts_file.size,
          expiresAt: date(artifacts_expire_at)
        }
      ] : []
    );
  }
  /** Each look has its own: a token may have been renewed since the last one, here or elsewhere. */
  async optionsOf(memory, signal) {
    const login = this.oauth ? { oauthToken: await this.oauth.token() } : this.token ? { token: this.token } : {};
    const ask = async (endpoint, { method, headers, searchParams, prefixUrl } = {}) => {
      const answer = await askPlatform(memory, {
        platform: "GitLab",
        url: `${`${prefixUrl}`.replace(/\/+$/, "")}/${endpoint}${searchParams ? `?${searchParams}` : ""}`,
        method: `${method}`,
        headers,
        signal,
        now: this.wallNow()
      });
      return {
        body: answer.body,
        headers: Object.fromEntries(answer.headers),
        status: answer.status
      };
    };
    return {
      host: this.host,
      ...login,
      rateLimits: {},
      requesterFn: createRequesterFn(async (_service, options) => options, ask)
    };
  }
}

const BUILD_TREE = "building,inProgress,result,timestamp,duration,url,artifacts[fileName,relativePath]";
const QUEUE_TREE = "why,stuck,cancelled,inQueueSince,executable[number,url]";
function parseJenkinsBuild(buildId) {
  const at = buildId.lastIndexOf(":");
  const [job, number] = [buildId.slice(0, Math.max(at, 0)), idOf(buildId.slice(at + 1))];
  const names = job.split("/");
  if (!number || names.some((name) => !name || name === "." || name === ".."))
    throw new PlatformError(
      "notFound",
      `'${buildId}' is no build of Jenkins: write folder/job:number or queue:item`
    );
  return job === "queue" ? { queueItem: number } : { job, number };
}
const pathOf = (job) => job.split("/").map((name) => `job/${encodeURIComponent(name)}`).join("/");
function placeIn(path) {
  const parts = path.split("/");
  const number = parts.at(-1);
  const project = parts.filter((_, i) => i % 2 === 1).map(decodeURIComponent).join("/");
  return { project, number, foundId: `${project}:${number}` };
}
function stageVerdict(status) {
  if (status === "PAUSED_PENDING_INPUT")
    return {
      status: BuildState.IN_PROGRESS,
      rawStatus: status,
      waitingReason: "Somebody who answers its input"
    };
  if (status === "IN_PROGRESS") return { status: BuildState.IN_PROGRESS, rawStatus: status };
  if (status === "NOT_EXECUTED") return { status: BuildState.QUEUED, rawStatus: status };
  const known = {
    SUCCESS: "success",
    UNSTABLE: "unstable",
    FAILED: "failure",
    ABORTED: "cancelled"
  };
  return Object.hasOwn(known, status) ? ended(known[status], status) : { status: BuildState.IN_PROGRESS, rawStatus: status, isUnknown: true };
}
const stageOf = ({ id, name, status, startTimeMillis, durationMillis }) => {
  const verdict = stageVerdict(status);
  return {
    id,
    name,
    state: verdict.status,
    conclusion: verdict.conclusion,
    startTime: startTimeMillis ? new Date(startTimeMillis) : void 0,
    endTime: isBuildComplete(verdict.status) ? new Date(startTimeMillis + durationMillis) : void 0,
    steps: []
  };
};
class JenkinsAdapter extends Remembering {
  account;
  base;
  headers;
  wallNow;
  /** Builds that queue items have become; Jenkins forgets items five minutes after that. */
  followed = /* @__PURE__ */ new Map();
  constructor({ url, user, token, wallNow = Date.now }) {
    super();
    this.base = url.replace(/\/+$/, "");
    this.wallNow = wallNow;
    const login = token ? Buffer.from(`${user ?? ""}:${token}`).toString("base64") : "";
    this.headers = login ? { authorization: `Basic ${login}` } : {};
    this.account = accountOf(url, token && `${user ?? ""}:${token}`);
  }
  async getBuildStatus(buildId, { signal } = {}) {
    const place = parseJenkinsBuild(buildId);
    const memory = this.memoryOf(buildId);
    if ("job" in place) return this.build(buildId, memory, `${pathOf(place.job)}/${place.number}`, signal);
    const known = this.followed.get(place.queueItem);
    if (known) return this.build(buildId, memory, known, signal);
    const asked = `queue/item/${place.queueItem}/api/json?tree=${QUEUE_TREE}`;
    const item = (await this.ask(memory, asked, signal)).body;
    if (item.executable) {
      const { pathname } = new URL(item.executable.url);
      const path = pathname.slice(pathname.indexOf("/job/") + 1).replace(/\/+$/, "");
      this.followed.set(place.queueItem, path);
      return this.build(buildId, memory, path, signal);
    }
    return { ...jenkinsQueueVerdict(item), buildId, startTime: new Date(item.inQueueSince), attempt: 1 };
  }
  ask(memory, path, signal) {
    const url = `${this.base}/${path}`;
    return askPlatform(memory, {
      platform: "Jenkins",
      url,
      headers: this.headers,
      signal,
      now: this.wallNow()
    });
  }
  async build(buildId, memory, path, signal) {
    const build = (await this.ask(memory, `${path}/api/json?tree=${BUILD_TREE}`, signal)).body;
    const stages = await this.stages(memory, path, signal);
    const verdict = jenkinsVerdict(build);
    const hasEnded = isBuildComplete(verdict.status);
    if (!memory.growing.isComplete)
      await niceToHave(signal, () => this.readLog(memory, path, hasEnded, signal));
    const paused = hasEnded ? void 0 : stages.find(({ status }) => status === "PAUSED_PENDING_INPUT");
    const failed = stages.find(({ status }) => status === "FAILED");
    const startTime = new Date(build.timestamp);
    return {
      ...verdict,
      waitingReason: paused ? stageVerdict(paused.status).waitingReason : verdict.waitingReason,
      buildId,
      startTime,
      endTime: hasEnded ? new Date(build.timestamp + build.duration) : void 0,
      duration: hasEnded ? build.duration : void 0,
      attempt: 1,
      url: build.url,
      ...placeIn(path),
      stages: stages.map(stageOf),
      logs: memory.logs,
      artifacts: build.artifacts.map(({ fileName, relativePath }) => ({
        name: fileName,
        url: `${this.base}/${path}/artifact/${relativePath.split("/").map(encodeURIComponent).join("/")}`
      })),
      error: verdict.status === BuildState.FAILED ? failed?.name : void 0
    };
  }
  async stages(memory, path, signal) {
    if (memory.hasNoStages) return [];
    try {
      return (await this.ask(memory, `${path}/wfapi/describe`, signal)).body.stages ?? [];
    } catch (error) {
      if (signal?.aborted) throw error;
      if (error instanceof PlatformError && error.refusal === "notFound") memory.hasNoStages = true;
      return [];
    }
  }
  /** Only what is new. A log that has become shorter was begun again. */
  async readLog(memory, path, hasEnded, signal) {
    const { offset } = memory.growing;
    const { body, headers } = await this.ask(
      memory,
      `${path}/logText/progressiveText?start=${offset}`,
      signal
    );
    const size = Number(headers.get("x-text-size"));
    const isLast = hasEnded && headers.get("x-more-data") !== "true";
    memory.grow(`${body}`, size, size < offset, isLast);
  }
}

function parseTarget(name) {
  const at = name.indexOf(":");
  const [platform, buildId] = [name.slice(0, Math.max(at, 0)), name.slice(at + 1)];
  if (platform === GitPlatform.GITHUB) parseGitHubBuild(buildId);
  else if (platform === GitPlatform.GITLAB) parseGitLabBuild(buildId);
  else if (platform === GitPlatform.JENKINS) parseJenkinsBuild(buildId);
  else
    throw new Error(
      `'${name}' is no build that can be watched: write github:owner:repo:runId, gitlab:project:pipelineId or jenkins:folder/job:number`
    );
  return { platform, buildId, name };
}

const STALE_MS = 3e4;
const DEADLINE_MS$1 = 15e3;
class OAuthToken {
  constructor(options) {
    this.options = options;
  }
  options;
  last = null;
  /** What sets its limits apart from those of others: tokens come and go. */
  get account() {
    const { clientId, file } = this.options;
    return `oauth ${clientId} ${file}`;
  }
  /** As the file has it now: another process may have renewed it. Rejects with a sentence that names the file. */
  async token() {
    const { access_token } = await this.read();
    this.last = access_token;
    return access_token;
  }
  /** Whether there is another token than the one that was given last. */
  async renew() {
    const { file } = this.options;
    const refused = this.last;
    const release = await lock(file, {
      stale: STALE_MS,
      retries: { retries: 60, minTimeout: 50, maxTimeout: 500 }
    });
    try {
      const known = await this.read();
      if (known.access_token !== refused) return true;
      const fresh = await this.ask(known.refresh_token);
      if (!fresh) return false;
      const temporary = `${file}.${process.pid}.tmp`;
      await writeFile(temporary, JSON.stringify(fresh), { mode: 384 });
      await rename(temporary, file);
      return true;
    } finally {
      await release();
    }
  }
  async read() {
    const { file } = this.options;
    const tokens = JSON.parse(await readFile$1(file, "utf8").catch(() => "{}"));
    const { access_token, refresh_token } = tokens;
    if (!access_token || !refresh_token)
      throw new Error(
        `${file} must hold JSON with 'access_token' and 'refresh_token', as GitLab answers them`
      );
    return { access_token, refresh_token };
  }
  async ask(refreshToken) {
    const { clientId, clientSecret, host } = this.options;
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: clientId,
      ...clientSecret ? { client_secret: clientSecret } : {}
    });
    const response = await fetch(`${host}/oauth/token`, {
      method: "POST",
      body,
      signal: AbortSignal.timeout(DEADLINE_MS$1)
    }).catch(() => null);
    if (!response?.ok) return null;
    const fresh = await response.json().catch(() => null);
    return fresh?.access_token && fresh.refresh_token ? fresh : null;
  }
}

class BadSettings extends Error {
}
const plain = (name, variable, key, low, high) => ({
  variable,
  path: ["polling", key],
  low,
  high,
  get: (settings) => settings[name],
  with: (settings, value) => ({ ...settings, [name]: value })
});
const ofPlatform = (platform, name, variable, key, low, high) => ({
  variable: `${platform.toUpperCase()}_${variable}`,
  path: ["platforms", platform, key],
  low,
  high,
  get: ({ platforms }) => platforms[platform][name],
  with: (settings, value) => ({
    ...settings,
    platforms: { ...settings.platforms, [platform]: { ...settings.platforms[platform], [name]: value } }
  })
});
const KEYS = [
  plain("interval", "BUILD_POLL_INTERVAL", "interval", 1e3, 36e5),
  plain("maxPollTime", "BUILD_MAX_POLL_TIME", "max_poll_time", 1e3, 6048e5),
  plain("maxConsecutiveErrors", "BUILD_MAX_CONSECUTIVE_ERRORS", "max_consecutive_errors", 1, 1e3),
  plain("backoffMultiplier", "BUILD_BACKOFF_MULTIPLIER", "backoff_multiplier", 1, 10),
  ...Object.values(GitPlatform).flatMap((platform) => [
    ofPlatform(platform, "timeout", "API_TIMEOUT", "timeout", 100, 6e5),
    ofPlatform(platform, "retryAttempts", "RETRY_ATTEMPTS", "retry_attempts", 0, 10)
  ])
];
const KNOWN = KEYS.map(({ path }) => path.join(".")).join(", ");
function numberOf(text, { low, high }, where) {
  const value = typeof text === "string" && text.trim() ? Number(text) : text;
  if (typeof value !== "number" || !Number.isFinite(value) || value < low || value > high)
    throw new BadSettings(`${where} must be a number from ${low} to ${high}, not ${JSON.stringify(text)}`);
  return value;
}
function readMapping(node, above, whereOf) {
  if (!isMap(node)) throw new BadSettings(`${whereOf(node, above)} must be a mapping`);
  return node.items.flatMap(({ key, value }) => {
    const names = [...above, isScalar(key) ? `${key.value}` : "?"];
    const where = whereOf(key, names);
    const found = KEYS.find(({ path }) => path.join() === names.join());
    if (found) return [[found, numberOf(isScalar(value) ? value.value : value?.toJSON(), found, where)]];
    if (KEYS.some(({ path }) => path.join().startsWith(`${names.join()},`)))
      return readMapping(value, names, whereOf);
    throw new BadSettings(`${where} is not known; known are ${KNOWN}`);
  });
}
function readFile(path) {
  const lines = new LineCounter();
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new BadSettings(`${path} can't be read: ${error.code}`);
  }
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (offset = 0) => lines.linePos(offset).line;
  const [mistake] = document.errors;
  if (mistake) throw new BadSettings(`${path}:${lineOf(mistake.pos[0])}: ${mistake.message.split("\n")[0]}`);
  const whereOf = (node, names) => `${path}:${lineOf(node?.range?.[0])}: ${names.join(".") || "the file"}`;
  return document.contents ? readMapping(document.contents, [], whereOf) : [];
}
function readSettings(env, path) {
  let settings = DEFAULTS;
  for (const [key, value] of path ? readFile(path) : []) settings = key.with(settings, value);
  for (const key of KEYS) {
    const text = env[key.variable];
    if (text) settings = key.with(settings, numberOf(text, key, key.variable));
  }
  return settings;
}
function printSettings(settings) {
  const document = new Document({});
  for (const key of KEYS) document.setIn(key.path, key.get(settings));
  return String(document);
}
function readToken(env, name) {
  const file = env[`${name}_FILE`];
  if (env[name] || !file) return env[name] || void 0;
  try {
    return readFileSync(file, "utf8").trim() || void 0;
  } catch (error) {
    throw new BadSettings(`${name}_FILE: ${file} can't be read: ${error.code}`);
  }
}

const SECRETS = [
  "GITHUB_TOKEN",
  "GITHUB_APP_PRIVATE_KEY",
  "GITLAB_TOKEN",
  "GITLAB_OAUTH_CLIENT_SECRET",
  "JENKINS_TOKEN",
  "VPO_REPORT_TOKEN"
];
function readApp(env) {
  const appId = env.GITHUB_APP_ID;
  if (!appId) return void 0;
  const installationId = Number(env.GITHUB_APP_INSTALLATION_ID);
  const privateKey = readToken(env, "GITHUB_APP_PRIVATE_KEY");
  if (!(installationId > 0) || !privateKey)
    throw new BadSettings(
      "GITHUB_APP_ID goes with GITHUB_APP_INSTALLATION_ID (a number) and GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE"
    );
  return { appId, installationId, privateKey: privateKey.replaceAll("\\n", "\n") };
}
function readOAuth(env, host = "https://gitlab.com") {
  const { GITLAB_OAUTH_FILE: file, GITLAB_OAUTH_CLIENT_ID: clientId } = env;
  if (!file) return void 0;
  if (!clientId) throw new BadSettings("GITLAB_OAUTH_FILE goes with GITLAB_OAUTH_CLIENT_ID");
  const clientSecret = readToken(env, "GITLAB_OAUTH_CLIENT_SECRET");
  return new OAuthToken({ file, clientId, clientSecret, host: host.replace(/\/+$/, "") });
}
function adaptersOf(env) {
  const app = readApp(env);
  const github = {
    ...app ? { app } : { token: readToken(env, "GITHUB_TOKEN") },
    baseUrl: env.GITHUB_API_URL || void 0
  };
  const host = env.GITLAB_URL || void 0;
  const gitlab = { token: readToken(env, "GITLAB_TOKEN"), oauth: readOAuth(env, host), host };
  const adapters = /* @__PURE__ */ new Map([
    [GitPlatform.GITHUB, new GitHubActionsAdapter(github)],
    [GitPlatform.GITLAB, new GitLabAdapter(gitlab)]
  ]);
  const { JENKINS_URL: url, JENKINS_USER: user } = env;
  if (url)
    adapters.set(
      GitPlatform.JENKINS,
      new JenkinsAdapter({ url, user, token: readToken(env, "JENKINS_TOKEN") })
    );
  return adapters;
}
function configuredAdapters(env) {
  const isSet = {
    github: !!(readToken(env, "GITHUB_TOKEN") || env.GITHUB_APP_ID || env.GITHUB_API_URL),
    gitlab: !!(readToken(env, "GITLAB_TOKEN") || env.GITLAB_OAUTH_FILE || env.GITLAB_URL),
    jenkins: !!env.JENKINS_URL
  };
  return new Map([...adaptersOf(env)].filter(([platform]) => isSet[platform]));
}

const MARKS = {
  [BuildState.QUEUED]: "\u25CB",
  [BuildState.IN_PROGRESS]: "\u25B6",
  [BuildState.COMPLETED]: "\u2713",
  [BuildState.FAILED]: "\u2715",
  [BuildState.CANCELLED]: "\u2298",
  [BuildState.TIMEOUT]: "\u2715"
};
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const printable = (text) => text.replace(CONTROL, "\uFFFD");
function duration(ms) {
  const seconds = Math.floor(ms / 1e3);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h} h ${m} min` : m ? `${m} min ${s} s` : `${s} s`;
}
const phrase = ({ status, conclusion, waitingReason }) => [(conclusion ?? status).replaceAll("_", " "), waitingReason && `waits: ${waitingReason}`].filter(Boolean).join(", ");
function progress({ stages = [], error }) {
  const done = stages.filter(({ state }) => isBuildComplete(state)).length;
  return [stages.length && `${done} of ${stages.length} jobs`, error].filter(Boolean).join(" \xB7 ");
}
function lineOf({ target, status, polling, error }, wallNow) {
  if (error) return printable(`\u2715 ${target.name}  ${error.message}`);
  if (!status) return printable(`\u25CB ${target.name}  ${polling?.error ?? "connecting"}`);
  const end = status.endTime?.getTime() ?? wallNow;
  const took = duration(Math.max(0, end - status.startTime.getTime()));
  const attempt = (status.attempt ?? 1) > 1 ? `attempt ${status.attempt}` : "";
  const { error: trouble, stretchedTo } = polling ?? {};
  const parts = [phrase(status), attempt, took, progress(status), trouble && `! ${trouble}`];
  if (stretchedTo) parts.push(`looked at every ${duration(stretchedTo)} to spare the limit`);
  return printable(`${MARKS[status.status]} ${target.name}  ${parts.filter(Boolean).join(" \xB7 ")}`);
}
const jsonDisplay = (out) => {
  const line = (record) => out.write(`${JSON.stringify(record)}
`);
  return {
    event: line,
    draw() {
    },
    ended({ target, status, error }) {
      const { logs: _logs, ...known } = status ?? {};
      line({
        type: "END",
        target: target.name,
        ...known,
        ...error && { error: error.message, reason: error.name }
      });
    },
    close() {
    }
  };
};
const lineDisplay = (out, wallNow) => {
  const shown = /* @__PURE__ */ new Map();
  const say = (row, what) => {
    if (shown.get(row.target.name) === what) return;
    shown.set(row.target.name, what);
    out.write(`${new Date(wallNow()).toISOString().slice(11, 19)} ${lineOf(row, wallNow())}
`);
  };
  const factsOf = ({ status, polling, error }) => error?.message ?? (status ? [phrase(status), status.attempt, progress(status), polling?.error].join() : polling?.error);
  const draw = (rows) => {
    for (const row of rows) if (row.status || row.error || row.polling?.error) say(row, `${factsOf(row)}`);
  };
  return { event() {
  }, draw, ended: (row) => draw([row]), close() {
  } };
};
function tableDisplay(out, wallNow) {
  const update = createLogUpdate(out, { showCursor: true });
  let last = [];
  return {
    event() {
    },
    draw(rows) {
      last = rows;
      const width = Math.max(20, (out.columns ?? 80) - 1);
      update(
        rows.map((row) => lineOf(row, wallNow())).map((line) => line.length > width ? `${line.slice(0, width - 1)}\u2026` : line).join("\n")
      );
    },
    ended() {
    },
    // What stays is told whole: it moves nothing any more.
    close() {
      update.clear();
      update.done();
      out.write(last.map((row) => `${lineOf(row, wallNow())}
`).join(""));
    }
  };
}

const EXIT = {
  SUCCESS: 0,
  FAILED: 1,
  USAGE: 2,
  CANCELLED: 3,
  UNFINISHED: 4,
  LOST: 5,
  NOTHING: 6,
  /** Ended by a signal: 128 and SIGINT's number, as shells have it. */
  STOPPED: 130
};
const WORST_FIRST = [EXIT.LOST, EXIT.FAILED, EXIT.CANCELLED, EXIT.UNFINISHED, EXIT.NOTHING, EXIT.SUCCESS];
function codeOf(end) {
  if (end instanceof PollingTimeout) return EXIT.UNFINISHED;
  if (end instanceof Error) return EXIT.LOST;
  if (end.status === BuildState.COMPLETED) return EXIT.SUCCESS;
  return end.status === BuildState.CANCELLED ? EXIT.CANCELLED : EXIT.FAILED;
}
const worst = (codes) => WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.NOTHING;

function parsePort(text) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    throw new InvalidArgumentError("A port is a number from 1 to 65535.");
  return port;
}

const DEADLINE_MS = 15e3;
class ServerError extends Error {
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
  status;
  details;
  name = "ServerError";
  /** Whether the same request may be answered otherwise later. */
  get isPassing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}
class Server {
  base;
  headers;
  watcher;
  constructor({ url, token, watcher }) {
    this.base = url.replace(/\/+$/, "");
    this.watcher = watcher;
    const login = token ? { authorization: `Bearer ${token}` } : { origin: new URL(url).origin };
    this.headers = { ...login, accept: "application/json", "vpo-watcher": watcher };
  }
  /** Throws a ServerError; of a network failure with the status 0. 304 is an answer like any other. */
  async ask(path, { method, json, bytes, headers, signal, deadline }) {
    const type = bytes ? "application/octet-stream" : "application/json";
    const body = bytes ?? (json === void 0 ? void 0 : JSON.stringify(json));
    const limit = AbortSignal.timeout(deadline ?? DEADLINE_MS);
    try {
      const response = await fetch(`${this.base}/api/${path}`, {
        method,
        redirect: "manual",
        headers: { ...this.headers, ...body === void 0 ? {} : { "content-type": type }, ...headers },
        ...body === void 0 ? {} : { body },
        signal: signal ? AbortSignal.any([signal, limit]) : limit
      });
      const text = await response.text();
      if (!response.ok && response.status !== 304) throw refusal(response.status, text);
      return {
        status: response.status,
        body: text ? JSON.parse(text) : null,
        headers: response.headers
      };
    } catch (error) {
      if (error instanceof ServerError) throw error;
      const { cause, message } = error;
      throw new ServerError(0, cause instanceof Error ? cause.message : message);
    }
  }
}
function refusal(status, text) {
  try {
    const { error, details } = JSON.parse(text);
    return new ServerError(status, error, details);
  } catch {
    return new ServerError(status, `The server answered ${status}`);
  }
}

const LONGEST_NAME = 1024;
const name = (text) => text.slice(0, LONGEST_NAME) || "?";
const stageId = (id) => id.toLowerCase().replace(/[^a-z0-9_-]/g, "-").replace(/^[^a-z0-9]+/, "").slice(0, 64) || "stage";
const stateOf = ({ state, conclusion, startTime, endTime }) => ({
  status: jobStatus(state),
  conclusion: conclusion ?? null,
  started_at: startTime?.toISOString() ?? null,
  completed_at: endTime?.toISOString() ?? null
});
const isAddress = (url) => /^https?:\/\//.test(url ?? "");
function watchMessage({ error, stretchedTo }) {
  if (error) return error;
  if (!stretchedTo) return null;
  return `Looked at every ${Math.round(stretchedTo / 1e3)} s, to spare the limit of the account`;
}
function reportOf(platform, status, polling) {
  const { foundId, buildId } = status;
  return {
    platform,
    pinned: foundId && foundId !== buildId ? `${platform}:${foundId}` : null,
    ...stateOf({ ...status, state: status.status }),
    attempt: status.attempt ?? null,
    waiting_reason: status.waitingReason ?? null,
    error_message: status.error ?? null,
    summary: status.title ?? null,
    project: status.project?.slice(0, 100) ?? null,
    number: status.number ?? null,
    url: isAddress(status.url) ? status.url : null,
    raw_status: status.rawStatus?.slice(0, 100) ?? null,
    watch_message: watchMessage(polling),
    stages: (status.stages ?? []).map((stage) => ({
      ...stateOf(stage),
      id: stageId(stage.id),
      name: name(stage.name),
      steps: stage.steps.map((step) => ({ ...stateOf(step), name: name(step.name) }))
    })),
    artifacts: (status.artifacts ?? []).filter(({ url }) => isAddress(url)).map((artifact) => ({
      name: name(artifact.name),
      url: artifact.url,
      size: artifact.size ?? null,
      expires_at: artifact.expiresAt?.toISOString() ?? null
    }))
  };
}

const PIECE = 512 * 1024;
const LONGEST_LINE = 64 * 1024;
const MOST_EVENTS = 100;
const FIRST_WAIT_MS = 1e3;
const LONGEST_WAIT_MS = 3e4;
function sendable({ rest, isLast }) {
  if (isLast) return rest.length;
  const lines = rest.lastIndexOf(10) + 1;
  return rest.length - lines > LONGEST_LINE ? rest.length : lines;
}
class BuildReporter {
  constructor(options) {
    this.options = options;
    this.eventCount = options.eventCount;
    this.attempt = options.attempt;
  }
  options;
  record = null;
  stored = "";
  events = [];
  eventCount;
  attempt;
  logs = /* @__PURE__ */ new Map();
  sending = null;
  isOver = false;
  wake = null;
  /** Only the newest is sent. */
  report(record) {
    this.record = record;
    this.send();
  }
  /** Sent with the report that follows: only then is it known to which attempt it belongs. */
  log({ stageId: stage, offset, data, isLast }) {
    const id = stage === null ? null : stageId(stage);
    const state = this.logs.get(id) ?? { offset, rest: Buffer.alloc(0), isLast: false, hasNews: false };
    this.logs.set(id, state);
    const known = state.offset + state.rest.length - offset;
    if (known >= 0) state.rest = Buffer.concat([state.rest, data.subarray(known)]);
    state.isLast ||= isLast;
    state.hasNews = true;
  }
  event(event) {
    this.events.push(event);
    this.send();
  }
  /** When all that was told is stored, or nobody wants it. */
  async settled() {
    while (this.sending) await this.sending;
  }
  /** Gives up what is not stored yet. */
  close() {
    this.isOver = true;
    this.wake?.();
  }
  send() {
    if (this.isOver) return;
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
      if (!this.isOver && this.hasMore()) this.send();
    });
  }
  hasMore() {
    const hasLogs = [...this.logs.values()].some(({ hasNews }) => hasNews);
    return this.record !== null || this.events.length > 0 || hasLogs;
  }
  async sendAll() {
    for (let wait = FIRST_WAIT_MS; !this.isOver; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        const events = this.events.slice(0, MOST_EVENTS);
        await this.sendRecord();
        for (const [stage, state] of [...this.logs]) if (state.hasNews) await this.sendLog(stage, state);
        await this.sendEvents(events);
        this.options.trouble(null);
        return;
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        if (!error.isPassing) {
          this.isOver = true;
          this.options.lost(error.message);
          return;
        }
        this.options.trouble(error.message);
        await this.pause(wait);
      }
    }
  }
  pause(ms) {
    return new Promise((resolve) => {
      const undo = this.options.clock.after(ms, resolve);
      this.wake = () => {
        undo();
        resolve();
      };
    });
  }
  async sendRecord() {
    const { record } = this;
    if (!record) return;
    const json = JSON.stringify(record);
    if (json !== this.stored) {
      const { server, jobId } = this.options;
      const { body } = await server.ask(`jobs/${jobId}`, {
        method: "PUT",
        json: record,
        // A job that was deleted stays deleted.
        headers: { "if-match": "*" }
      });
      this.attempt = body.attempt;
      this.stored = json;
    }
    if (this.record === record) this.record = null;
  }
  async sendLog(stage, state) {
    const { server, jobId } = this.options;
    for (let end = sendable(state); end || state.isLast; end = sendable(state)) {
      const bytes = state.rest.subarray(0, Math.min(end, PIECE));
      const isLast = state.isLast && bytes.length === state.rest.length;
      const query = new URLSearchParams({ offset: `${state.offset}`, attempt: `${this.attempt}` });
      if (stage !== null) query.set("stage", stage);
      if (isLast) query.set("complete", "1");
      try {
        const { body } = await server.ask(`jobs/${jobId}/logs?${query}`, {
          method: "POST",
          bytes
        });
        const stored = body.offset - state.offset;
        state.rest = state.rest.subarray(Math.max(0, stored));
        state.offset = body.offset;
        if (isLast) state.isLast = false;
        else if (stored <= 0) break;
      } catch (error) {
        if (!(error instanceof ServerError) || error.isPassing) throw error;
        this.logs.delete(stage);
        return;
      }
    }
    state.hasNews = false;
    if (!state.rest.length) this.logs.delete(stage);
  }
  async sendEvents(events) {
    if (!events.length) return;
    const { server, jobId } = this.options;
    const path = `jobs/${jobId}/events?after=${this.eventCount}`;
    const { body } = await server.ask(path, { method: "POST", json: events });
    this.events = this.events.slice(events.length);
    this.eventCount = body.total;
  }
}

const RENEWALS = 3;
const CLAIM_MS = 1e4;
const RELOOK_MS = 3e5;
const LAST_WORDS_MS = 3e3;
const HOLD_S = 20;
class WatchService {
  constructor(options) {
    this.options = options;
    this.ports = options.ports ?? SYSTEM;
    const store = {
      append: async (event) => this.byBuild.get(event.tags.buildId ?? "")?.reporter.event(event)
    };
    const observer = { ...options.observer, changed: (buildId) => this.changed(buildId) };
    const { adapters, logger, settings } = options;
    this.manager = new PollingManager(
      new BuildStatusPoller(adapters, store, logger, settings, this.ports, observer)
    );
    for (const adapter of adapters.values())
      adapter.takeLog = (buildId, piece) => this.byBuild.get(buildId)?.reporter.log(piece);
  }
  options;
  ports;
  manager;
  active = /* @__PURE__ */ new Map();
  /** By the id of the build on its platform. */
  byBuild = /* @__PURE__ */ new Map();
  /** Clock time of the next look at builds that have ended, by job. */
  relooks = /* @__PURE__ */ new Map();
  /** Who can't tell the server something at present. */
  inTrouble = /* @__PURE__ */ new Set();
  /** Ends the pause before the next claim. */
  ring = null;
  claimEveryMs = CLAIM_MS;
  /** Until `stop`; then what was learnt is told, and everything is given back. */
  async run(stop) {
    const ringing = this.listen(stop);
    while (!stop.aborted) {
      await this.claim().catch((error) => this.trouble(this, error));
      await this.untilNext(stop);
    }
    await ringing;
    await this.giveBack();
  }
  untilNext(stop) {
    return new Promise((resolve) => {
      const go = () => {
        undo();
        stop.removeEventListener("abort", go);
        this.ring = null;
        resolve();
      };
      const undo = this.ports.clock.after(this.claimEveryMs, go);
      stop.addEventListener("abort", go);
      this.ring = go;
      if (stop.aborted) go();
    });
  }
  /** Hears at once that there are other builds to watch. */
  async listen(stop) {
    let etag = "";
    while (!stop.aborted) {
      const headers = { prefer: `wait=${HOLD_S}`, ...etag && { "if-none-match": etag } };
      const began = this.ports.clock.now();
      const answer = await this.options.server.ask("builds", { method: "GET", headers, signal: stop, deadline: (HOLD_S + 10) * 1e3 }).catch(() => null);
      if (answer?.status === 200) {
        etag = answer.headers.get("etag") ?? "";
        this.ring?.();
      }
      if (!stop.aborted && this.ports.clock.now() - began < 1e3 && answer?.status !== 200)
        await this.untilNext(stop);
    }
  }
  async claim() {
    const { server, adapters } = this.options;
    const accounts = Object.fromEntries([...adapters].map(([platform, { account }]) => [platform, account]));
    const { body } = await server.ask("builds/claim", {
      method: "POST",
      json: { watcher: server.watcher, accounts }
    });
    this.claimEveryMs = body.lease_seconds * 1e3 / RENEWALS;
    const wanted = new Set(
      body.builds.filter(({ watch }) => watch === "watching").map(({ job_id }) => job_id)
    );
    for (const one of [...this.active.values()]) if (!wanted.has(one.jobId)) this.drop(one);
    let trouble = null;
    for (const build of body.builds)
      await (build.watch === "watching" ? this.begin(build) : this.relook(build)).catch((error) => {
        trouble = error;
      });
    this.trouble(this, trouble);
    for (const jobId of this.relooks.keys())
      if (!body.builds.some(({ job_id }) => job_id === jobId)) this.relooks.delete(jobId);
  }
  async begin({ job_id: jobId, target }) {
    const { server, adapters, say } = this.options;
    const { platform, buildId } = parseTarget(target);
    if (this.active.has(jobId) || this.byBuild.has(buildId)) return;
    const adapter = adapters.get(platform);
    const known = await server.ask(`jobs/${jobId}`, { method: "GET" });
    const told = await server.ask(`jobs/${jobId}/events`, { method: "GET" });
    adapter.recall?.(buildId, recollectionOf(known.body, await this.storedLog(jobId, known.body)));
    const reporter = new BuildReporter({
      server,
      clock: this.ports.clock,
      jobId,
      eventCount: told.body.total,
      attempt: known.body.attempt,
      lost: (why) => {
        say(`${target}: ${why}`);
        const one = this.active.get(jobId);
        if (one) this.drop(one);
      },
      trouble: (message) => this.trouble(reporter, message)
    });
    const active = { buildId, platform, isNew: !told.body.total, jobId, adapter, reporter };
    this.active.set(jobId, active);
    this.byBuild.set(buildId, active);
    const from = resumptionOf(told.body);
    say(`${target}: ${from ? "watched again" : "watched"}`);
    this.manager.startPolling(buildId, platform, from ?? void 0).then(
      ({ status, conclusion }) => say(`${target}: ${conclusion ?? status}`),
      (error) => error.name !== "PollingStopped" && say(`${target}: ${error.message}`)
    ).then(() => reporter.settled()).then(() => this.forget(active));
  }
  /** How much there is of the build's own log. */
  async storedLog(jobId, { has_logs }) {
    if (!has_logs) return 0;
    const { body } = await this.options.server.ask(`jobs/${jobId}/logs?offset=0`, {
      method: "POST",
      bytes: new Uint8Array()
    });
    return body.offset;
  }
  changed(buildId) {
    const one = this.byBuild.get(buildId);
    const polling = this.manager.getPollingStatus(buildId);
    if (!one || !polling) return;
    const { last, error = null } = polling;
    if (last) one.reporter.report(reportOf(one.platform, last, polling));
    else if (one.isNew)
      one.reporter.report({ platform: one.platform, status: "queued", watch_message: error });
  }
  /** Of a build that has ended: whether it was run again. */
  async relook({ job_id: jobId, target }) {
    const { clock } = this.ports;
    const { server, adapters } = this.options;
    if (this.active.has(jobId)) return;
    const dueAt = this.relooks.get(jobId) ?? clock.now() + RELOOK_MS;
    this.relooks.set(jobId, dueAt);
    if (clock.now() < dueAt) return;
    this.relooks.set(jobId, clock.now() + RELOOK_MS);
    const { platform, buildId } = parseTarget(target);
    const adapter = adapters.get(platform);
    const known = await server.ask(`jobs/${jobId}`, { method: "GET" });
    adapter.recall?.(buildId, recollectionOf(known.body, null));
    const signal = AbortSignal.timeout(this.options.settings.platforms[platform].timeout);
    const status = await adapter.getBuildStatus(buildId, { signal }).catch(() => null);
    adapter.forget?.(buildId);
    if (status && !isBuildComplete(status.status))
      await server.ask(`jobs/${jobId}/watch`, { method: "POST", json: {} });
  }
  /** Nobody wants it watched here any more. */
  drop(one) {
    one.reporter.close();
    this.inTrouble.delete(one.reporter);
    this.forget(one);
    void this.manager.stopPolling(one.buildId);
  }
  forget(one) {
    if (this.active.get(one.jobId) !== one) return;
    this.active.delete(one.jobId);
    this.byBuild.delete(one.buildId);
    one.adapter.forget?.(one.buildId);
  }
  async giveBack() {
    const all = [...this.active.values()];
    await Promise.all(this.manager.getActivePolls().map((id) => this.manager.stopPolling(id)));
    const patience = new Promise((resolve) => this.ports.clock.after(LAST_WORDS_MS, resolve));
    await Promise.race([patience, Promise.all(all.map(({ reporter }) => reporter.settled()))]);
    for (const { reporter } of all) reporter.close();
    const { server } = this.options;
    await server.ask("builds/claim", {
      method: "POST",
      json: { watcher: server.watcher, accounts: {} },
      deadline: 2e3
    }).catch(() => {
    });
  }
  /** Said once, until it is over. */
  trouble(who, what) {
    const { say } = this.options;
    if (what === null) {
      if (this.inTrouble.delete(who) && !this.inTrouble.size) say("The server answers again");
      return;
    }
    const isNew = !this.inTrouble.size;
    this.inTrouble.add(who);
    if (!isNew) return;
    say(`The server can't be told what happens: ${what instanceof Error ? what.message : what}`);
    if (what instanceof ServerError && what.status === 401)
      say("A reporter token is needed: VPO_REPORT_TOKEN");
  }
}
const recollectionOf = ({ attempt, completed_at, stages }, logOffset) => ({
  attempt,
  hasEnded: completed_at !== null,
  stagesWithLogs: stages.filter(({ log }) => log === "complete").map(({ id }) => id),
  logOffset
});
function resumptionOf({ events }) {
  if (!events.length) return null;
  const update = events.findLast(({ type }) => type === "BUILD.STATUS_UPDATED");
  const state = events.findLast(({ type }) => STATES.has(type));
  return {
    facts: update?.data.facts ?? null,
    status: state?.data.status ?? null,
    attempt: state?.data.attempt ?? null
  };
}
const STATES = new Set(Object.values(STATE_EVENTS));

const HELP$1 = `
Which platforms it watches follows from the environment: GITHUB_TOKEN (or GITHUB_API_URL), GITLAB_TOKEN (or GITLAB_URL),
JENKINS_URL with JENKINS_USER and JENKINS_TOKEN. Without any of them it says so and waits to be ended.

The server's token is that of a reporter, from VPO_REPORT_TOKEN or the file that VPO_REPORT_TOKEN_FILE names:
  vpo token create --scope report --name watcher

Any number of watchers may run: all builds of one host and token are watched by one of them, and by another
within half a minute when that one is gone.

Example:
  GITHUB_TOKEN=\u2026 VPO_REPORT_TOKEN=\u2026 vpo-watch serve --server https://jobs.example.org`;
function parseServer(text) {
  if (!/^https?:\/\/[^/\s]/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError("Write it as http://localhost:8080.");
  return text;
}
async function serve(options, io, stop) {
  const settings = readSettings(io.env, options.config);
  const say = (line) => io.out.write(`${printable(line)}
`);
  const adapters = configuredAdapters(io.env);
  if (!adapters.size) {
    say("No builds are watched: that takes GITHUB_TOKEN, GITLAB_TOKEN or JENKINS_URL in the environment.");
    if (!stop.aborted) await once(stop, "abort");
    return;
  }
  const metrics = createMetrics();
  const port = options.metricsPort === void 0 ? null : await serveMetrics(metrics, options.metricsPort);
  const token = readToken(io.env, "VPO_REPORT_TOKEN");
  const server = new Server({ url: options.server, token, watcher: randomUUID() });
  const logger = { error() {
  } };
  const { observer } = metrics;
  const service = new WatchService({ server, adapters, settings, logger, observer, say });
  say(`Watching builds of ${[...adapters.keys()].join(", ")} for ${options.server}`);
  await service.run(stop);
  port?.close();
  port?.closeAllConnections();
}
function addServe(command, io, stop) {
  command.command("serve").description("Watches the builds that are asked for on the pages of a server.").requiredOption("--server <url>", "the server that builds are reported to", parseServer).option("--metrics-port <port>", "measurements for Prometheus, at http://127.0.0.1:PORT", parsePort).option("--config <file>", "settings, as YAML").addHelpText("after", HELP$1).action((options) => serve(options, io, stop));
}

const DRAW_MS = 1e3;
const HELP = `
A build is written as PLATFORM:ID:
  github:octo:repo:123            the run 123 of octo/repo
  github:octo/repo@main           the newest run of that branch (or commit); github:octo/repo#12 of a pull request
  gitlab:group%2Fproject:45       the pipeline 45 of group/project (or of the project with that id)
  gitlab:group%2Fproject@main     the newest pipeline of that branch; gitlab:group%2Fproject!12 of a merge request
  jenkins:folder/job:7            the build 7 of that job; jenkins:queue:123 follows an item of the queue

Tokens come from the environment: GITHUB_TOKEN, GITLAB_TOKEN, JENKINS_USER and JENKINS_TOKEN, or from the file that
GITHUB_TOKEN_FILE and so on name; or GITHUB_APP_ID with GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY, and
GITLAB_OAUTH_FILE with GITLAB_OAUTH_CLIENT_ID, whose tokens are renewed. JENKINS_URL says where Jenkins is, GITHUB_API_URL and GITLAB_URL name servers of
your own; HTTPS_PROXY and NO_PROXY are kept to. So do settings: BUILD_POLL_INTERVAL, BUILD_MAX_POLL_TIME,
BUILD_MAX_CONSECUTIVE_ERRORS, GITHUB_API_TIMEOUT, GITLAB_API_TIMEOUT,
JENKINS_API_TIMEOUT (milliseconds); --print-config shows what holds.

Exit code: 0 all succeeded, 1 one failed, 2 usage, 3 one was cancelled, 4 not ended at the deadline,
5 not found, not authorized or lost. Of several the first of 5, 1, 3, 4, 0 that occurs.

Examples:
  vpo-watch github:octo:repo:123
  vpo-watch --json --timeout 30m github:octo:repo:123 github:octo:other:45 > events.ndjson
  vpo-watch --on-end 'notify-send "$VPO_TARGET: $VPO_CONCLUSION"' github:octo:repo:123`;
function parseDuration(text) {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text) ?? [];
  const ms = Number(amount) * { s: 1e3, m: 6e4, h: 36e5 }[unit];
  if (!(ms > 0)) throw new InvalidArgumentError("Write it as 90s, 30m or 2h.");
  return ms;
}
function runOnEnd(command, { target, status, error }, { env, err }) {
  const told = {
    VPO_TARGET: target.name,
    VPO_STATUS: status?.status ?? "",
    VPO_CONCLUSION: status?.conclusion ?? "",
    VPO_URL: status?.url ?? "",
    VPO_ERROR: error?.message ?? status?.error ?? ""
  };
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.includes(name)));
  const child = spawn(command, {
    shell: true,
    env: { ...rest, ...told },
    stdio: ["ignore", "inherit", "inherit"]
  });
  child.on("error", (problem) => err.write(`--on-end: ${problem.message}
`));
}
function displayOf(options, builds, { out }) {
  if (options.json) return jsonDisplay(out);
  return out.isTTY && out.rows > builds ? tableDisplay(out, Date.now) : lineDisplay(out, Date.now);
}
async function watchAll(targets, options, io, stop) {
  const settings = readSettings(io.env, options.config);
  const display = displayOf(options, targets.length, io);
  const file = options.events === void 0 ? null : fileEventStore(options.events);
  const rows = new Map(
    targets.map((target) => [target.buildId, { target, status: null, polling: null, error: null }])
  );
  const store = {
    async append(event) {
      display.event(event);
      await file?.append(event);
    }
  };
  const logger = {
    error(message, context) {
      if (message !== "Polling error")
        io.err.write(`${printable(`${message}: ${JSON.stringify(context)}`)}
`);
    }
  };
  const timed = options.timeout === void 0 ? settings : { ...settings, maxPollTime: options.timeout };
  const metrics = createMetrics();
  const server = options.metricsPort === void 0 ? null : await serveMetrics(metrics, options.metricsPort);
  const { observer } = metrics;
  const poller = new BuildStatusPoller(adaptersOf(io.env), store, logger, timed, void 0, observer);
  const manager = new PollingManager(poller);
  const put = (buildId, changes) => rows.set(buildId, { ...rows.get(buildId), ...changes });
  const draw = () => {
    for (const buildId of rows.keys()) {
      const polling = manager.getPollingStatus(buildId);
      if (polling) put(buildId, { polling, status: polling.last ?? null });
    }
    display.draw([...rows.values()]);
  };
  const timer = setInterval(draw, DRAW_MS);
  const done = new AbortController();
  const stopAll = () => {
    for (const buildId of manager.getActivePolls()) void manager.stopPolling(buildId);
  };
  stop.addEventListener("abort", stopAll, { signal: done.signal });
  const codes = await Promise.all(
    targets.map(async ({ buildId, platform }) => {
      const end = await manager.startPolling(buildId, platform).catch((error) => error);
      put(
        buildId,
        end instanceof Error ? { error: end, polling: null } : { status: end, polling: null }
      );
      const row = rows.get(buildId);
      display.ended(row);
      if (options.onEnd) runOnEnd(options.onEnd, row, io);
      return codeOf(end);
    })
  );
  done.abort();
  server?.close();
  server?.closeAllConnections();
  clearInterval(timer);
  draw();
  display.close();
  return stop.aborted ? EXIT.STOPPED : worst(codes);
}
async function main(argv, io, stop) {
  let code = EXIT.SUCCESS;
  const command = new Command("vpo-watch").description("Watches builds until they have ended.").argument("[builds...]", "what to watch, as PLATFORM:ID").option("--json", "print events as newline JSON").option("--timeout <duration>", "stop waiting after this (90s, 30m, 2h)", parseDuration).option(
    "--on-end <command>",
    "run this in a shell for each build that has ended; VPO_TARGET, VPO_STATUS, VPO_CONCLUSION, VPO_URL and VPO_ERROR tell it which"
  ).option("--events <file>", "append all events to this file, as newline JSON").option("--metrics-port <port>", "measurements for Prometheus, at http://127.0.0.1:PORT", parsePort).option("--config <file>", "settings, as YAML").option("--print-config", "print the settings that hold, and end").addHelpText("after", HELP).exitOverride().configureOutput({ writeOut: (text) => io.out.write(text), writeErr: (text) => io.err.write(text) }).action(async (builds, options) => {
    if (options.printConfig) {
      io.out.write(printSettings(readSettings(io.env, options.config)));
      return;
    }
    if (!builds.length) {
      io.err.write("There is nothing to watch: name a build, for example github:octo:repo:123.\n");
      code = EXIT.NOTHING;
      return;
    }
    const targets = [...new Set(builds)].map(parseTarget);
    if (!io.env.JENKINS_URL && targets.some(({ platform }) => platform === GitPlatform.JENKINS))
      throw new Error("JENKINS_URL must say where Jenkins is.");
    code = await watchAll(targets, options, io, stop);
  });
  addServe(command, io, stop);
  try {
    await command.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode ? EXIT.USAGE : EXIT.SUCCESS;
    const { message } = error;
    io.err.write(`${printable(message)}
`);
    return EXIT.USAGE;
  }
  return code;
}

function useProxies(env) {
  if (env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy)
    setGlobalDispatcher(new EnvHttpProxyAgent());
}

useProxies(process.env);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    stop.abort();
  });
process.exitCode = await main(
  process.argv.slice(2),
  { out: process.stdout, err: process.stderr, env: process.env },
  stop.signal
);
