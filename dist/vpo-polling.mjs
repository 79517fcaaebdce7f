const LAG_MS = 1e3;
let monotonic = 0;
let wall = 0;
let slept = 0;
let skew = 0;
function now() {
  const [mono, date] = [performance.now(), Date.now()];
  const gap = date - wall - (mono - monotonic);
  if (wall && gap > LAG_MS) slept += gap;
  monotonic = mono;
  wall = date;
  return mono + slept;
}
const clock = {
  now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }
};
function learnServerTime(date) {
  const found = Date.parse(date ?? "") - Date.now();
  if (Math.abs(found - skew) > 2e3) skew = found;
}
const serverNow = () => Date.now() + skew;

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

const ACTIVE = ["queued", "running"];
const TERMINAL = ["completed", "failed", "cancelled"];

const RESULTS = {
  /** Read it. */
  body: "ok",
  /** Nothing to parse or write. */
  unchanged: "ok",
  failed: "failed",
  gone: "gone",
  signIn: "refused",
  rejected: "refused"
};
function classify({ status, redirected, headers }, kind) {
  const isOk = status > 199 && status < 207 || status === 226;
  if (status === 304 || status === 204) return "unchanged";
  if (isOk && !/html/i.test(headers.get("Content-Type") ?? "")) return "body";
  if (status === 401 || status === 403 || isOk && redirected) return "signIn";
  const isGone = status === 404 || status === 410;
  if (isGone && kind !== "list") return "gone";
  return isGone || status < 400 || status > 499 || [408, 425, 429].includes(status) ? "failed" : "rejected";
}
const LONGEST_RETRY_AFTER = 31536e6;
function retryAfterMs(value, serverDate, wallNow) {
  const text = value?.trim() ?? "";
  const ms = /^\d+$/.test(text) ? +text * 1e3 : dateMs(text) - (dateMs(serverDate) || wallNow);
  return Number.isNaN(ms) ? null : max(0, min(ms, LONGEST_RETRY_AFTER));
}
const dateMs = (text) => (
  // biome-ignore lint/style/noRestrictedGlobals: parses a text, reads no clock.
  /GMT$/.test(text ?? "") ? Date.parse(text ?? "") : Number.NaN
);
const TERMINAL_RULE = { path: "status", values: [...TERMINAL, "interrupted"] };
const ACTIVE_RULE = { path: "status", values: [...ACTIVE, "pending"] };
function parseRule(text) {
  const [path, list] = text.split(":");
  return path && list ? { path, values: list.split(/\s*,\s*/) } : null;
}
const read = (data, path) => path.reduce(
  (at, name) => typeof at === "object" && at && Object.hasOwn(at, name) ? at[name] : void 0,
  data
);
const own$1 = (data, path) => read(data, path.split("."));
const holds = ({ path, values }, data) => values.includes(String(own$1(data, path)));
function readFacts(body, { kind, terminal, active }) {
  const isList = kind === "list";
  if (typeof body !== "object" || !body || !isList && Array.isArray(body)) return null;
  return {
    terminal: !isList && holds(terminal, body),
    active: !isList || hasActive(body, active),
    more: false,
    attempt: String(own$1(body, "attempt"))
  };
}
function hasActive(body, rule) {
  if (holds(rule, body)) return true;
  const said = own$1(body, "active");
  return typeof said === "boolean" ? said : [body, ...Object.values(body)].some(
    (rows) => Array.isArray(rows) && rows.some((row) => holds(rule, row))
  );
}

const isObject = (value) => typeof value === "object" && !!value && !Array.isArray(value);
function applyDelta(data, delta, list, key) {
  const before = own$1(data, list);
  if (!isObject(data) || !isObject(delta) || !Array.isArray(before)) return null;
  const { fields, rows, removed, order } = delta;
  if (!isObject(fields) || !Array.isArray(rows) || !Array.isArray(removed)) return null;
  const kept = new Map(before.map((row) => [own$1(row, key), row]));
  for (const gone of removed) kept.delete(gone);
  for (const row of rows) kept.set(own$1(row, key), row);
  const keys = Array.isArray(order) ? order : [...kept.keys()];
  if (keys.length !== kept.size || !keys.every((name) => kept.has(name))) return null;
  return { ...data, ...fields, [list]: keys.map((name) => kept.get(name)) };
}

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
      start$1(d);
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
      refresh$1(d);
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
function start$1(d) {
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
function refresh$1(d) {
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
const ON_PAGE = {
  release: { interval: 1e4, maxTotal: Infinity, floorJitter: 0.1, wait: 10 }
};
const policy = (name, changes = {}) => ({
  ...POLICIES[name],
  ...changes.interval && { rampTo: 0 },
  ...changes
});

const REUSE_MS$1 = 500;
function createManager(ports) {
  const all = /* @__PURE__ */ new Map();
  let isPaused = false;
  function share(key) {
    const subscribers = /* @__PURE__ */ new Set();
    const settings = { ...policy("job", { wait: 0 }) };
    let answer;
    let answeredAt = -Infinity;
    const isFresh = () => ports.now() - answeredAt < REUSE_MS$1;
    const tell = (subscriber) => void Promise.resolve(answer).then(
      (value) => subscribers.has(subscriber) && subscriber._receive?.(value)
    );
    const ask = async (context) => {
      if (isFresh()) return;
      const found = await [...subscribers][0]._poll(context);
      if (context.signal.aborted) return;
      answer = found;
      answeredAt = ports.now();
      subscribers.forEach(tell);
    };
    const { loop, leave } = ports.begin(key, ask, settings);
    const pickInterval = () => {
      settings.interval = Math.min(...[...subscribers].map(({ _interval }) => _interval));
    };
    return {
      _loop: loop,
      _add(subscriber) {
        subscribers.add(subscriber);
        pickInterval();
        if (isFresh()) tell(subscriber);
        const { word, failures } = loop.state;
        if (word === "waiting" && !failures) loop.dispatch({ type: "refresh" });
      },
      _drop(subscriber = [...subscribers][0]) {
        if (!subscribers.delete(subscriber)) return;
        if (subscribers.size) return pickInterval();
        all.delete(key);
        leave();
      }
    };
  }
  const tellAll = (type) => {
    isPaused = type === "pause";
    for (const { _loop } of all.values()) _loop.dispatch({ type, reason: "user" });
  };
  return {
    register(key, poll, interval, receive) {
      const known = all.get(key);
      const shared = known ?? share(key);
      all.set(key, shared);
      const subscriber = {
        _poll: poll,
        _interval: ports.intervalOf(interval),
        // Only answers of this key, hence of its own kind, come here.
        _receive: receive
      };
      shared._add(subscriber);
      if (!known) {
        if (isPaused) tellAll("pause");
        if (ports.isEnabled()) shared._loop.dispatch({ type: "start" });
      }
      return () => shared._drop(subscriber);
    },
    unregister: (key) => all.get(key)?._drop(),
    pause: () => tellAll("pause"),
    resume: () => tellAll("resume")
  };
}

let on = false;
const said = /* @__PURE__ */ new Set();
const setDebug = (value) => {
  on = !!value;
};
const debug = (...what) => {
  if (on) console.log("[Polling]", ...what);
};
const warn = (message) => {
  if (said.has(message)) return;
  said.add(message);
  console.warn("[Polling]", message);
};

const polls = /* @__PURE__ */ new Set();
const reasons = /* @__PURE__ */ new Set();
const floors = /* @__PURE__ */ new Map();
function createPoll(policy, transport, publish, about) {
  const tell = (event) => {
    const { word, why, reasons: reasons2, failures, dueAt } = _loop.state;
    if (event.type === "state")
      debug(
        about._name,
        word,
        why ?? reasons2,
        failures,
        "failures",
        word === "waiting" ? `next in ${Math.round(dueAt - now())} ms` : ""
      );
    publish(event);
  };
  const _loop = createLoop({ policy, transport, clock, random: Math.random, sink: { publish: tell } });
  return { ...about, _loop, _policy: policy, _reason: "" };
}
const tellAll = (reason, stands) => {
  for (const { _loop } of polls) _loop.dispatch({ type: stands ? "pause" : "resume", reason });
};
function setReason(reason, stands) {
  if (stands === reasons.has(reason)) return;
  if (stands) reasons.add(reason);
  else reasons.delete(reason);
  tellAll(reason, stands);
  for (const { _loop, _isEnded } of polls) {
    if (!reasons.size && _isEnded) _loop.dispatch({ type: "refresh" });
  }
}
const isPaused = () => reasons.size > 0;
function setFloor(origin, retryAfterMs) {
  const until = now() + retryAfterMs;
  floors.set(origin, Math.max(until, floors.get(origin) ?? 0));
  for (const { _loop, _origin } of polls) if (_origin === origin) _loop.dispatch({ type: "floor", until });
}
function introduce(poll) {
  polls.add(poll);
  for (const reason of reasons) poll._loop.dispatch({ type: "pause", reason });
  poll._loop.dispatch({ type: "floor", until: floors.get(poll._origin) ?? 0 });
}
const forgetReasons = () => reasons.clear();

const ENGLISH = {
  connecting: "Connecting",
  connected: "Live",
  reconnecting: "Reconnecting",
  error: "Connection lost",
  offline: "Offline",
  paused: "Paused",
  finished: "Finished",
  gaveUp: "Stopped waiting \xB7 resume",
  retrying: " \u2013 retrying in {} s",
  retryAt: " \u2013 retrying at {}",
  updated: " \xB7 updated {}",
  gone: "This no longer exists.",
  back: "Back",
  signIn: "Please sign in again.",
  build: "new version \xB7",
  reload: "reload",
  new: "{} new",
  newLines: "New lines: {}",
  cancel: "Go back",
  rejected: "The server refused the request.",
  failed: "That did not work."
};
let catalogue;
function word(key) {
  if (!catalogue) {
    catalogue = /* @__PURE__ */ new Map();
    try {
      const text = document.querySelector("script[data-vpo-words]")?.textContent || "{}";
      catalogue = new Map(Object.entries(JSON.parse(text)));
    } catch {
      warn("data-vpo-words is not JSON");
    }
  }
  return catalogue.get(key);
}
const say = (key, value = "", english = ENGLISH[key]) => `${word(`vpo.${key}`) ?? english}`.replace("{}", () => `${value}`);

const HOME = "[data-vpo-src],[data-vpo-log]";
function speaksFor(control, id, element) {
  const home = control.closest(HOME) ?? element;
  return id ? element.id === id : home === element;
}
const targetsOf = (owner, name, control = owner) => [...polls].filter(({ _element }) => _element && speaksFor(control, owner.getAttribute(name), _element));
const controlsOf = (element, name) => [...document.querySelectorAll(`[${name}]`)].filter(
  (control) => speaksFor(control, control.getAttribute(name), element)
);
function showNew(element, count, key) {
  for (const button of controlsOf(element, "data-vpo-new")) {
    button.toggleAttribute("hidden", !count);
    if (count) button.textContent = say(key, count);
  }
}

function make(tag, attributes, ...content) {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...content);
  return element;
}
function emit(element, name, detail) {
  element.dispatchEvent(new CustomEvent(`vpo:${name}`, { bubbles: true, detail }));
  return detail;
}
function listen$1(target, types, signal, run) {
  for (const type of types.split(" ")) target.addEventListener(type, run, { signal });
}

const HIDDEN_AFTER_MS = 1e3;
const QUIET_MS = 1e3;
let leftAt = -Infinity;
const isLeaving = () => now() - leftAt < QUIET_MS;
function watchLifecycle(signal, changed) {
  let timer;
  let hiddenAt = Infinity;
  const on = (target, types, run) => {
    const handle = (event) => {
      run(event);
      changed();
    };
    listen$1(target, types, signal, handle);
  };
  const leave = () => {
    leftAt = now();
  };
  const prerender = () => setReason("prerender", !!document.prerendering);
  const connection = () => setReason("offline", !navigator.onLine);
  const freeze = ({ type }) => setReason("frozen", type === "freeze" || type === "pagehide");
  on(document, "visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) {
      if (now() - hiddenAt >= HIDDEN_AFTER_MS) setReason("hidden", true);
      return setReason("hidden", false);
    }
    hiddenAt = now();
    timer = setTimeout(() => {
      setReason("hidden", true);
      changed();
    }, HIDDEN_AFTER_MS);
  });
  on(document, "prerenderingchange", prerender);
  on(document, "freeze resume", freeze);
  on(window, "pagehide pageshow", (event) => {
    if (event.type === "pagehide" || event.persisted) leave();
    freeze(event);
  });
  on(window, "offline online", connection);
  if (window.navigation)
    on(window.navigation, "navigate", (event) => {
      if (!event.destination.sameDocument) leave();
    });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    forgetReasons();
  });
  setReason("hidden", document.hidden);
  prerender();
  connection();
}

const parsePath = (source) => source.trim().split(".").filter(Boolean);
const toText = (value) => value == null || typeof value === "object" ? null : String(value);

const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"]
];
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
const ofAmount = (format) => (value, context) => typeof value === "number" && value <= Number.MAX_SAFE_INTEGER ? format(Math.max(0, Math.floor(value)), context) : null;
const ofText = (format) => (value, context) => {
  const text = toText(value);
  return text && (format(text, context) ?? null);
};
const ofInstant = (format) => (value, context, local) => {
  const [text, , zone] = ISO.exec(toText(value) ?? "") ?? [];
  const ms = Date.parse(zone ? text : `${text}Z`);
  return Number.isNaN(ms) ? null : format(ms, context, local);
};
function units(seconds) {
  const first = UNITS.findIndex(([size]) => seconds >= size || size === 1);
  return UNITS.slice(first, first + 2).map(
    ([size, name], i) => `${Math.floor((i ? seconds % UNITS[first][0] : seconds) / size)} ${name}`
  );
}
const duration = ofAmount((seconds) => units(seconds).join(" "));
const ago = ofAmount(
  (seconds, { words }) => seconds < 10 ? words("just now") ?? "just now" : (words("ago") ?? "{} ago").replace("{}", units(seconds)[0])
);
const since = (format) => ofInstant((ms, context, local) => format((context.now() - ms) / 1e3, context, local));
let reader;
function localTime(ms) {
  reader ??= new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "long" });
  return reader.format(ms);
}
function encode(text) {
  try {
    return encodeURIComponent(text);
  } catch {
    return null;
  }
}
const encodePath = ofText(
  (text) => /(^|\/)\.\.?(\/|$)/.test(text) ? null : encode(text)?.replaceAll("%2F", "/")
);
function bytes(count) {
  let unit = 0;
  let tenths = count * 10;
  for (; tenths >= 1e4; unit++) tenths = Math.floor(tenths / 1e3);
  const size = tenths / 10;
  return `${unit && size < 10 ? size.toFixed(1) : Math.floor(size)} ${unit ? "kMGTP"[unit - 1] : ""}B`;
}
const FORMATTERS = /* @__PURE__ */ new Map([
  ["duration", duration],
  ["elapsed", since(duration)],
  ["ago", since(ago)],
  ["bytes", ofAmount(bytes)],
  ["percent", ofAmount((percent) => `${Math.min(100, percent)}%`)],
  ["path", encodePath],
  // A backslash separates only where there is no slash: on Linux it is an ordinary character of a name.
  [
    "basename",
    ofText(
      (text) => text.split(text.includes("/") ? "/" : "\\").filter(Boolean).pop() ?? text
    )
  ],
  ["word", ofText((text, { words }) => words(text) ?? text)],
  [
    "time",
    ofInstant(
      (ms, _context, local) => local ? localTime(ms) : `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`
    )
  ]
]);

function createTicker(now) {
  const ticks = /* @__PURE__ */ new Set();
  let timer;
  const run = () => {
    timer = void 0;
    let wanted = false;
    for (const tick of ticks) wanted = tick() || wanted;
    if (wanted) wake();
  };
  const wake = () => {
    if (ticks.size && !document.hidden) timer ??= setTimeout(run, 1e3 - now() % 1e3);
  };
  const sleep = () => {
    clearTimeout(timer);
    timer = void 0;
  };
  const turn = () => document.hidden ? sleep() : wake();
  return {
    wake,
    add(tick) {
      if (!ticks.size) document.addEventListener("visibilitychange", turn);
      ticks.add(tick);
      wake();
      return () => {
        ticks.delete(tick);
        if (ticks.size) return;
        sleep();
        document.removeEventListener("visibilitychange", turn);
      };
    }
  };
}

const ATTRIBUTE = "data-vpo-changed";
const TICKS = 2;
const NAMED = 3;
function highlight(part, status, { _ticker }) {
  const element = part._depth ? part._root : status;
  if (element.hasAttribute(ATTRIBUTE)) return;
  element.setAttribute(ATTRIBUTE, "");
  let left = TICKS;
  const clear = () => {
    element.removeAttribute(ATTRIBUTE);
    part._undo.delete(clear);
    undo();
  };
  const undo = _ticker.add(() => {
    if (!--left) clear();
    return left > 0;
  });
  part._undo.add(clear);
}
function describe(changes, words) {
  const named = [...changes].map(([{ _root }, element]) => {
    const status = element.getAttribute("data-status");
    const name = _root.getAttribute("aria-label") ?? _root.querySelector("th,a,h1,h2")?.textContent.trim();
    return (name ? `${name}: ` : "") + (words(status) ?? status);
  });
  const others = named.splice(NAMED).length;
  return named.join(", ") + (others ? `, +${others}` : "");
}

const within = (node, offset) => Math.min(offset, node.length ?? node.childNodes.length);
function keep(moves) {
  const focus = document.activeElement;
  const selection = getSelection();
  const { isCollapsed, anchorNode: from, anchorOffset: start, focusNode: to, focusOffset: end } = selection;
  const nodes = isCollapsed ? [] : [from, to];
  return {
    // Without moveBefore a moved element loses the focus, and with it a half-typed word of an input method.
    _nodes: moves || !focus ? nodes : [...nodes, focus],
    _restore() {
      if (focus !== document.activeElement && focus?.isConnected) focus.focus({ preventScroll: true });
      if (!isCollapsed && nodes.every((node) => node.isConnected) && (selection.anchorOffset !== start || selection.focusOffset !== end))
        selection.setBaseAndExtent(from, within(from, start), to, within(to, end));
    }
  };
}

const PLAIN = /^(alt|title|value|max|min|datetime|hidden|disabled|for|lang|dir|aria-.+|data-(?!vpo-|polling-).+)$/;
const URLS = /* @__PURE__ */ new Map([
  ["href", "a,area,link[rel$=icon i]"],
  ["src", "img"]
]);
const isUrl = (name) => URLS.has(name);
const isAllowed = (element, name) => isUrl(name) ? element.matches(URLS.get(name)) : PLAIN.test(name);
const isWorded = (name) => /^(aria|data)-/.test(name);

function parseCondition(source) {
  const [, not, path, values] = /^(!?)([^=]*)=?(.*)$/s.exec(source);
  const where = parsePath(path);
  const wanted = path.length + not.length < source.length && values.trim().split(/\s+/);
  return (data) => {
    const value = read(data, where);
    const met = wanted ? wanted.includes(toText(value) ?? "") : Array.isArray(value) ? value.length > 0 : !!value;
    return met !== !!not;
  };
}

const CONTROLS = "button,input,select,textarea";
const HIDDEN = "[data-vpo-show][hidden]";
const own = /* @__PURE__ */ new WeakMap();
function settle(control) {
  const disabled = own.get(control) || control.matches(CONTROLS) && !!control.closest(HIDDEN);
  if (control.hasAttribute("disabled") !== disabled) control.toggleAttribute("disabled", disabled);
}
function setDisabled(control, disabled) {
  own.set(control, disabled);
  settle(control);
}
function settleControls(part, painted) {
  for (const control of [part, ...part.querySelectorAll(CONTROLS)]) {
    if (!own.has(control)) own.set(control, !painted && control.hasAttribute("disabled"));
    settle(control);
  }
}
function settleNew(row) {
  if (row.parentElement?.closest(HIDDEN)) settleControls(row, false);
}

const parsed = /* @__PURE__ */ new Map();
function parseTemplate(source) {
  if (!parsed.has(source)) parsed.set(source, parse$1(source));
  return parsed.get(source);
}
function parse$1(source) {
  const [literal, ...parts] = source.split(/\{([^{}|]*)(?:\|([^{}|]*))?\}/);
  const literals = [literal];
  const fields = [];
  for (let i = 0; i < parts.length; i += 3) {
    const name = parts[i + 1];
    const format = name === void 0 ? toText : FORMATTERS.get(name.trim());
    if (!format) return void 0;
    fields.push({ _path: parsePath(parts[i]), _format: format });
    literals.push(parts[i + 2]);
  }
  return {
    _literals: literals,
    _fields: fields,
    _bare: /^\{[^{}|]*\}$/.test(source),
    _ticks: /\|\s*(ago|elapsed)\s*\}/.test(source)
  };
}
function fill({ _literals, _fields }, values, context, local) {
  const parts = _fields.map(({ _format }, i) => _format(values[i], context, local));
  return parts.length && parts.every((part) => part === null) ? null : _literals.map((literal, i) => (i ? parts[i - 1] ?? "" : "") + literal).join("");
}

const WEB = /^https?:\/\//i;
const ELSEWHERE = /^\/\/|^[^/?#]*:/;
function fillUrl(template, values, context) {
  const { _literals, _fields, _bare } = template;
  let url = _literals[0];
  for (const [i, { _format }] of _fields.entries()) {
    const text = _format(values[i], context, false);
    if (text === null) return null;
    if (!_bare && !/[?#]/.test(url) && /^\.{0,2}$/.test(text)) return null;
    const part = _bare || _format === encodePath ? text : encode(text);
    if (part === null) return null;
    url += part + _literals[i + 1];
  }
  return (_bare || ELSEWHERE.test(url)) && !WEB.test(url) ? null : url;
}

function compile(source, { warn }) {
  const template = parseTemplate(source);
  if (!template) warn(`"${source}": unknown formatter`);
  return template;
}
function look({ _fields }, seen, data, { warn }) {
  let changed = !seen.length;
  seen.length = _fields.length || 1;
  _fields.forEach(({ _path }, i) => {
    const value = read(data, _path);
    if (value === seen[i]) return;
    seen[i] = value;
    changed = true;
    if (value && typeof value === "object") warn(`"${_path.join(".")}": not a single value`);
  });
  return changed;
}
const textsOf = (element) => [...element.childNodes].filter((node) => node instanceof Text);
function bindText(element, source, part, context) {
  const template = compile(source, context);
  if (!template) return void 0;
  if (!element.firstElementChild) element.normalize();
  const texts = textsOf(element);
  if (element.firstChild && texts.length !== 1) {
    context.warn(`data-vpo-text="${source}": not exactly one text node`);
    return void 0;
  }
  let node = texts[0];
  const seen = [];
  const current = () => fill(template, seen, context, element.localName === "time");
  const write = (text) => {
    const here = node?.parentNode === element ? node : textsOf(element)[0];
    if (here ? here.data === text : !text && !node) return;
    if (here) here.data = text;
    else if (node) element.textContent = text;
    else element.prepend(text);
    node = textsOf(element)[0];
  };
  const painted = /^\{[^|]+\|time\}$/.test(source) && element.getAttribute("datetime");
  if (painted) write(fill(template, [painted], context, true) ?? "");
  if (template._ticks) {
    const tick = () => {
      const text = element.closest("[hidden]") ? null : current();
      if (text !== null) write(text);
      return text !== null;
    };
    part._undo.add(context._ticker.add(tick));
  }
  return (data) => {
    const painted2 = template._ticks && !seen.length && node?.data;
    if (look(template, seen, data, context) && !painted2) write(current() ?? "");
  };
}
function bindAttribute(element, name, source, part, context) {
  const template = compile(source, context);
  if (!template) return void 0;
  if (!isAllowed(element, name)) {
    context.warn(`data-vpo-attr-${name}: not written on <${element.localName}>`);
    return void 0;
  }
  const isStatus = name === "data-status";
  if (isStatus) part._status ??= element;
  const seen = [];
  const write = () => {
    let value = (isUrl(name) ? fillUrl : fill)(template, seen, context, false);
    if (template._bare && typeof seen[0] === "boolean" && !isWorded(name)) value = seen[0] ? "" : null;
    if (name === "disabled") setDisabled(element, value !== null);
    else if (value === element.getAttribute(name)) return;
    else if (name === "value" && element.matches("input:focus"))
      element.addEventListener("blur", write, { once: true });
    else if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  };
  return (data, paint) => {
    if (!look(template, seen, data, context)) return;
    const before = isStatus && element.getAttribute(name);
    write();
    const after = element.getAttribute(name);
    if (before && after && before !== after) paint._changes.set(part, element);
  };
}
function bindShow(element, source) {
  const condition = parseCondition(source);
  let shown;
  return (data) => {
    const show = condition(data);
    if (show === shown) return;
    const isFirst = shown === void 0;
    const wasHidden = element.hasAttribute("hidden");
    shown = show;
    if (show === wasHidden) element.toggleAttribute("hidden", !show);
    if (!isFirst || wasHidden || !show) settleControls(element, isFirst && wasHidden);
  };
}

function staying(from, pinned) {
  const allowed = from.map((position) => position >= 0);
  for (const pin of pinned) {
    if (!allowed[pin]) continue;
    from.forEach((position, i) => {
      if (i !== pin && i < pin !== position < from[pin]) allowed[i] = false;
    });
  }
  const tails = [];
  const before = [];
  from.forEach((position, i) => {
    if (!allowed[i]) return;
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = low + high >> 1;
      if (from[tails[middle]] < position) low = middle + 1;
      else high = middle;
    }
    before[i] = tails[low - 1] ?? -1;
    tails[low] = i;
  });
  const stay = /* @__PURE__ */ new Set();
  for (let i = tails[tails.length - 1] ?? -1; i >= 0; i = before[i]) stay.add(i);
  return stay;
}
const canMove = (container) => !!container.moveBefore;
const place = (container, element, before) => canMove(container) && element.parentNode === container ? container.moveBefore(element, before) : void container.insertBefore(element, before);

const shared = /* @__PURE__ */ new WeakMap();
function findTemplates(container) {
  const id = container.getAttribute("data-vpo-use");
  const home = id === null ? container : document.getElementById(id);
  const known = home && shared.get(home);
  if (known) return known;
  const found = [home, ...home?.children ?? []].flatMap((template) => {
    const root = template?.content?.firstElementChild;
    const when = template?.getAttribute("data-vpo-when");
    return root ? { _root: root, _when: when ? parseCondition(when) : () => true } : [];
  });
  if (home && id) shared.set(home, found);
  return found;
}

const DEEPEST = 50;
function isSame(before, item) {
  const names = Object.keys(item);
  return names.length === Object.keys(before).length && names.every((name) => before[name] === item[name]);
}
function createList(container, source, depth, context) {
  const key = container.getAttribute("data-vpo-key");
  if (key && depth < DEEPEST) return new List(container, source, parsePath(key), depth + 1, context);
  context.warn(`data-vpo-each="${source}": no data-vpo-key, or nested too deeply`);
  return void 0;
}
class List {
  constructor(_container, _source, _keyPath, _depth, _context) {
    this._container = _container;
    this._source = _source;
    this._keyPath = _keyPath;
    this._depth = _depth;
    this._context = _context;
    this._path = parsePath(_source);
    for (const child of _container.children) {
      const key = child.getAttribute("data-vpo-row");
      if (key === null) continue;
      this._rows.set(this._rows.has(key) ? child : key, { _part: createPart(child, _depth, _context) });
    }
  }
  _container;
  _source;
  _keyPath;
  _depth;
  _context;
  _path;
  /** In their order. */
  _rows = /* @__PURE__ */ new Map();
  _templates;
  _isHolding;
  /** Before the first write, because the answer may need the layout. */
  _ask() {
    this._isHolding = this._context._holdNewRows?.(this._container);
  }
  _paint(data, paint) {
    const items = read(data, this._path) ?? [];
    if (!Array.isArray(items)) {
      this._warn("not a list");
      return;
    }
    const keys = /* @__PURE__ */ new Set();
    const wanted = /* @__PURE__ */ new Map();
    for (const item of items) {
      const key = toText(read(item, this._keyPath));
      if (!key || keys.has(key)) {
        this._warn("a key is missing or there twice");
        continue;
      }
      keys.add(key);
      const row = this._show(key, item, paint);
      if (row) wanted.set(key, row);
    }
    this._arrange([...this._rows.values()], [...wanted.values()], paint);
    this._rows = wanted;
  }
  _dispose() {
    for (const { _part } of this._rows.values()) disposePart(_part);
  }
  _warn(trouble) {
    this._context.warn(`data-vpo-each="${this._source}": ${trouble}`);
  }
  /** The row of this item, up to date; undefined when it has to wait or nothing says how to make it. */
  _show(key, item, paint) {
    const row = this._rows.get(key);
    if (row && (row._item === item || row._item && isSame(row._item, item))) return row;
    this._templates ??= findTemplates(this._container);
    const template = this._templates.find(({ _when }) => _when(item));
    if (row && (!template || this._isMadeFrom(row, template))) {
      paintPart(row._part, item, paint);
      return Object.assign(row, { _item: item, _template: template ?? row._template });
    }
    if (!template) this._warn("no <template> for a new row");
    else if (!row && this._isHolding) paint._waiting++;
    else return this._make(key, item, template, paint, row);
    return void 0;
  }
  /** `old` shows the item by another template: replaced where it is; a status that it showed counts as shown. */
  _make(key, item, template, paint, old) {
    const root = document.importNode(template._root, true);
    root.setAttribute("data-vpo-row", key);
    const part = createPart(root, this._depth, this._context);
    const status = old?._part._status?.getAttribute("data-status");
    if (status) part._status?.setAttribute("data-status", status);
    paintPart(part, item, paint);
    const made = { _part: part, _template: template, _item: item };
    if (!old) return made;
    old._part._root.replaceWith(root);
    disposePart(old._part);
    settleNew(root);
    return Object.assign(old, made);
  }
  /** A painted row doesn't say which of several templates it was made from; its bindings do. */
  _isMadeFrom({ _part, _template }, template) {
    if (_template || this._templates.length < 2) return _template === template || !_template;
    if (template._shape === void 0) {
      const sample = createPart(template._root, this._depth, this._context);
      disposePart(sample);
      template._shape = sample._shape;
    }
    return template._shape === _part._shape;
  }
  _arrange(before, wanted, paint) {
    if (before.length === wanted.length && before.every((row, i) => row === wanted[i])) return;
    const kept = new Set(wanted);
    const positions = /* @__PURE__ */ new Map();
    let next = null;
    before.forEach((row, i) => {
      const root = row._part._root;
      const isHere = root.parentNode === this._container;
      if (isHere) next = root.nextSibling;
      if (!kept.has(row)) {
        disposePart(row._part);
        root.remove();
      } else if (isHere) positions.set(row, i);
    });
    const stay = staying(
      wanted.map((row) => positions.get(row) ?? -1),
      paint._pinned.map((node) => wanted.findIndex((row) => row._part._root.contains(node)))
    );
    for (let i = wanted.length - 1; i >= 0; i--) {
      const root = wanted[i]._part._root;
      if (!stay.has(i)) {
        place(this._container, root, next);
        settleNew(root);
      }
      next = root;
    }
  }
}

const OTHERS = /^(src|log|etag|key|row|when|use|gen|end|complete|refresh|connection|query|action|message|confirm|question|new|notify|notice|back|changed|origins|words|of|all|copy|rows|tree|composer|pending)$/;
function createPart(root, depth, context) {
  const part = {
    _root: root,
    _depth: depth,
    _bindings: [],
    _lists: [],
    _undo: /* @__PURE__ */ new Set(),
    _shape: "",
    _status: void 0
  };
  bindAll(root, part, context);
  return part;
}
function bindAll(element, part, context) {
  const isInner = element !== part._root;
  if (isInner && element.hasAttribute("data-vpo-src")) return;
  for (const name of element.getAttributeNames()) {
    const kind = /^data-vpo-(.+)/.exec(name)?.[1];
    if (!kind || OTHERS.test(kind)) continue;
    const source = element.getAttribute(name);
    const binding = bind(element, kind, source, part, context);
    if (binding) part._bindings.push([binding, source]);
    part._shape += `${kind}=${source}
`;
  }
  if (isInner && element.hasAttribute("data-vpo-log")) return;
  for (const child of element.children)
    if (!child.hasAttribute("data-vpo-row")) bindAll(child, part, context);
}
function bind(element, kind, source, part, context) {
  if (kind === "text") return bindText(element, source, part, context);
  if (kind === "show") return bindShow(element, source);
  if (kind === "each") {
    const list = createList(element, source, part._depth, context);
    if (list) part._lists.push(list);
  } else if (kind.startsWith("attr-")) return bindAttribute(element, kind.slice(5), source, part, context);
  else context.warn(`data-vpo-${kind}: unknown`);
  return void 0;
}
const isNamed = (source, data) => [...source.matchAll(/{/.test(source) ? /{\s*(\w+)/g : /^!?(\w+)/g)].every(
  ([, name]) => Object.hasOwn(data, name)
);
function paintPart(part, data, paint) {
  const isPart = paint._isPart && !part._depth;
  for (const [binding, source] of part._bindings)
    if (!isPart || isNamed(source, data)) binding(data, paint);
  for (const list of part._lists)
    if (!isPart || isNamed(list._source, data)) list._paint(data, paint);
}
function disposePart(part) {
  for (const undo of part._undo) undo();
  for (const list of part._lists) list._dispose();
}

function createView(root, context) {
  const others = [...document.querySelectorAll("[data-vpo-of]")].filter(
    (other) => other.getAttribute("data-vpo-of") === root.id
  );
  const parts = [root, ...others].map((part) => createPart(part, 0, context));
  return {
    paint(data, isPart) {
      const kept = keep(canMove(root));
      const paint = { _waiting: 0, _isPart: isPart, _changes: /* @__PURE__ */ new Map(), _pinned: kept._nodes };
      const changes = paint._changes;
      for (const { _lists } of parts) for (const list of _lists) list._ask();
      for (const part of parts) paintPart(part, data, paint);
      if (changes.size) context.announce(describe(changes, context.words));
      if (!context._reducedMotion()) {
        for (const [changed, status] of changes) highlight(changed, status, context);
      }
      kept._restore();
      context._ticker.wake();
      return { _waiting: paint._waiting, _statusChanges: changes.size };
    },
    _dispose: () => parts.forEach(disposePart)
  };
}

const STATES = "finished connected connecting paused reconnecting error offline".split(" ");
const HOUR_MS = 36e5;
const VPO_WORDS = /* @__PURE__ */ new Map([
  ["connected", ["Live", "Live updates active"]],
  ["reconnecting", ["Reconnecting", "Reconnecting..."]],
  ["error", ["Offline", "Connection lost - retrying"]]
]);
let manual = ["", ""];
function answersOf({ _loop }) {
  const { failures, answeredAt } = _loop.state;
  return failures ? failures < 3 ? "reconnecting" : "error" : answeredAt === null ? "" : "connected";
}
function stateOf(poll) {
  const { word, why, reasons, floor } = poll._loop.state;
  if (word === "idle") return poll._isEnded ? "finished" : "";
  if (why) return why === "stopped" ? "" : why === "finished" ? why : why === "gaveUp" ? "paused" : "error";
  if (word === "paused") return reasons.includes("offline") ? "offline" : "paused";
  return floor - now() > HOUR_MS ? "error" : answersOf(poll) || "connecting";
}
function detail({ _loop, _name, _policy }, state, several) {
  const { word: word$1, dueAt, answeredAt, failures, holds, wait: held } = _loop.state;
  const wait = dueAt - now();
  let text = "";
  if (state === "error" && word$1 === "waiting")
    text = wait > HOUR_MS ? sayWhen(wait) : say("retrying", Math.max(0, Math.ceil(wait / 1e3)));
  if (several && failures) text += ` (${_name})`;
  const age = now() - (answeredAt ?? Infinity);
  const fresh = holds && held ? (held + 5) * 1e3 : 2 * _policy.interval;
  if (state !== "finished" && age > fresh && (failures || word$1 !== "waiting"))
    text += say(
      "updated",
      FORMATTERS.get("ago")(new Date(serverNow() - age).toISOString(), { words: word, now: serverNow }, false)
    );
  return text;
}
const sayWhen = (wait) => say("retryAt", new Date(Date.now() + wait).toLocaleTimeString());
function renderIndicator() {
  if (isLeaving()) return !isPaused();
  const isVpo = [...polls].every(({ _element }) => !_element);
  let worst;
  let [state, attempt] = isVpo ? manual : ["", ""];
  let counted = 0;
  for (const poll of polls) {
    const next = isVpo ? answersOf(poll) : stateOf(poll);
    if (next) counted++;
    if (STATES.indexOf(next) > STATES.indexOf(state)) [worst, state, attempt] = [poll, next, ""];
  }
  if (isVpo && state) showVpo(state, attempt);
  if (isVpo || !worst) return false;
  const { word, why } = worst._loop.state;
  const key = why === "gaveUp" ? why : why && state === "error" ? worst._reason : state;
  const more = detail(worst, state, counted > 1);
  for (const element of document.querySelectorAll("#connection-status,[data-vpo-connection]"))
    show(element, state, say(key), more);
  return /open|paused/.test(word) || word === "waiting" && !!more;
}
const set = (element, name, value) => {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
};
const parts = /* @__PURE__ */ new WeakMap();
function show(element, state, ...texts) {
  let nodes = parts.get(element);
  if (!nodes) {
    nodes = [new Text(), new Text()];
    parts.set(element, nodes);
    element.replaceChildren(nodes[0], make("span", { "aria-hidden": "true" }, nodes[1]));
    set(element, "role", element.getAttribute("role") ?? "status");
  }
  set(element, "data-state", state);
  nodes.forEach((node, i) => {
    if (node.data !== texts[i]) node.data = texts[i];
  });
}
function showVpo(state, attempt) {
  const element = document.getElementById("connection-status");
  if (!element) return;
  const [text, title] = VPO_WORDS.get(state) ?? ["Unknown", "Unknown"];
  if (element.textContent !== text) element.textContent = text;
  set(element, "class", `connection-status connection-status--${state}`);
  set(element, "title", title + attempt);
  set(element, "aria-label", title + attempt);
}
function setConnectionStatus(status, info) {
  const { attempt, maxAttempts } = info ?? {};
  const of = maxAttempts ? ` of ${maxAttempts}` : "";
  manual = [status, attempt && status === "reconnecting" ? ` (attempt ${attempt}${of})` : ""];
  renderIndicator();
}

const SLOTS = 3;
const DEADLINE_MS = 1e4;
const HELD_MORE_MS = 5e3;
const REUSE_MS = 500;
const MAX_BYTES = 16 * 2 ** 20;
const NONE = Object.assign(Response.error(), { _bytes: new Uint8Array() });
const queue = [];
const flights = /* @__PURE__ */ new Map();
let busy = 0;
let writes = 0;
const decoder = new TextDecoder();
const decode = (bytes) => decoder.decode(bytes);
const isOurs = (url) => new URL(url).origin === location.origin;
const forgetAnswers = () => {
  writes++;
};
const next = () => {
  while (busy < SLOTS && queue.length) {
    busy++;
    queue.shift()();
  }
};
function inSlot(task, urgent) {
  queue[urgent ? "unshift" : "push"](async () => {
    await task();
    busy--;
    next();
  });
  next();
}
async function body(response) {
  const reader = response.body?.getReader();
  const parts = [];
  let size = 0;
  for (; ; ) {
    const part = await reader?.read();
    if (!part?.value) break;
    size += part.value.length;
    if (size > MAX_BYTES) throw new Error();
    parts.push(part.value);
  }
  const whole = new Uint8Array(size);
  size = 0;
  for (const part of parts) {
    whole.set(part, size);
    size += part.length;
  }
  return whole;
}
async function request(url, init, abort = new AbortController(), deadline = DEADLINE_MS) {
  const timer = setTimeout(() => abort.abort(), deadline);
  try {
    abort.signal.throwIfAborted();
    const response = await fetch(url, { credentials: "same-origin", ...init, signal: abort.signal });
    return Object.assign(response, { _bytes: await body(response) });
  } catch {
    abort.abort();
    return NONE;
  } finally {
    clearTimeout(timer);
  }
}
function ask(asker, url, headers, hold, urgent, done) {
  const now = performance.now();
  for (const [key2, flight2] of flights) if (now - flight2._endedAt >= REUSE_MS) flights.delete(key2);
  const key = JSON.stringify([url, headers, writes]);
  let flight = flights.get(key);
  if (!flight || flight._askers.has(asker)) flight = launch(url, headers, hold, urgent);
  flights.set(key, flight);
  flight._askers.add(asker);
  flight._users++;
  let isWaiting = true;
  void flight._reply.then((reply) => isWaiting && done(reply));
  return () => {
    isWaiting = false;
    if (--flight._users) return;
    flight._abort.abort();
    flight._endedAt = -Infinity;
  };
}
function launch(url, headers, hold, urgent) {
  const _abort = new AbortController();
  const init = { headers, cache: isOurs(url) ? "no-store" : "no-cache" };
  const _reply = new Promise((resolve) => {
    const run = async () => {
      const reply = await request(url, init, _abort, hold ? hold * 1e3 + HELD_MORE_MS : DEADLINE_MS);
      flight._endedAt = reply.status && reply.status < 400 ? performance.now() : -Infinity;
      resolve(reply);
    };
    if (hold) void run();
    else inSlot(run, urgent);
  });
  const flight = { _endedAt: Infinity, _users: 0, _askers: /* @__PURE__ */ new Set(), _abort, _reply };
  return flight;
}

const CONFIG = {
  DEFAULT_INTERVAL: 5e3,
  LOG_INTERVAL: 15e3,
  MIN_INTERVAL: 2e3,
  MAX_INTERVAL: 6e4
};
const LONGEST_WAIT = 25;
const attribute = (element, name) => {
  const own = `data-polling-${name}`;
  return element?.getAttribute(own) ?? document.body.getAttribute(own);
};
const misread = (name, text) => warn(`data-polling-${name}="${text}": unknown`);
const clamped = (value) => value > 0 ? Math.min(Math.max(value, CONFIG.MIN_INTERVAL), CONFIG.MAX_INTERVAL) : 0;
function milliseconds(element, name, fallback) {
  const text = attribute(element, name);
  const value = Number.parseInt(text ?? `${fallback}`, 10);
  if (value >= 0) return clamped(value) || CONFIG.MIN_INTERVAL;
  misread(name, text);
  return fallback;
}
const isEnabled = (element) => attribute(element, "enabled") !== "false";
function intervals(element) {
  const interval = milliseconds(element, "interval", CONFIG.DEFAULT_INTERVAL);
  const log = milliseconds(element, "log-interval", CONFIG.LOG_INTERVAL);
  return {
    interval,
    log: log < interval ? Math.max(CONFIG.LOG_INTERVAL, interval) : log,
    idle: milliseconds(element, "idle-interval", 3e4)
  };
}
function waitOf(element, fallback) {
  const text = attribute(element, "wait");
  const value = Number(text ?? fallback);
  if (value >= 0) return Math.min(Math.floor(value), LONGEST_WAIT);
  misread("wait", text);
  return fallback;
}
const matches = (query) => !!globalThis.matchMedia?.(query).matches;
const thrift = () => {
  const { connection } = navigator;
  return connection?.saveData || matches("(pointer: coarse)") ? 2 : 1;
};
const allowedOrigins = () => (document.querySelector("script[data-vpo-origins]")?.getAttribute("data-vpo-origins") ?? "").split(
  /[\s,]+/
);

function rule(element, name, otherwise) {
  const text = attribute(element, name);
  const found = text ? parseRule(text) : otherwise;
  if (!found) misread(name, text);
  return found ?? otherwise;
}
const DELTA = 226;
const opaque = (tag) => tag?.replace(/^W\/|(--?|;)(gzip|br|zstd|deflate)(?="$)/g, "");
const isKeyed = (rows, key) => Array.isArray(rows) && rows.every((row) => read(row, key) != null);
function jsonEndpoint(element, first) {
  const terminal = rule(element, "terminal", TERMINAL_RULE);
  const active = rule(element, "active", ACTIVE_RULE);
  const lists = [...element.querySelectorAll("[data-vpo-each]")].filter((each) => each.closest("[data-vpo-row],[data-vpo-src]") === element).map((each) => ["each", "key"].map((name) => parsePath(each.getAttribute(`data-vpo-${name}`) ?? "")));
  const painted = element.matches("[data-status]") ? element : [element, ...element.querySelectorAll("[data-vpo-attr-data-status]")].find(
    (shown2) => shown2.getAttribute("data-vpo-attr-data-status") === `{${terminal.path}}` && !shown2.closest("[data-vpo-row]")
  );
  const isRecord = !lists.length || painted || element.hasAttribute("data-polling-terminal");
  const reading = { kind: isRecord ? "record" : "list", terminal, active };
  let url = first;
  let shown;
  let kept;
  const [[shownList, rowKey] = [], ...others] = lists;
  const rows = element.getAttribute("data-vpo-rows");
  const list = rows ? [rows] : shownList;
  const etag = element.getAttribute("data-vpo-etag");
  const isActive = !!isRecord || !etag || active.values.some((value) => element.querySelector(`[data-vpo-row][data-status="${value}"]`));
  let last = { terminal: false, active: isActive, more: false, attempt: null };
  return {
    _etag: etag,
    _kind: reading.kind,
    _isEnded: painted && terminal.values.includes(painted.getAttribute("data-status") ?? ""),
    _url: () => url,
    _aim(next) {
      url = next;
      shown = kept = void 0;
      this._etag = null;
    },
    get _base() {
      return !isRecord && list?.length === 1 && rowKey?.length === 1 && !others.length && kept;
    },
    _unchanged: () => ({ ...last, data: null, news: false }),
    _read({ status, headers, _bytes }) {
      const text = decode(_bytes);
      if (text === shown) return this._unchanged();
      let data = JSON.parse(text);
      if (status === DELTA) {
        const isOfKept = opaque(headers.get("Delta-Base")) === opaque(this._etag);
        data = isOfKept ? applyDelta(kept, data, list[0], rowKey[0]) : null;
        if (!data) {
          return void 0;
        }
      }
      const facts = readFacts(data, reading);
      if (!facts) throw new Error();
      const detail = emit(element, "data", { data });
      if (!lists.every(([path, key]) => isKeyed(read(detail.data, path), key))) throw new Error();
      shown = status === DELTA ? void 0 : text;
      kept = data;
      last = facts;
      return { ...facts, data: detail.data, news: true };
    }
  };
}

const BLOCK = 1 << 16;
const paneOf = (element, signal) => (window.VPOLog ?? createPane)(element, signal, createPane, showNew, say);
function createPane(element, signal) {
  let block = element.lastElementChild;
  let room = BLOCK;
  let unseen = 0;
  let isLineStart = 1;
  let isLoaded = false;
  let follows = false;
  let top = 0;
  const isAtEnd = () => element.scrollTop + element.clientHeight >= element.scrollHeight - 2;
  const tell = (count) => {
    unseen = count;
    showNew(element, count, "newLines");
  };
  const showTail = () => {
    element.scrollTop = element.scrollHeight;
    top = element.scrollTop;
    follows = true;
    tell(0);
  };
  listen$1(element, "scroll", signal, () => {
    if (element.scrollTop < top) follows = false;
    top = element.scrollTop;
    if (isAtEnd()) showTail();
  });
  return [
    (text, more) => {
      if (text) {
        const cut = block && room < 0 ? text.indexOf("\n") + 1 : 0;
        if (cut) block.append(text.slice(0, cut));
        if (!block || cut) {
          block = make("div", {});
          room = BLOCK;
          element.append(block);
        }
        room -= text.length;
        block.append(text.slice(cut));
        unseen += text.split("\n").length - 1 + isLineStart;
        isLineStart = +text.endsWith("\n");
        const selection = getSelection();
        const isSelecting = selection?.type === "Range" && selection.getRangeAt(0).intersectsNode(element);
        if (follows && !isSelecting) showTail();
        else tell(isLoaded && !isAtEnd() ? unseen - isLineStart : 0);
      }
      if (!more) isLoaded = true;
      return void 0;
    },
    (isLive) => {
      element.replaceChildren();
      block = null;
      isLineStart = 1;
      isLoaded = false;
      follows = isLive;
      tell(0);
    },
    showTail
  ];
}

const NEWLINE = 10;
const OVERLAP = 64;
const overlap = (bytes, to) => decode(bytes.subarray(Math.max(to - OVERLAP, 0), to));
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
function address(url, query) {
  const next = new URL(url);
  for (const name in query) next.searchParams.set(name, `${query[name]}`);
  return next.href;
}
function createLog(element, url, signal) {
  const [append, clear, showTail, begin] = paneOf(element, signal);
  let gen = element.getAttribute("data-vpo-gen");
  let end = begin ?? Number(element.getAttribute("data-vpo-end") ?? NaN);
  let kind = "own";
  let jobDone;
  let wasDone;
  let complete;
  let quiet = 0;
  let tail;
  let decoder;
  const reset = (to) => {
    kind = to;
    clear(!jobDone);
    end = 0;
    tail = void 0;
    quiet = -1;
    decoder = new TextDecoder();
  };
  const answer = (text = "", more = false, fields) => {
    end = append(text, more, fields) ?? end;
    quiet = wasDone && !more ? text ? 0 : quiet + 1 : -1;
    const terminal = !!((jobDone ?? complete) && (complete ?? quiet > 0));
    return { data: null, news: !!text || more, terminal, more, active: true, attempt: gen };
  };
  const readOwn = (fields) => {
    const { start, end: to, text, more } = fields;
    const id = `${fields.gen}`;
    const isNew = !(end >= 0) || fields.reset || gen && id !== gen;
    if (typeof text !== "string" || !isCount(to) || !isNew && start !== end) throw new Error();
    if (isNew) reset("own");
    gen = id;
    end = to;
    complete = fields.complete;
    return answer(text, !!text && !!more, fields);
  };
  const nextLine = () => end - +(tail != null);
  const readLines = ({ lines, offset, has_more }) => {
    if (!Array.isArray(lines) || !isCount(offset)) throw new Error();
    const isOther = tail != null && !lines[0]?.startsWith(tail);
    if (isOther || offset !== nextLine() || kind !== "lines") {
      reset("lines");
      if (offset) return answer("", true);
    }
    const text = lines.join("\n").slice(tail?.length);
    end = offset + lines.length;
    tail = lines.at(-1);
    return answer(text, !!text && !!has_more);
  };
  const readText = ({ status, _bytes }) => {
    let known = status === 206 ? Math.min(end, OVERLAP) : end;
    if (kind !== "text" || status === 416 || overlap(_bytes, known) !== tail) {
      reset("text");
      if (status !== 200) return answer("", true);
      known = 0;
    }
    const to = Math.max(jobDone ? _bytes.length : _bytes.lastIndexOf(NEWLINE) + 1, known);
    if (to > known) quiet = -1;
    end += to - known;
    tail = overlap(_bytes, to);
    return answer(decoder.decode(_bytes.subarray(known, to), { stream: true }));
  };
  return {
    _kind: "log",
    _isEnded: element.hasAttribute("data-vpo-complete"),
    _etag: null,
    _url() {
      wasDone = jobDone;
      if (kind === "lines") return address(url, { lines: 1e3, offset: nextLine() });
      return kind === "text" ? url : address(url, { start: end || 0, ...gen && { gen } });
    },
    _from: () => kind === "text" ? Math.max(end - OVERLAP, 0) : 0,
    _read(reply) {
      if (reply.status === 416 || !/json/.test(reply.headers.get("content-type") ?? ""))
        return readText(reply);
      const fields = Object(JSON.parse(decode(reply._bytes)));
      return "lines" in fields ? readLines(fields) : readOwn(fields);
    },
    _unchanged: () => answer(),
    _setJobDone(done) {
      if (done === jobDone) return false;
      jobDone = done;
      this._etag = null;
      return true;
    },
    _showTail: showTail
  };
}

const THROTTLE_MS = 1e3;
let live;
let messages = [];
let timer$1;
let isOutdated = false;
function notice(place, key) {
  const back = key === "gone";
  const link = back ? document.querySelector("a[data-vpo-back]") : null;
  const href = link ? link.href : back ? new URL(".", location.href).pathname.replace(/(.)\/$/, "$1") : location.href;
  const text = link?.textContent || say(back ? "back" : "reload");
  const box = make(
    "p",
    { role: "status", "data-vpo-notice": key },
    `${say(key)} `,
    make("a", { href }, text)
  );
  place.before(box);
  return () => box.remove();
}
function seeBuild(build) {
  const own = document.querySelector("meta[name=vpo-build]")?.content;
  if (isOutdated || !own || !build || own === build) return;
  isOutdated = true;
  notice(document.body.firstElementChild ?? document.body, "build");
}
function announce(text) {
  if (!messages.includes(text)) messages.push(text);
  timer$1 ??= setTimeout(() => {
    timer$1 = void 0;
    if (!live?.isConnected) {
      live = make("div", { role: "status" });
      Object.assign(live.style, { position: "fixed", clipPath: "inset(50%)" });
      document.body.append(live);
    }
    live.textContent = messages.join(". ");
    messages = [];
  }, THROTTLE_MS);
}
function silence() {
  clearTimeout(timer$1);
  timer$1 = void 0;
  messages = [];
  live?.remove();
}

const ABSENT_AFTER_MS = 3e5;
function watchIdle(signal) {
  let timer;
  const awake = () => {
    clearTimeout(timer);
    tellAll("idle", false);
    if (!document.hidden) timer = setTimeout(() => tellAll("idle", true), ABSENT_AFTER_MS);
  };
  listen$1(document, "visibilitychange pointerdown keydown wheel touchmove", signal, awake);
  signal.addEventListener("abort", () => clearTimeout(timer));
  awake();
}

const ANNOUNCE_MS = 1e3;
const GONE_MS = 1600;
const KEYS = "keys";
function createWindows(open, _id, _born) {
  const peers = /* @__PURE__ */ new Map();
  const watches = /* @__PURE__ */ new Set();
  const ears = /* @__PURE__ */ new Set();
  let channel;
  let mine = [];
  let beat;
  const announce = () => channel?.postMessage([KEYS, _id, _born, mine]);
  const byAge = () => [...peers.values(), { _id, _born, _keys: mine }].sort(
    (a, b) => a._born - b._born || (a._id < b._id ? -1 : 1)
  );
  const leads = (key) => {
    const first = byAge().find(({ _keys }) => _keys.includes(key));
    return !first || first._id === _id;
  };
  function tend() {
    if (!peers.size) {
      clearInterval(beat);
      beat = void 0;
    } else beat ??= setInterval(announce, ANNOUNCE_MS);
  }
  function settle() {
    tend();
    for (const watch of watches)
      if (leads(watch._key) !== watch._led && watches.delete(watch)) watch._changed();
  }
  function forget(id) {
    clearTimeout(peers.get(id)?._timer);
    peers.delete(id);
  }
  function meet(id, born, keys) {
    const isNew = !peers.has(id);
    forget(id);
    if (keys.length) {
      const gone = () => {
        forget(id);
        settle();
      };
      peers.set(id, { _id: id, _born: born, _keys: keys, _timer: setTimeout(gone, GONE_MS) });
      if (isNew) announce();
    }
    settle();
  }
  function leave() {
    channel?.close();
    channel = void 0;
    for (const id of [...peers.keys()]) forget(id);
    tend();
  }
  return {
    _setKeys(keys) {
      if (`${keys}` === `${mine}`) return;
      mine = keys;
      if (keys.length && !channel) {
        channel = open();
        if (channel)
          channel.onmessage = ({ data: [kind, ...rest] }) => {
            if (kind === KEYS) meet(...rest);
            else for (const [key, run] of ears) if (key === rest[0]) run(rest[1]);
          };
      }
      announce();
      if (!keys.length) leave();
      else if (peers.size) settle();
    },
    _leads: leads,
    _rank: (key) => [...new Set(byAge().flatMap(({ _keys }) => _keys.filter(([kind]) => kind === key[0])))].indexOf(key),
    _watch(_key, _changed) {
      const watch = { _key, _led: leads(_key), _changed };
      watches.add(watch);
      return () => watches.delete(watch);
    },
    _tell: (key, answer) => peers.size && channel?.postMessage(["answer", key, answer]),
    _hear(key, run) {
      const ear = [key, run];
      ears.add(ear);
      return () => ears.delete(ear);
    }
  };
}
const windows = createWindows(
  () => globalThis.BroadcastChannel ? new BroadcastChannel("vpo-polling") : void 0,
  Math.random().toString(36),
  Date.now()
);

const TICK_MS = 5e3;
const ticker = createTicker(serverNow);
let scope;
let idleScope;
let timer;
let plannedAt = Infinity;
function watchSleep() {
  clearTimeout(timer);
  const late = Date.now() - plannedAt;
  plannedAt = Infinity;
  if (!isPaused() && [...polls].some(isLive)) {
    plannedAt = Date.now() + TICK_MS;
    timer = setTimeout(watchSleep, TICK_MS);
  }
  for (const { _policy, _loop } of polls) if (late > 2 * _policy.interval) _loop.dispatch({ type: "wake" });
}
const isLive = ({ _loop }) => /waiting|open/.test(_loop.state.word);
function tellWindows() {
  const keys = document.hidden || isPaused() ? [] : [...polls].filter(isLive).map(({ _key }) => _key());
  windows._setKeys(keys.filter(Boolean));
}
function changed() {
  if (renderIndicator()) ticker.wake();
  watchSleep();
  tellWindows();
}
function join(poll, isStarted) {
  if (!scope) {
    scope = new AbortController();
    watchLifecycle(scope.signal, changed);
    scope.signal.onabort = ticker.add(renderIndicator);
  }
  if (poll._policy.idlePauses && idleScope !== scope) {
    idleScope = scope;
    watchIdle(scope.signal);
  }
  introduce(poll);
  if (isStarted) poll._loop.dispatch({ type: "start" });
  changed();
  return () => {
    poll._loop.dispatch({ type: "stop" });
    polls.delete(poll);
    if (!polls.size) {
      scope?.abort();
      scope = void 0;
      silence();
    }
    changed();
  };
}

function createEventStream(id, emit) {
  const decoder = new TextDecoder();
  let nextId = id;
  let name = "";
  let data = "";
  let rest = "";
  let endedInReturn = false;
  const stream = {
    _id: id,
    _retry: void 0,
    _push(bytes) {
      let text = decoder.decode(bytes, { stream: true });
      if (!text) return;
      if (endedInReturn && text[0] === "\n") text = text.slice(1);
      endedInReturn = text.endsWith("\r");
      const lines = text.split(/\r\n?|\n/);
      lines[0] = rest + lines[0];
      rest = lines.pop();
      lines.forEach(read);
      if (rest.length + data.length > MAX_BYTES) throw new Error();
    }
  };
  function read(line) {
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
    if (!line) dispatch();
    else if (field === "data") data += `${value}
`;
    else if (field === "event") name = value;
    else if (field === "id" && !value.includes("\0")) nextId = value;
    else if (field === "retry" && /^\d+$/.test(value)) stream._retry = +value;
  }
  function dispatch() {
    stream._id = nextId;
    if (data) emit(name, data.slice(0, -1));
    name = data = "";
  }
  return stream;
}

const PATIENCE_MS = 7e4;
function tell(name, asked, tag, reply) {
  const { status, redirected, headers, _bytes } = reply;
  const told = [JSON.stringify(asked), tag, status, redirected, [...headers], _bytes];
  if (status) windows._tell(name, told);
}
function listen(name, end, question, take, events) {
  let timer;
  const stop = () => {
    clearTimeout(timer);
    for (const undo of undos) undo();
  };
  const close = (outcome) => {
    stop();
    events.closed(outcome);
  };
  const over = () => close({ result: "over" });
  const expectMore = () => {
    clearTimeout(timer);
    timer = setTimeout(over, PATIENCE_MS);
  };
  const hear = (told) => {
    const [asked, tag, status, redirected, headers, _bytes] = told;
    const reply = { status, redirected, headers: new Headers(headers), _bytes };
    const mine = question();
    const fits = status === 200 || tag === end._etag || reply.headers.get("ETag") === end._etag;
    if (asked !== JSON.stringify(mine) || !fits) return over();
    let isLast = false;
    const received = (answer) => {
      isLast = answer.terminal;
      events.received(answer);
    };
    const outcome = take(reply, mine, { ...events, received });
    if (isLast || outcome.result !== "ok") close({ ...outcome, held: true });
    else expectMore();
  };
  const undos = [windows._hear(name, hear), windows._watch(name, over)];
  expectMore();
  return stop;
}

const HOLDS = 2;
const HOLDS_H2 = 6;
const STEADY_MS = 1500;
function judge(url, reply, kind) {
  const { headers } = reply;
  const date = headers.get("Date");
  learnServerTime(date);
  const wait = retryAfterMs(headers.get("Retry-After"), date, Date.now());
  if (wait) setFloor(new URL(url).origin, wait);
  return [classify(reply, kind), wait];
}
const mostHeld = (url) => {
  const [entry] = performance.getEntriesByType?.("navigation") ?? [];
  return isOurs(url) && /^h[23]/.test(entry?.nextHopProtocol ?? "") ? HOLDS_H2 : HOLDS;
};
function headersFor(end, [url, from], wait, may) {
  const headers = { Accept: "application/json" };
  if (isOurs(url)) headers["Cache-Control"] = "max-age=0";
  if (end._etag && may("etag")) {
    headers["If-None-Match"] = end._etag;
    if (wait !== null && may("wait")) headers.Prefer = `wait=${wait}`;
    if (end._base && may("delta")) headers["A-IM"] = "vpo-rows";
  }
  if (from) headers.Range = `bytes=${from}-`;
  return headers;
}
function httpTransport(end, allowed, mayWait, key) {
  let holds = false;
  let heardAt = -Infinity;
  const question = () => [end._url(), end._from?.()];
  function take(reply, [url, from], events) {
    const { status, headers } = reply;
    const asked = end._etag;
    const etag = headers.get("ETag");
    const build = headers.get("VPO-Build");
    seeBuild(build);
    let [verdict, retryAfter] = judge(url, reply, end._kind);
    if (from && status === 416) verdict = "body";
    try {
      if (RESULTS[verdict] === "ok") {
        const isKnown = verdict === "unchanged" || etag && etag === asked;
        const answer = isKnown ? end._unchanged() : end._read(reply);
        if (verdict === "body") end._etag = answer && !(from != null && answer.news) ? etag : null;
        if (!answer) return { result: "over" };
        heardAt = now();
        events.received(answer);
      }
    } catch {
      verdict = "failed";
    }
    holds = asked ? /\bwait\b/.test(headers.get("Preference-Applied") ?? "") : holds || !!build;
    return {
      result: RESULTS[verdict],
      retryAfter,
      status,
      message: verdict,
      held: holds && !!(asked || etag),
      interval: clamped(Number(headers.get("Polling-Interval")))
    };
  }
  return {
    open({ urgent, wait }, events) {
      const name = key();
      const leads = windows._leads(name);
      const closed = (outcome) => {
        heardAt = -Infinity;
        events.closed(outcome);
      };
      if (!leads && !urgent && now() - heardAt < STEADY_MS)
        return listen(name, end, question, take, { ...events, closed });
      const asked = question();
      const [url] = asked;
      const tag = end._etag;
      const mayHold = leads && windows._rank(name) < mostHeld(url);
      const headers = headersFor(
        end,
        asked,
        mayWait ? +mayHold && wait : null,
        (what) => isOurs(url) || allowed.includes(what)
      );
      const hold = headers.Prefer && mayHold ? wait : 0;
      const stopAsking = ask(end, url, headers, hold, urgent, (reply) => {
        stopWatching();
        if (leads) tell(name, asked, tag, reply);
        const outcome = take(reply, asked, events);
        events.closed(leads ? outcome : { ...outcome, held: true });
      });
      const stopWatching = windows._watch(name, () => {
        if (!leads) return;
        stopAsking();
        events.closed({ result: "over" });
      });
      return () => {
        stopWatching();
        stopAsking();
      };
    }
  };
}

const FIRST_BYTES_MS = 5e3;
const SILENCE_MS = 4e4;
const BARRED_MS = 6e5;
const BARRED_SHOWN_MS = 3e4;
const SPREAD_MS = 2e3;
const encoder = new TextEncoder();
function connect(url, id, { _accept, _event, _alive, _ended }) {
  const abort = new AbortController();
  const undo = () => {
    undoTimer();
    abort.abort();
  };
  const end = (retryMs) => {
    if (abort.signal.aborted) return;
    undo();
    _ended(retryMs);
  };
  const wait = (ms) => clock.after(ms, () => end());
  let undoTimer = wait(FIRST_BYTES_MS);
  const stream = createEventStream(id, (name, data) => {
    if (name === "close") end(stream._retry);
    if (!abort.signal.aborted) _event(name, data);
  });
  async function run() {
    const headers = { Accept: "text/event-stream" };
    const isOwn = isOurs(url);
    if (isOwn && id) headers["Last-Event-ID"] = String.fromCharCode(...encoder.encode(id));
    const response = await fetch(url, {
      credentials: "same-origin",
      cache: isOwn ? "no-store" : "no-cache",
      headers,
      signal: abort.signal
    });
    if (!_accept(response)) throw new Error();
    for (const reader = response.body.getReader(); ; ) {
      const { value } = await reader.read();
      if (!value) return end(stream._retry);
      stream._push(value);
      if (abort.signal.aborted) return;
      const ms = _alive(stream._id) ? SILENCE_MS : FIRST_BYTES_MS;
      if (abort.signal.aborted) return;
      undoTimer();
      undoTimer = wait(ms);
    }
  }
  run().catch(() => end());
  return undo;
}
function createBar(signal) {
  let since = -Infinity;
  let length = 0;
  listen$1(document, "visibilitychange", signal, () => {
    length = Math.min(length, BARRED_SHOWN_MS);
  });
  return {
    _stands: () => now() - since < length,
    _raise(ms) {
      since = now();
      length = ms;
    }
  };
}
function streamTransport(endpoint, polling, address, key, signal) {
  const bar = createBar(signal);
  let shown = "";
  let lastId = "";
  const poll = (request, events) => {
    shown = "";
    return polling.open(request, events);
  };
  const follow = (request, events) => {
    const target = new URL(address);
    target.search ||= new URL(endpoint._url()).search;
    const url = target.href;
    if (shown !== url) lastId = "";
    let isAnswered = !!lastId;
    let isTold = false;
    let reply;
    let retryAfter = null;
    const finish = (outcome) => {
      undo();
      events.closed(outcome);
    };
    const share = () => {
      isTold = true;
      if (reply) tell(key(), [endpoint._url(), void 0], null, reply);
    };
    const close = connect(url, lastId, {
      _accept(response) {
        const { status, headers } = response;
        seeBuild(headers.get("VPO-Build"));
        const head = Object.assign(response, { _bytes: new Uint8Array() });
        retryAfter = judge(url, head, endpoint._kind)[1];
        return status === 200 && /^text\/event-stream\b/i.test(headers.get("Content-Type") ?? "");
      },
      _event(name, data) {
        if (!/^(message|jobs_update)?$/.test(name)) return;
        reply = { status: 200, redirected: false, headers: new Headers(), _bytes: encoder.encode(data) };
        const answer = endpoint._read(reply);
        endpoint._etag = null;
        shown = answer.terminal ? "" : url;
        isAnswered = true;
        share();
        events.received(answer);
        if (answer.terminal) finish({ result: "ok" });
      },
      _alive(id) {
        if (isAnswered) {
          lastId = id;
          if (!isTold) {
            share();
            events.received(endpoint._unchanged());
          }
          isTold = false;
          if (isPaused()) finish({ result: "over" });
        }
        return isAnswered;
      },
      _ended(retryMs = BARRED_MS) {
        undo();
        bar._raise(retryMs);
        if (retryAfter) events.closed({ result: "failed", retryAfter });
        else
          undo = clock.after(isAnswered ? Math.random() * SPREAD_MS : 0, () => {
            if (isPaused()) events.closed({ result: "over" });
            else undo = poll(request, events);
          });
      }
    });
    const stopWatching = windows._watch(key(), () => finish({ result: "over" }));
    let undo = () => {
      stopWatching();
      close();
    };
    return () => undo();
  };
  return {
    open(request, events) {
      const name = key();
      const mayFollow = !bar._stands() && windows._leads(name) && windows._rank(name) < mostHeld(endpoint._url());
      if (!mayFollow) return poll(request, events);
      if (!request.urgent) return follow(request, events);
      const closed = (outcome) => events.closed({ ...outcome, held: true });
      return poll(request, { ...events, closed });
    }
  };
}

const regions = /* @__PURE__ */ new Map();
function parse(text) {
  try {
    const url = new URL(text, document.baseURI);
    if (isOurs(url.href) || allowedOrigins().includes(url.origin)) return url;
  } catch {
  }
  warn(`${text} is not of this origin, nor of those in data-vpo-origins`);
  return null;
}
function eventsOf(element, { origin, pathname }) {
  const name = attribute(element, "transport") ?? "poll";
  if (name === "sse")
    return parse(
      element.getAttribute("data-polling-events") ?? origin + pathname.replace(/[^/]*$/, "events/$&")
    );
  if (name !== "poll") misread("transport", name);
  return null;
}
function policyOf(element, isLog) {
  const { interval, log, idle } = intervals(element);
  let name = attribute(element, "policy") ?? (isLog ? "log" : "job");
  if (!Object.hasOwn(POLICIES, name)) {
    misread("policy", name);
    name = "job";
  }
  const own = {
    log: { interval: log },
    job: { interval, idleInterval: idle }
  };
  const given = element.hasAttribute("data-polling-interval") && { interval };
  const row = policy(name, own[name] ?? { ...ON_PAGE[name], ...given });
  const factor = thrift();
  return {
    ...row,
    interval: row.interval * factor,
    idleInterval: row.idleInterval * factor,
    wait: waitOf(element, row.wait)
  };
}
const jobOf = (log) => log.closest("[data-vpo-src]") ?? document.querySelector("[data-vpo-src]");
function tellLogs(element, isDone) {
  for (const { _log, _poll } of regions.values())
    if (_log && jobOf(_poll._element) === element && _log._setJobDone(isDone))
      _poll._loop.dispatch({ type: "refresh" });
}
function tellPeople(element) {
  if (!controlsOf(element, "data-vpo-notify").some((button) => button.matches("[aria-pressed=true]"))) return;
  try {
    new Notification(document.title);
  } catch {
  }
}
function isReading(list, url) {
  const selection = getSelection();
  return list.getBoundingClientRect().top < 0 || /[?&](offset=[1-9]|cursor=.)/.test(url) || list.matches(":hover") || !!list.querySelector("input:checked") || list.contains(document.activeElement) || !!selection && !selection.isCollapsed && list.contains(selection.anchorNode);
}
function transportOf(element, end, json, url, { interval, wait }, signal) {
  const address = json && eventsOf(element, url);
  const key = () => `${(wait || address) && "h"} ${wait} ${interval} ${json?._url() ?? url}`;
  const polling = httpTransport(end, attribute(element, "headers") ?? "", wait > 0, key);
  return [key, address ? streamTransport(json, polling, address, key, signal) : polling];
}
function tellScripts(element, type, poll) {
  const { word, why } = poll._loop.state;
  const isPolling = /waiting|open/.test(word);
  emit(element, "state", { type, state: stateOf(poll), isPolling, why, message: poll._reason });
}
const viewOf = (element, holdsNewRows) => element.isConnected ? createView(element, {
  words: word,
  now: serverNow,
  _ticker: ticker,
  announce,
  warn,
  _reducedMotion: () => matches("(prefers-reduced-motion: reduce)"),
  // New rows wait only where a button lets them in.
  _holdNewRows: (list) => !!controlsOf(element, "data-vpo-new")[0] && holdsNewRows(list)
}) : null;
function createRegion(element) {
  const isLog = element.hasAttribute("data-vpo-log");
  const url = parse(element.getAttribute(isLog ? "data-vpo-log" : "data-vpo-src"));
  if (!url) return null;
  const scope = new AbortController();
  const log = isLog ? createLog(element, url.href, scope.signal) : null;
  const json = isLog ? null : jsonEndpoint(element, url.href);
  const end = log ?? json;
  let isOpen = false;
  let wasActive = false;
  let shown;
  let undoNotice;
  const view = json && viewOf(element, (list) => !isOpen && isReading(list, json._url()));
  let waiting = 0;
  const paint = () => {
    if (view) waiting = view.paint(shown)._waiting;
    showNew(element, waiting, "new");
  };
  const publish = (event) => {
    const { _loop } = poll;
    if (event.type === "data") {
      const { news, data, terminal, active } = event.answer;
      undoNotice?.();
      element.removeAttribute("aria-busy");
      if (json && news) {
        shown = data;
        paint();
      }
      if (waiting) paint();
      if (json?._kind === "record") tellLogs(element, terminal);
      else if (json && wasActive && !active) tellPeople(element);
      wasActive = active;
      if (poll._isEnded && !terminal) {
        poll._isEnded = false;
        _loop.dispatch({ type: "start" });
      }
    } else if (event.type === "trouble") {
      const { result, message = "" } = event.outcome;
      poll._reason = message;
      if (result !== "failed") element.removeAttribute("aria-busy");
      undoNotice?.();
      if (/gone|signIn/.test(message)) undoNotice = notice(element, message);
    } else if (event.type === "finished") tellPeople(element);
    tellScripts(element, event.type, poll);
    changed();
  };
  const settings = policyOf(element, isLog);
  const [key, transport] = transportOf(element, end, json, url, settings, scope.signal);
  const poll = createPoll(settings, transport, publish, {
    _name: element.getAttribute("aria-label") || element.id || url.pathname,
    _origin: url.origin,
    _key: key,
    _element: element,
    _isEnded: end._isEnded
  });
  const isDone = regions.get(jobOf(element))?._poll._isEnded;
  log?._setJobDone(isDone);
  if (!isDone && !end._isEnded) log?._showTail();
  const leave = join(poll, isEnabled(element) && !end._isEnded);
  const region = {
    _poll: poll,
    _log: log,
    _json: json,
    _letIn() {
      log?._showTail();
      element.focus({ preventScroll: true });
      isOpen = true;
      if (shown) paint();
      isOpen = false;
    },
    _data: () => shown,
    _show(data, isPart) {
      if (!isPart) shown = data;
      view?.paint(data, isPart);
    },
    _stop() {
      regions.delete(element);
      leave();
      scope.abort();
      view?._dispose();
      undoNotice?.();
    }
  };
  if (element.isConnected) regions.set(element, region);
  return region;
}
const findRegions = (root) => {
  const found = [...root.querySelectorAll(HOME)];
  if (root instanceof Element && root.matches(HOME)) found.unshift(root);
  for (const element of found) if (element.isConnected && !regions.has(element)) createRegion(element);
};
const stopRegions = (isGone) => {
  for (const [element, { _stop }] of regions) if (isGone(element)) _stop();
};

function refreshAll(some) {
  forgetAnswers();
  for (const { _loop } of some) _loop.dispatch({ type: "refresh" });
}
const tools = {
  /** POSTs JSON, and learns from the answer's headers as a poll would. */
  async send(url, body) {
    const reply = await request(url, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json" },
      body
    });
    return {
      ok: reply.status > 199 && reply.status < 300,
      text: decode(reply._bytes),
      verdict: judge(url, reply, "record")[0]
    };
  },
  /** Reads what attribute `name` of `owner` names, else what is around `control`. */
  refresh(owner, name, control) {
    refreshAll(targetsOf(owner, name, control));
  },
  /** Asks the regions that attribute `name` of `form` names for what the address bar says. */
  aim(form, name) {
    for (const poll of targetsOf(form, name)) {
      const json = regions.get(poll._element)?._json;
      if (!json) continue;
      const url = new URL(json._url());
      url.search = location.search;
      json._aim(url.href);
      poll._element.setAttribute("aria-busy", "true");
      poll._loop.dispatch({ type: "retarget" });
    }
  },
  /**
   * The region of `element`. One that is not in the document is begun for a script: it shows nothing, tells by the events
   * `vpo:data` and `vpo:state`, and ends with `stop`. Throws for what may not be polled.
   */
  region(element) {
    const region = regions.get(element) ?? createRegion(element);
    if (!region) throw new TypeError(say("rejected"));
    const { _poll, _json, _data, _show, _stop } = region;
    return {
      data: _data(),
      /** `isForgetting`: what is shown may be something else than was answered last. */
      refresh(isForgetting) {
        if (isForgetting) _json?._aim(_json._url());
        refreshAll([_poll]);
      },
      show: _show,
      stop: _stop
    };
  },
  say
};

const CLICKS = {
  "data-vpo-refresh": refresh,
  "data-vpo-new": (control) => {
    for (const poll of targetsOf(control, "data-vpo-new")) regions.get(poll._element)?._letIn();
  },
  "data-vpo-notify": async (control) => {
    const permission = await globalThis.Notification?.requestPermission();
    control.setAttribute("aria-pressed", `${permission === "granted"}`);
  },
  "data-vpo-connection": () => {
    refreshAll([...polls].filter(({ _loop }) => _loop.state.why === "gaveUp"));
  }
};
function refresh(button, signal) {
  const targets = targetsOf(button, "data-vpo-refresh");
  const wait = Math.max(...targets.map((poll) => poll._loop.state.floor)) - now();
  if (!(wait > 0)) {
    refreshAll(targets);
    return;
  }
  if (button.hasAttribute("aria-disabled")) return;
  const label = [...button.childNodes];
  const restoreLabel = () => {
    clearTimeout(timer);
    button.replaceChildren(...label);
    button.removeAttribute("aria-disabled");
  };
  const timer = setTimeout(restoreLabel, wait);
  signal.addEventListener("abort", restoreLabel);
  button.setAttribute("aria-disabled", "true");
  button.textContent = sayWhen(wait);
}
function watchControls(_tools, signal) {
  listen$1(document, "click", signal, ({ target }) => {
    for (const name in CLICKS) {
      const control = target instanceof Element && target.closest(`[${name}]`);
      if (control) CLICKS[name](control, signal);
    }
  });
}

const ANSWER = { data: null, news: true, terminal: false, active: true, more: false };
const callTransport = (call) => ({
  open({ urgent }, { received, closed }) {
    const abort = new AbortController();
    let undo = () => abort.abort();
    const task = (free) => {
      if (abort.signal.aborted) return free();
      const done = () => {
        clearTimeout(timer);
        free();
      };
      const fail = () => {
        undo();
        closed({ result: "failed" });
      };
      undo = () => {
        done();
        abort.abort();
      };
      const timer = setTimeout(fail, DEADLINE_MS);
      new Promise((resolve) => resolve(call(abort))).then(() => {
        done();
        received(ANSWER);
        closed({ result: "ok" });
      }, fail);
    };
    inSlot(() => new Promise(task), urgent);
    return () => undo();
  }
});

const manager = createManager({
  now,
  intervalOf: (given) => (given > 0 ? given : intervals(null).interval) * thrift(),
  isEnabled: () => isEnabled(null),
  begin(key, ask, settings) {
    const about = { _name: key, _origin: "", _key: () => "", _element: null, _isEnded: false };
    const poll = createPoll(settings, callTransport(ask), changed, about);
    return { loop: poll._loop, leave: join(poll, false) };
  }
});

const BACKOFF = { INITIAL_DELAY: 1e4, MAX_DELAY: 12e4, FAILURES_BEFORE_BACKOFF: 3, MULTIPLIER: 2 };
const CONNECTION_STATUS = { CONNECTED: "connected", RECONNECTING: "reconnecting", ERROR: "error" };
function loadConfig() {
  const { interval, log } = intervals(null);
  return { interval, enabled: isEnabled(null), logInterval: log };
}
function create({ fetchFn, interval = 0, onStatusChange }) {
  const { enabled, interval: ofPage } = loadConfig();
  const settings = policy("job", { interval: interval > 0 ? interval : ofPage, wait: 0 });
  const about = { _name: "poller", _origin: "", _key: () => "", _element: null, _isEnded: false };
  let poll;
  let leave;
  let status = "";
  const publish = () => {
    changed();
    const next = answersOf(poll);
    if (!next || next === status) return;
    status = next;
    onStatusChange?.(next);
  };
  const stop = () => {
    leave?.();
    leave = void 0;
  };
  return {
    get isActive() {
      return !!leave;
    },
    start() {
      if (!enabled || leave) return;
      poll = createPoll(settings, callTransport(fetchFn), publish, about);
      leave = join(poll, true);
    },
    stop,
    pause: () => poll?._loop.dispatch({ type: "pause", reason: "user" }),
    resume: () => poll?._loop.dispatch({ type: "resume", reason: "user" }),
    cleanup: stop
  };
}
const listeners = /* @__PURE__ */ new WeakMap();
const handle = (target, type, run) => {
  const listener = listeners.get(run) ?? ((event) => event.persisted || run(document.visibilityState !== "hidden"));
  listeners.set(run, listener);
  target.addEventListener(type, listener);
  return () => target.removeEventListener(type, listener);
};
const onVisibilityChange = (run) => handle(document, "visibilitychange", run);
const onCleanup = (run) => handle(window, "pagehide", run);

const watches = /* @__PURE__ */ new Map();
const extensions = [];
let controls;
function use(extension) {
  extensions.push(extension);
  if (controls) extension(tools, controls.signal);
}
function start(root = document) {
  if (!controls) {
    controls = new AbortController();
    for (const extension of [watchControls, ...extensions]) extension(tools, controls.signal);
  }
  findRegions(root);
  if (watches.has(root)) return;
  const observer = new MutationObserver((records) => {
    stopRegions((element) => !element.isConnected);
    for (const { addedNodes } of records)
      for (const node of addedNodes) if (node instanceof Element) findRegions(node);
  });
  observer.observe(root, { childList: true, subtree: true });
  watches.set(root, () => observer.disconnect());
}
function stop(root = document) {
  for (const [node, undo] of watches)
    if (root.contains(node)) {
      watches.delete(node);
      undo();
    }
  stopRegions((element) => root.contains(element));
  if (watches.size) return;
  controls?.abort();
  controls = void 0;
}

export { BACKOFF, CONFIG, CONNECTION_STATUS, create, loadConfig, manager, onCleanup, onVisibilityChange, setConnectionStatus, setDebug, start, stop, tools, use };
//# sourceMappingURL=vpo-polling.mjs.map
