(function () {
  'use strict';

  function make(tag, attributes, ...content) {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.append(...content);
    return element;
  }
  function listen(target, types, signal, run) {
    for (const type of types.split(" ")) target.addEventListener(type, run, { signal });
  }

  const PLAIN = { _ink: null, _paper: null, _flags: 0, _href: "" };
  const FLAGS = ["bold", "dim", "italic", "underline", "inverse", "strike"];
  const INVERSE = 16;
  const SET = { 1: 1, 2: 2, 3: 4, 4: 8, 7: INVERSE, 9: 32, 21: 8 };
  const CLEAR = { 22: 3, 23: 4, 24: 8, 27: INVERSE, 29: 32 };
  const ESC = "\\u001b";
  const STRING = `[^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)`;
  const CONTROL = new RegExp(
    `${ESC}\\[([0-?]*)[ -/]*([@-~])|${ESC}\\](8;)?(${STRING})|${ESC}[PX^_]${STRING}|${ESC}[ -/]*[0-~]?|[^\\P{Cc}\\t]`,
    "gu"
  );
  function nearest(red, green, blue) {
    const rgb = [red, green, blue];
    const level = (step) => step ? 55 + 40 * step : 0;
    const steps = rgb.map((value) => value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40));
    const grey = Math.min(23, Math.max(0, Math.round(((red + green + blue) / 3 - 8) / 10)));
    const distance = (of) => rgb.reduce((sum, value, i) => sum + (value - of(i)) ** 2, 0);
    return distance(() => 8 + 10 * grey) < distance((i) => level(steps[i])) ? 232 + grey : 16 + 36 * steps[0] + 6 * steps[1] + steps[2];
  }
  const spell = (params) => params.replace(/([34]8):2:(?:\d*:)?(\d+):(\d+):(\d+)/g, "$1;2;$2;$3;$4").replace(/([34]8):5:/g, "$1;5;").replace(/:\d*/g, "");
  function restyle(style, params) {
    const codes = (params.includes(":") ? spell(params) : params).split(";").map(Number);
    let next = style;
    const colour = (code, value) => {
      next = code % 60 < 40 ? { ...next, _ink: value } : { ...next, _paper: value };
    };
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      const kind = code % 10;
      const isBright = code >= 90 && code < 108;
      if (!code) next = { ...PLAIN, _href: next._href };
      else if (code in SET) next = { ...next, _flags: next._flags | SET[code] };
      else if (code in CLEAR) next = { ...next, _flags: next._flags & ~CLEAR[code] };
      else if (code >= 30 && code < 50 || isBright) {
        if (kind < 8) colour(code, kind + (isBright ? 8 : 0));
        else if (kind > 8) colour(code, null);
        else if (codes[i + 1] === 5) {
          const value = codes[i + 2];
          if (value < 256) colour(code, value);
          i += 2;
        } else {
          const rgb = codes.slice(i + 2, i + 5);
          const [red, green, blue] = rgb;
          if (codes[i + 1] === 2 && rgb.length > 2 && Math.max(...rgb) < 256)
            colour(code, nearest(red, green, blue));
          i += 4;
        }
      }
    }
    return next;
  }
  function render(line, style) {
    const runs = [];
    let isAnew = false;
    let at = 0;
    const add = (text) => {
      if (!text) return;
      if (isAnew) runs.length = 0;
      isAnew = false;
      const last = runs.at(-1);
      if (last?._style === style) last._text += text;
      else runs.push({ _text: text, _style: style });
    };
    for (const match of line.matchAll(CONTROL)) {
      const [all, params, final, isLink, string] = match;
      add(line.slice(at, match.index));
      at = match.index + all.length;
      if (all === "\r") isAnew = true;
      else if (final === "m" && !/[<-?]/.test(params)) style = restyle(style, params);
      else if (final === "K" && (isAnew ? params !== "1" : params === "2")) runs.length = 0;
      else if (isLink) style = { ...style, _href: /^[^;]*;(https?:[^\p{Cc}]*)/iu.exec(string)?.[1] ?? "" };
    }
    add(line.slice(at));
    return { _runs: runs, _style: style };
  }
  function classes({ _ink, _paper, _flags }) {
    const isInverse = _flags & INVERSE;
    const ink = isInverse ? _paper ?? "paper" : _ink;
    const paper = isInverse ? _ink ?? "ink" : _paper;
    const names = FLAGS.filter((_, bit) => _flags & ~INVERSE & 1 << bit);
    if (ink !== null) names.push(`fg-${ink}`);
    if (paper !== null) names.push(`bg-${paper}`);
    return names.map((name) => `ansi-${name}`).join(" ");
  }

  const MARK = /##\[(group|endgroup|error)\]|section_(start|end):(\d+):([^\r[\]]+)(\[[^\]]*collapsed=true[^\]]*\])?/g;
  const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z?\s/;
  const stampOf = (text) => Date.parse(`${STAMP.exec(text)?.[1]}Z`);
  function marksOf(line, number) {
    if (!line.includes("##[") && !line.includes("section_")) return [];
    const stamp = stampOf(line);
    return [...line.matchAll(MARK)].map(([, word, edge, seconds, name = "", collapsed]) => ({
      _line: number,
      _kind: edge ? edge : word === "group" ? "start" : word === "error" ? "error" : "end",
      _name: name,
      _time: edge ? Number(seconds) * 1e3 : stamp,
      _isFolded: edge ? !!collapsed : true
    }));
  }
  function findGroups(marks, groups, isRead) {
    let open = [];
    marks.forEach((mark, i) => {
      const { _kind, _name, _line, _time } = mark;
      if (!_kind) open = [];
      else if (_kind === "error") for (const one of open) one._hasError = true;
      else if (_kind === "start") {
        open = [...open.filter((one) => one._mark._name || _name), { _mark: mark, _hasError: false }];
      } else {
        const at = open.map((one) => one._mark._name).lastIndexOf(_name);
        if (at < 0) return;
        const { _mark, _hasError } = open[at];
        open.length = at;
        const next = marks[i + 1];
        const _last = next?._line === _line && next._kind === "start" ? _line - 1 : _line;
        if (_last > _mark._line && !groups.has(_mark._line))
          groups.set(_mark._line, {
            _first: _mark._line,
            _last,
            _tookMs: _time - _mark._time,
            _isFolded: _mark._isFolded && !_hasError && !isRead(_mark._line, _last)
          });
      }
    });
  }
  function hiddenBy(groups) {
    const hidden = [];
    let end = 0;
    for (const { _first, _last, _isFolded } of [...groups.values()].sort((a, b) => a._first - b._first))
      if (_isFolded && _first >= end) {
        hidden.push([_first + 1, _last]);
        end = _last + 1;
      }
    return hidden;
  }

  const BLOCK_LINES = 1e3;
  const KEPT$1 = 1 << 22;
  const LINE_COST = 32;
  const LONGEST = 1 << 14;
  const after = ({ _first, _lines }) => _first + _lines.length;
  const cost = (line) => line.length + LINE_COST;
  function styleAt(blocks, block, index) {
    const { _styles, _lines, _first } = block;
    const previous = blocks.find((other) => after(other) === _first);
    _styles[0] ??= previous ? styleAt(blocks, previous, previous._lines.length) : PLAIN;
    for (let i = _styles.length; i <= index; i++) {
      const [line, style] = [_lines[i - 1], _styles[i - 1]];
      _styles[i] = line.includes("\x1B") ? render(line, style)._style : style;
    }
    return _styles[index];
  }
  function farthest(blocks, from, to) {
    const distance = (block) => Math.max(block._first - to, from - after(block), 0);
    return blocks.slice(0, -1).reduce((far, block) => {
      return distance(block) > (far ? distance(far) : 0) ? block : far;
    }, void 0);
  }
  function createLines(kept = KEPT$1) {
    const blocks = [];
    let size = 0;
    let openLine = 0;
    let open = "";
    const blockOf = (line) => blocks.find((block) => block._first <= line && line < after(block));
    const roomFor = (first) => {
      const last = blocks.find((block2) => after(block2) === first && block2._lines.length < BLOCK_LINES);
      if (last) return last;
      const block = { _first: first, _lines: [], _styles: [], _marks: [], _size: 0 };
      const at = blocks.findIndex(({ _first }) => _first > first);
      blocks.splice(at < 0 ? blocks.length : at, 0, block);
      return block;
    };
    const insert = (first, lines) => {
      while (lines.length) {
        const known = blockOf(first);
        const block = known ?? roomFor(first);
        const next = blocks[blocks.indexOf(block) + 1];
        const room = known ? after(known) - first : Math.min(BLOCK_LINES - block._lines.length, (next?._first ?? Infinity) - first);
        const part = lines.splice(0, room);
        if (!known) {
          const added = part.reduce((sum, line) => sum + cost(line), 0);
          size += added;
          block._size += added;
          block._lines.push(...part);
          block._marks.push(...part.flatMap((line, i) => marksOf(line, first + i)));
          for (let i = blocks.indexOf(block) + 1; blocks[i]?._first === after(blocks[i - 1]); i++)
            blocks[i]._styles.length = 0;
        }
        first += part.length;
      }
    };
    const dropOpen = () => {
      const block = blockOf(openLine);
      if (!block) return;
      const at = openLine - block._first;
      const gone = block._lines.splice(at).reduce((sum, line) => sum + cost(line), 0);
      block._styles.splice(at + 1);
      block._marks = block._marks.filter((mark) => mark._line < openLine);
      block._size -= gone;
      size -= gone;
      if (!at) blocks.splice(blocks.indexOf(block), 1);
    };
    return {
      _add(first, text, isNext, isOpen) {
        const goesOn = isNext && openLine ? open : "";
        if (openLine && isNext !== void 0) dropOpen();
        const lines = (goesOn + text).split("\n");
        const end = lines.pop();
        if (end) lines.push(end);
        const count = lines.length;
        if (isNext !== void 0) openLine = isOpen ? first + count - 1 : 0;
        if (isOpen) open = end.slice(0, LONGEST + 1);
        insert(
          first,
          lines.map((line) => line.length > LONGEST ? `${line.slice(0, LONGEST)}\u2026` : line)
        );
        return count;
      },
      _line(line) {
        const block = blockOf(line);
        return block?._lines[line - block._first];
      },
      _style(line) {
        const block = blockOf(line);
        return block ? styleAt(blocks, block, line - block._first) : PLAIN;
      },
      _marks: () => blocks.flatMap(
        (block, i) => i && after(blocks[i - 1]) === block._first ? block._marks : [{ _line: block._first }, ...block._marks]
      ),
      _evict(from, to) {
        for (let far = farthest(blocks, from, to); far && size > kept; far = farthest(blocks, from, to)) {
          blocks.splice(blocks.indexOf(far), 1);
          size -= far._size;
        }
      }
    };
  }

  const PART = 1 << 17;
  const CONTEXT$1 = 150;
  const GLANCE_MS = 40;
  function createLoader(ask, store, retry) {
    let wanted = 0;
    let hadContext = false;
    let abort;
    let timer;
    const stop = () => {
      clearTimeout(timer);
      abort?.abort();
      abort = void 0;
      wanted = 0;
    };
    const again = (seconds) => {
      timer = setTimeout(() => {
        wanted = 0;
        retry();
      }, seconds * 1e3);
    };
    const load = async () => {
      const line = wanted;
      const own = new AbortController();
      abort = own;
      const { _answer, _wait } = await ask(
        "",
        { line: Math.max(1, hadContext ? line : line - CONTEXT$1), limit: PART },
        own
      );
      if (abort !== own) return;
      abort = void 0;
      const isFound = _answer && store(_answer, line);
      if (isFound || _answer && !hadContext) {
        hadContext = !isFound;
        if (hadContext) void load();
        else {
          wanted = 0;
          retry();
        }
      } else again(_wait);
    };
    return {
      _want(missing, isIn) {
        if (!missing) {
          if (wanted) stop();
          return;
        }
        if (wanted && isIn(wanted)) return;
        stop();
        wanted = missing;
        hadContext = false;
        timer = setTimeout(load, GLANCE_MS);
      },
      _stop: stop
    };
  }

  const MOST_PX = 8e6;
  const EXACT_PX = MOST_PX / 4;
  const countRows = (lines, hidden) => hidden.reduce((rows, [from, to]) => rows - (Math.min(to, lines) - Math.min(from - 1, lines)), lines);
  function rowOf$1(line, hidden) {
    let row = line - 1;
    for (const [from, to] of hidden) {
      if (from > line) break;
      row -= Math.min(to, line) - from + 1;
    }
    return row;
  }
  function lineAt(row, hidden) {
    let line = row + 1;
    for (const [from, to] of hidden) {
      if (from > line) break;
      line += to - from + 1;
    }
    return line;
  }
  function toBar(px, total) {
    if (total <= MOST_PX || px < EXACT_PX) return px;
    if (px > total - EXACT_PX) return px - total + MOST_PX;
    return EXACT_PX + (px - EXACT_PX) * (MOST_PX - 2 * EXACT_PX) / (total - 2 * EXACT_PX);
  }
  function fromBar(bar, total) {
    if (total <= MOST_PX || bar < EXACT_PX) return bar;
    if (bar > MOST_PX - EXACT_PX) return bar - MOST_PX + total;
    return EXACT_PX + (bar - EXACT_PX) * (total - 2 * EXACT_PX) / (MOST_PX - 2 * EXACT_PX);
  }

  function createContent(isRead) {
    const groups = /* @__PURE__ */ new Map();
    let lines = createLines();
    let hidden = [];
    let gen;
    let total = 0;
    let cursor;
    let began;
    const fold = () => {
      hidden = hiddenBy(groups);
    };
    const learn = () => {
      const known = groups.size;
      const first = lines._line(1);
      if (first !== void 0) began ??= stampOf(first) || 0;
      findGroups(lines._marks(), groups, isRead);
      if (groups.size !== known) fold();
    };
    return {
      get _total() {
        return total;
      },
      get _attempt() {
        return Number.parseInt(`${gen}`, 10) || 0;
      },
      _take(answer) {
        const { first_line: first, total_lines: all, complete, more, size, end } = answer;
        const text = answer.text;
        if (answer.gen !== gen || answer.reset) {
          lines = createLines();
          groups.clear();
          hidden = [];
          total = 0;
          began = void 0;
        }
        gen = answer.gen;
        const isOpen = !!text && !complete && !text.endsWith("\n");
        const isNext = answer.start === cursor;
        const count = text || !isNext ? lines._add(first, text, isNext, isOpen) : 0;
        cursor = end;
        total = Math.max(total, Number(first) - 1 + count, Number(all ?? 0));
        learn();
        return more && Number(size) - Number(end) > 2 * PART ? -PART : void 0;
      },
      _store(answer, line) {
        const { first_line: first, text, end, size } = answer;
        if (answer.gen !== gen || typeof text !== "string") return false;
        const isCut = !text.endsWith("\n") && Number(end) < Number(size);
        if (text) lines._add(first, isCut ? `${text}\u2026` : text);
        learn();
        return lines._line(line) !== void 0;
      },
      _reveal(line) {
        for (const group of groups.values())
          if (group._first < line && line <= group._last) group._isFolded = false;
        fold();
      },
      _toggle(first) {
        const group = groups.get(first);
        if (group) group._isFolded = !group._isFolded;
        fold();
      },
      _keep: (from, to) => lines._evict(from, to),
      _missing(from, to, isSince) {
        let line = from;
        while (line <= to && lines._line(line) !== void 0) line = lineAt(rowOf$1(line, hidden) + 1, hidden);
        return line <= to ? line : isSince && total && began === void 0 ? 1 : 0;
      },
      _row(line) {
        const group = groups.get(line);
        return {
          _line: line,
          _text: lines._line(line),
          _style: lines._style(line),
          _group: group,
          _isFolded: group?._isFolded,
          _began: began ?? 0
        };
      },
      _rows: () => countRows(total, hidden),
      _rowOf: (line) => rowOf$1(line, hidden),
      _lineAt: (row) => lineAt(row, hidden)
    };
  }

  const HIT = "vpo-log-hit";
  const CURRENT = "vpo-log-match";
  function rangeIn(texts, from, to) {
    const range = new Range();
    let passed = 0;
    let isSet = false;
    for (const text of texts) {
      const end = passed + text.length;
      if (!isSet && from < end) {
        range.setStart(text, from - passed);
        isSet = true;
      }
      if (to <= end) {
        range.setEnd(text, to - passed);
        break;
      }
      passed = end;
    }
    return range;
  }
  function highlight(rows, query, isCurrent) {
    const { highlights } = globalThis.CSS ?? {};
    if (!highlights || !(query || highlights.has(HIT))) return;
    const hits = new Highlight();
    const current = new Highlight();
    const pattern = new RegExp(query.replace(/[^\w\s]/g, "\\$&"), "gi");
    if (query)
      for (const [line, row] of rows) {
        const span = row.querySelector(".log-text");
        if (!span) continue;
        const walker = document.createTreeWalker(
          span,
          NodeFilter.SHOW_TEXT,
          ({ parentElement }) => parentElement?.tagName === "SMALL" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT
        );
        const texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode);
        for (const { 0: hit, index } of texts.map(({ data }) => data).join("").matchAll(pattern))
          (isCurrent(line, index) ? current : hits).add(rangeIn(texts, index, index + hit.length));
      }
    if (query) {
      highlights.set(HIT, hits);
      highlights.set(CURRENT, current);
    } else {
      highlights.delete(HIT);
      highlights.delete(CURRENT);
    }
  }

  function parseHash(hash) {
    const [, from, to = from] = /^#L([1-9]\d*)(?:-L?([1-9]\d*))?$/.exec(hash) ?? [];
    if (!from) return null;
    const ends = [Number(from), Number(to)];
    return [Math.min(...ends), Math.max(...ends)];
  }
  function linkTo(href, [from, to], attempt) {
    const url = new URL(href);
    if (attempt) url.searchParams.set("attempt", `${attempt}`);
    url.hash = from === to ? `L${from}` : `L${from}-L${to}`;
    return url.href;
  }

  const MARKER = /##\[(end)?group\]/;
  function runsOf(text, style) {
    const runs = render(text, style)._runs;
    for (const run of runs) run._text = run._text.replace(MARKER, "");
    return runs;
  }
  function show$1({ _text, _style }) {
    const [names, href] = [classes(_style), _style._href];
    if (href) return make("a", { class: names, href, rel: "noopener", target: "_blank" }, _text);
    return names ? make("span", { class: names }, _text) : _text;
  }
  const clock = (ms) => `${Math.floor(ms / 36e5)}${new Date(ms).toISOString().slice(13, 23)}`;
  function content(runs, began) {
    const [first] = runs;
    const stamp = STAMP.exec(first?._text ?? "")?.[0];
    const nodes = [];
    if (stamp) {
      first._text = first._text.slice(stamp.length);
      const since = clock(Math.max(0, stampOf(stamp) - began));
      nodes.push(
        make("span", began ? { class: "log-time", "data-since": since } : { class: "log-time" }, stamp)
      );
    }
    return [...nodes, ...runs.map(show$1)];
  }
  let pattern;
  function fill({ _line, _text, _style, _group, _isFolded, _began }, old) {
    pattern ??= make(
      "div",
      {},
      make("a", { tabindex: "-1", "aria-hidden": "true" }),
      make("span", { class: "log-text" })
    );
    const row = old ?? pattern.cloneNode(true);
    const number = row.firstElementChild;
    const text = row.lastElementChild;
    number.setAttribute("href", `#L${_line}`);
    number.setAttribute("data-line", `${_line}`);
    text.replaceChildren(...content(runsOf(_text ?? "", _style), _began));
    row.className = "log-line";
    if (_text === void 0) row.classList.add("log-wait");
    else if (_text.includes("##[error]")) row.classList.add("log-error");
    row.querySelector("button")?.remove();
    if (_group) {
      text.before(
        make("button", {
          type: "button",
          "data-fold": `${_line}`,
          "aria-expanded": `${!_isFolded}`,
          "aria-label": text.textContent
        })
      );
      if (_group._tookMs >= 0) text.append(make("small", {}, clock(_group._tookMs).slice(0, -4)));
    }
    return row;
  }
  const made = /* @__PURE__ */ new WeakMap();
  function rowOf(source, old) {
    const known = old && made.get(old);
    if (known && Object.keys(source).every((key) => source[key] === known[key]))
      return old;
    const row = fill(source, old);
    made.set(row, source);
    return row;
  }

  const LIMIT = 200;
  const TYPING_MS = 250;
  function placeOf({ before, matches, total }, at, say) {
    if (!matches[at]) return say("logNoMatch", "", "Not found");
    return say("logMatch", (before + at + 1).toLocaleString(), "{} of {}").replace(
      "{}",
      total.toLocaleString()
    );
  }
  function createSearch(ask, tools, say, lead) {
    const { _input: input, _count: count, _bar: bar } = tools;
    let page;
    let query = "";
    let at = 0;
    let abort;
    let timer;
    const tell = (text) => {
      if (count) count.textContent = text;
    };
    const show = (index) => {
      at = index;
      tell(placeOf(page, at, say));
      lead(page.matches[at]);
    };
    const turn = async (params, pick) => {
      abort?.abort();
      const own = new AbortController();
      abort = own;
      tell("\u2026");
      const { _answer } = await ask("/search", { q: query, limit: LIMIT, ...params }, own);
      if (abort !== own) return;
      abort = void 0;
      if (!_answer) return tell(say("logSearchFailed", "", "The search failed"));
      page = _answer;
      show(pick(page.matches));
    };
    const forward = () => {
      const { matches, before, total } = page;
      if (at + 1 < matches.length) return show(at + 1);
      const from = before + at + 1 < total ? matches[at].start + 1 : 0;
      return void turn({ from }, () => 0);
    };
    const back = () => {
      if (at) return show(at - 1);
      const until = page.before ? page.matches[0].start : page.size;
      return void turn({ until }, (matches) => matches.length - 1);
    };
    const go = (isBack) => {
      clearTimeout(timer);
      const text = input?.value ?? "";
      if (text === query && page?.matches.length) return isBack ? back() : forward();
      query = text;
      page = void 0;
      lead(void 0);
      if (query) return void turn({ from: 0 }, () => 0);
      return stop();
    };
    const stop = () => {
      clearTimeout(timer);
      abort?.abort();
      abort = void 0;
      tell("");
    };
    const open = (isOpen) => {
      if (!bar || !input || isOpen === !bar.hidden) return input?.focus();
      bar.hidden = !isOpen;
      if (isOpen) {
        input.focus({ preventScroll: true });
        input.select();
      } else {
        stop();
        query = "";
        page = void 0;
        lead(void 0);
      }
    };
    input?.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(go, TYPING_MS, false);
    });
    return {
      _open: open,
      _go: go,
      get _query() {
        return query;
      },
      get _current() {
        return page?.matches[at];
      },
      _stop: stop
    };
  }

  const WAIT_S = 3;
  const DEADLINE_MS = 1e4;
  const askFor = (source) => async (path, params, abort) => {
    const url = new URL(source, document.baseURI);
    url.pathname += path;
    for (const name in params) url.searchParams.set(name, `${params[name]}`);
    const headers = { Accept: "application/json", "Cache-Control": "max-age=0" };
    const timer = setTimeout(() => abort.abort(), DEADLINE_MS);
    let wait = WAIT_S;
    try {
      const reply = await fetch(url, { headers, cache: "no-store", signal: abort.signal });
      wait = Math.max(wait, Number(reply.headers.get("Retry-After")) || 0);
      return { _answer: reply.ok ? await reply.json() : null, _wait: wait };
    } catch {
      return { _answer: null, _wait: wait };
    } finally {
      clearTimeout(timer);
    }
  };

  const STORED = "vpo.log";
  const CHOICES = ["wrap", "since", "times", "full"];
  const KEYS = { f: "follow", w: "wrap", t: "times", m: "full", "/": "search" };
  function createTools(element, run, changed, signal) {
    const box = document.querySelector(`[data-vpo-log-tools="${element.id}"]`);
    const home = box?.parentElement ?? element;
    const find = (selector) => box?.querySelector(selector) ?? null;
    const has = (name) => home.hasAttribute(`data-log-${name}`);
    const press = (name, isPressed) => find(`[data-vpo-log-do=${name}][aria-pressed]`)?.setAttribute("aria-pressed", `${isPressed}`);
    const choose = (name, isOn) => {
      home.toggleAttribute(`data-log-${name}`, isOn);
      press(name, isOn);
    };
    const act = (name) => {
      if (!CHOICES.includes(name)) return run(name);
      const isSince = has("since");
      if (name === "times") choose("since", !isSince && !has(name));
      choose(name, name === "times" ? isSince : !has(name));
      try {
        localStorage.setItem(STORED, CHOICES.filter(has).join());
      } catch {
      }
      changed();
    };
    try {
      for (const name of localStorage.getItem(STORED)?.split(",") ?? [])
        if (CHOICES.includes(name)) choose(name, true);
    } catch {
    }
    listen(box ?? element, "click", signal, ({ target }) => {
      const name = target.closest("[data-vpo-log-do]")?.getAttribute("data-vpo-log-do");
      if (name) act(name);
    });
    const bar = find("form");
    const input = find("[type=search]");
    listen(home, "keydown", signal, (event) => {
      const { key, target } = event;
      const isModified = event.ctrlKey || event.metaKey;
      let name;
      if (event.altKey) return;
      if (isModified) {
        if (key === "f" && bar && target !== input) name = "search";
      } else if (key === "Escape") name = bar?.hidden === false ? "close" : has("full") ? "full" : "";
      else if (target === input) {
        if (key === "Enter") name = event.shiftKey ? "previous" : "next";
      } else if (target === element) name = key === "Home" ? "start" : key === "End" ? "end" : KEYS[key];
      if (!name) return;
      event.preventDefault();
      act(name);
    });
    listen(bar ?? element, "submit", signal, (event) => event.preventDefault());
    if (box) box.hidden = false;
    signal.addEventListener("abort", () => {
      if (box) box.hidden = true;
    });
    return {
      _bar: bar,
      _input: input,
      _count: find("output"),
      _press: press,
      _tell(text) {
        const told = find("[role=status]");
        if (told) told.textContent = text;
      }
    };
  }

  const OVER = 25;
  const OVER_FOLLOWING = 4;
  const FEW = 150;
  const KEPT = 150;
  const REST_MS = 150;
  const CONTEXT = 3;
  class View {
    constructor(_element, _source, signal) {
      this._element = _element;
      this._source = _source;
      _element.replaceChildren(this._space);
      _element.toggleAttribute("data-log-rows", true);
      listen(_element, "scroll", signal, () => this._scrolled());
      listen(window, "resize", signal, () => this._resized());
      signal.addEventListener("abort", () => {
        clearTimeout(this._rest);
        cancelAnimationFrame(this._frame);
      });
    }
    _element;
    _source;
    /** At the end, and to stay there. */
    _follows = true;
    /** The line at the upper edge, and how many pixels of it are above. */
    _top = 1;
    _above = 0;
    /** Where the scroll bar stood when we last saw or set it, and the pixels of the log that it stands for. */
    _bar = 0;
    _total = 0;
    /** Of a row; 0 until it has been measured. */
    _height = 0;
    _frame = 0;
    _rest;
    _rows = make("div", { class: "log-rows" });
    _space = make("div", { class: "log-space" }, this._rows);
    _shown = /* @__PURE__ */ new Map();
    /** Shows a line near the upper edge. */
    _goTo(line) {
      const { _source } = this;
      this._follows = false;
      this._above = 0;
      this._top = _source._lineAt(Math.max(0, _source._rowOf(line) - CONTEXT));
      _source._moved();
      this._draw();
    }
    _follow(follows) {
      if (follows === this._follows) return;
      if (!follows) this._findAnchor();
      this._follows = follows;
      this._source._moved();
      this._later();
    }
    /** The size of the pane or of its letters may be another. */
    _resized() {
      this._height = 0;
      this._draw();
    }
    /** Draws with the next frame. */
    _later() {
      this._frame ||= requestAnimationFrame(() => this._draw());
    }
    _draw(isScrolling = false) {
      const { _source, _rows, _space, _shown, _follows } = this;
      cancelAnimationFrame(this._frame);
      this._frame = 0;
      this._height ||= this._measure();
      const { _height } = this;
      const all = _source._rows();
      const fits = Math.ceil(this._element.clientHeight / _height) + 1;
      const top = _follows ? Math.max(0, all - fits) : _source._rowOf(this._top);
      const [from, to] = all <= FEW ? [0, all] : this._around(top, Math.min(all, top + fits), all);
      const isWhole = from === 0 && to === all;
      this._total = all * _height;
      this._place(from, to);
      _space.style.height = isWhole ? "" : `${Math.min(this._total, MOST_PX)}px`;
      _rows.style.position = isWhole ? "" : "absolute";
      _rows.style.bottom = _follows ? "0" : "";
      _rows.style.top = _follows ? "auto" : "";
      if (_follows) this._scrollTo(MOST_PX * 2);
      else {
        const offset = (_shown.get(_source._lineAt(top))?.offsetTop ?? 0) + this._above;
        if (!isScrolling) this._bar = isWhole ? offset : toBar(top * _height + this._above, this._total);
        if (!isWhole) _rows.style.top = `${this._bar - offset}px`;
        if (!isScrolling) this._scrollTo(this._bar);
      }
      _source._drawn(_source._lineAt(from), to && _source._lineAt(to - 1), _shown);
    }
    _measure() {
      const probe = make("div", { class: "log-line" }, "0");
      this._rows.append(probe);
      const { height } = probe.getBoundingClientRect();
      probe.remove();
      return height || 20;
    }
    /** The rows to have in the document for those in view: some more, and those of a selection that is near. */
    _around(top, bottom, all) {
      const over = this._follows ? OVER_FOLLOWING : OVER;
      let from = Math.max(0, top - over);
      let to = Math.min(all, bottom + over);
      const selection = getSelection();
      if (selection && !selection.isCollapsed) {
        for (const [line, row] of this._shown)
          if (row.contains(selection.anchorNode) || row.contains(selection.focusNode)) {
            const at = this._source._rowOf(line);
            if (from - at < KEPT) from = Math.min(from, at);
            if (at - to < KEPT) to = Math.max(to, at + 1);
          }
      }
      return [from, to];
    }
    _place(from, to) {
      const { _rows, _shown, _source, _follows } = this;
      const lines = Array.from({ length: to - from }, (_, i) => _source._lineAt(from + i));
      const wanted = new Set(lines);
      const free = [];
      for (const [line, row] of _shown)
        if (!wanted.has(line)) {
          _shown.delete(line);
          if (_follows) free.push(row);
          else row.remove();
        }
      let next = _rows.firstElementChild;
      for (const line of lines) {
        const row = _source._build(line, _shown.get(line) ?? free.shift());
        _shown.set(line, row);
        if (row === next) next = next.nextElementSibling;
        else _rows.insertBefore(row, next);
      }
      for (const row of free) row.remove();
    }
    _scrollTo(px) {
      this._element.scrollTop = px;
      this._bar = this._element.scrollTop;
    }
    /** Finds the line at the upper edge; false when it is not in the document. */
    _findAnchor() {
      const edge = this._element.scrollTop - this._rows.offsetTop;
      for (const [line, row] of [...this._shown].sort(([a], [b]) => a - b))
        if (row.offsetTop + row.offsetHeight > edge) {
          this._above = Math.max(0, edge - row.offsetTop);
          this._top = line;
          return edge >= row.offsetTop;
        }
      return false;
    }
    _scrolled() {
      const { _element, _source, _rows, _shown } = this;
      const { scrollTop, clientHeight } = _element;
      const step = scrollTop - this._bar;
      this._bar = scrollTop;
      if (!step || this._follows && step > 0) return;
      const last = _shown.get(_source._lineAt(_source._rows() - 1));
      const end = last ? _rows.offsetTop + last.offsetTop + last.offsetHeight : _element.scrollHeight;
      this._follows = step > 0 && scrollTop + clientHeight >= end - 2;
      const isNear = Math.abs(step) < 2 * clientHeight && this._findAnchor();
      if (!isNear) {
        const px = fromBar(scrollTop, this._total);
        this._top = _source._lineAt(Math.floor(px / this._height));
        this._above = px % this._height;
      }
      _source._moved();
      this._draw(true);
      clearTimeout(this._rest);
      this._rest = setTimeout(() => _element.scrollTop - this._bar || this._draw(), REST_MS);
    }
  }

  const TELL_MS = 5e3;
  function show({ _element: element, _signal: signal, _showNew: showNew, _say: say }) {
    const ask = askFor(element.getAttribute("data-vpo-log"));
    let marked = [0, 0];
    let target = 0;
    const content = createContent(
      (from, to) => [target, view._follows ? 0 : view._top].some((line) => from < line && line <= to)
    );
    const goTo = (line) => {
      target = Math.min(line, content._total);
      content._reveal(target);
      view._goTo(target);
    };
    const run = (name) => {
      if (name === "follow") view._follow(!view._follows);
      else if (name === "end") view._follow(true);
      else if (name === "start") goTo(1);
      else if (name === "search" || name === "close") {
        view._follow(false);
        search._open(name === "search");
        if (name === "close") element.focus({ preventScroll: true });
      } else search._go(name === "previous");
    };
    const tools = createTools(element, run, () => view._resized(), signal);
    const unseen = countUnseen(showNew, (count) => tools._tell(say("newLines", count)));
    const search = createSearch(ask, tools, say, (match) => {
      if (match) goTo(match.line);
      else view._draw();
    });
    const loader = createLoader(
      ask,
      (answer, line) => content._store(answer, line),
      () => view._later()
    );
    const view = new View(
      element,
      {
        _rows: content._rows,
        _rowOf: content._rowOf,
        _lineAt: content._lineAt,
        _build(line, old) {
          const row = rowOf(content._row(line), old);
          row.classList.toggle("log-marked", line >= marked[0] && line <= marked[1]);
          row.classList.toggle("log-match", line === search._current?.line);
          return row;
        },
        _drawn(from, to, rows) {
          content._keep(from, to);
          const missing = content._missing(from, to, !!element.closest("[data-log-since]"));
          loader._want(missing, (line) => line < 2 || from <= line && line <= to);
          const { _query, _current } = search;
          highlight(rows, _query, (line, column) => line === _current?.line && column === _current.column);
        },
        _moved() {
          tools._press("follow", view._follows);
          if (view._follows) unseen._clear();
        }
      },
      signal
    );
    const readHash = () => {
      const range = parseHash(location.hash);
      marked = range ?? [0, 0];
      if (range) goTo(range[0]);
      else view._later();
    };
    watch(element, signal, {
      _link(line, isRange) {
        marked = isRange && marked[0] ? [Math.min(line, marked[0]), Math.max(line, marked[0])] : [line, line];
        history.replaceState(history.state, "", linkTo(location.href, marked, content._attempt));
        view._draw();
      },
      _fold(first) {
        content._toggle(first);
        view._follow(false);
        view._draw();
        element.querySelector(`[data-fold="${first}"]`)?.focus({ preventScroll: true });
      },
      _select: () => view._follow(false)
    });
    listen(window, "hashchange", signal, readHash);
    for (const { _stop } of [loader, search]) signal.addEventListener("abort", _stop);
    return {
      _follow: () => view._follow(true),
      _take(answer) {
        const before = content._total;
        const from = content._take(answer);
        if (content._total < before) view._follow(true);
        if (!before && content._total) readHash();
        else if (!view._follows) unseen._add(Math.max(0, content._total - before));
        view._later();
        return from;
      }
    };
  }
  function countUnseen(show2, tell) {
    let count = 0;
    let told = -Infinity;
    return {
      _clear() {
        count = 0;
        show2(0);
      },
      _add(lines) {
        count += lines;
        show2(count);
        if (!count || performance.now() - told < TELL_MS) return;
        told = performance.now();
        tell(count);
      }
    };
  }
  function watch(element, signal, acts) {
    listen(element, "click", signal, (event) => {
      const found = (name) => Number(event.target.closest(`[data-${name}]`)?.getAttribute(`data-${name}`) ?? 0);
      const [line, fold] = [found("line"), found("fold")];
      if (line && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        acts._link(line, event.shiftKey);
      } else if (fold) acts._fold(fold);
    });
    listen(document, "selectionchange", signal, () => {
      const selection = getSelection();
      if (selection && !selection.isCollapsed && element.contains(selection.anchorNode)) acts._select();
    });
  }
  const makePane = (element, signal, plain, tell, say) => {
    let other;
    let own;
    let isLive = false;
    return [
      (text, more, answer) => {
        if (!answer) {
          if (!other && text) {
            other = plain(element, signal);
            other[1](isLive);
          }
          return other?.[0](text, more);
        }
        if (!own && !text) return void 0;
        own ??= show({
          _element: element,
          _signal: signal,
          _showNew: (count) => tell(element, count, "newLines"),
          _say: say
        });
        return own._take(answer);
      },
      (follows) => {
        isLive = follows;
        if (other) other[1](follows);
        else if (!own) element.replaceChildren();
      },
      () => {
        if (own) own._follow();
        else other?.[2]();
      },
      -PART
    ];
  };

  Object.assign(window, { VPOLog: makePane });
  const { VPOPolling } = window;
  for (const log of document.querySelectorAll("[data-vpo-log]")) VPOPolling?.stop(log);
  VPOPolling?.start();

})();
//# sourceMappingURL=vpo-polling-log.js.map
