(function () {
  'use strict';

  const NEAR = 120;
  const page = () => document.documentElement;
  const isAtEnd = () => page().scrollHeight - page().scrollTop - page().clientHeight < NEAR;
  const goToEnd = (times = 2) => void requestAnimationFrame(() => {
    page().scrollTop = page().scrollHeight;
    if (times > 1) goToEnd(times - 1);
  });
  const isConversation = (target) => target instanceof HTMLElement && target.matches("[data-polling-policy=turn]");
  function converse(signal) {
    const listen = (name, run) => document.addEventListener(name, run, { signal, capture: true });
    listen("vpo:state", ({ target, detail }) => {
      if (isConversation(target)) target.toggleAttribute("data-vpo-live", detail.isPolling);
    });
    listen("vpo:data", ({ target }) => {
      if (!isConversation(target)) return;
      if (isAtEnd()) goToEnd();
      for (const sending of target.querySelectorAll("[data-vpo-pending][data-sent]"))
        sending.hidden = true;
    });
    listen("keydown", (event) => {
      const { key, ctrlKey, metaKey, isComposing, target } = event;
      const isSending = key === "Enter" && (ctrlKey || metaKey) && !isComposing;
      const form = isSending && target.closest("form[data-vpo-composer]");
      if (!form) return;
      event.preventDefault();
      form.requestSubmit();
    });
    listen("submit", ({ target }) => {
      const form = target;
      const name = form.getAttribute("data-vpo-composer");
      if (name === null || form.hasAttribute("aria-busy")) return;
      const field = form.querySelector("textarea");
      const sending = document.getElementById(name).querySelector("[data-vpo-pending]");
      const text = field.value;
      sending.firstElementChild.textContent = text;
      sending.removeAttribute("data-sent");
      sending.hidden = false;
      const clear = (event) => {
        if (event.defaultPrevented) field.value = "";
      };
      addEventListener("submit", clear, { once: true, signal });
      goToEnd();
      form.addEventListener(
        "vpo:sent",
        ({ detail }) => {
          sending.toggleAttribute("data-sent", detail.ok);
          if (detail.ok) return;
          sending.hidden = true;
          field.value ||= text;
        },
        { once: true, signal }
      );
    });
    const [entry] = performance.getEntriesByType("navigation");
    const hasPlace = location.hash || page().scrollTop || entry?.type !== "navigate";
    if (!hasPlace && document.querySelector("[data-vpo-composer]")) goToEnd();
  }

  function showMessage(element, text) {
    const home = element.querySelector("[data-vpo-message]");
    if (!home) return;
    home.textContent = text;
    home.removeAttribute("hidden");
  }
  function createRecord({ region: regionOf, say }, element, { _data, _state, _changed, _error }) {
    let answered = null;
    let data = null;
    let isPolling = false;
    let error = null;
    let wasWhy = null;
    const patches = /* @__PURE__ */ new Set();
    const scope = new AbortController();
    const listen = (name, run) => element.addEventListener(
      name,
      (event) => {
        if (event.target === element) run(event.detail);
      },
      scope
    );
    const put = () => {
      data = answered && Object.assign({}, answered, ...[...patches].map(({ _patch }) => _patch));
    };
    const tell = () => {
      if (data) _data?.(data);
      _changed?.();
    };
    const fail = (reason) => {
      error = reason instanceof Error ? reason : new Error(`${reason}`);
      _error?.(error);
      showMessage(element, error.message);
    };
    listen("vpo:data", (detail) => {
      answered = detail.data;
      for (const patch of patches) if (patch._isDone) patches.delete(patch);
      put();
      detail.data = data;
      tell();
    });
    listen("vpo:state", (state) => {
      const { type, why, message } = state;
      isPolling = state.isPolling;
      if (type === "data") error = null;
      if (type === "trouble" || why === "gaveUp" && why !== wasWhy)
        fail(new Error(say(why === "gaveUp" ? why : message)));
      wasWhy = why;
      _state?.(state);
      _changed?.();
    });
    const region = regionOf(element);
    answered = region.data ?? null;
    put();
    const show = (patch) => {
      put();
      region.show(data ?? patch, !data);
      tell();
    };
    return {
      get data() {
        return data;
      },
      get isPolling() {
        return isPolling;
      },
      get error() {
        return error;
      },
      refresh: () => region.refresh(false),
      stop() {
        scope.abort();
        isPolling = false;
        region.stop();
      },
      optimistic(patch, write) {
        const one = { _patch: patch, _isDone: !write };
        patches.add(one);
        show(patch);
        const undo = () => {
          if (!patches.delete(one) || scope.signal.aborted) return;
          if (answered) show(patch);
          else region.refresh(true);
        };
        write?.then((result) => {
          if (result?.ok === false) throw new Error(say("rejected"));
          one._isDone = true;
          if (!scope.signal.aborted) region.refresh(true);
        }).then(void 0, (reason) => {
          undo();
          fail(reason);
          _changed?.();
        });
        return undo;
      }
    };
  }
  function hidden(url, policy, {
    interval,
    enabled = true
  }) {
    const element = document.createElement("div");
    const set = (name, value) => element.setAttribute(`data-${name}`, `${value}`);
    set("vpo-src", url);
    set("polling-policy", policy);
    set("polling-enabled", enabled);
    if (interval) set("polling-interval", interval);
    return element;
  }

  const versionsOf = (files) => new Map(files.map(({ path, version }) => [path, version]));
  const changeOf = (before, { path, version }) => before.has(path) ? `${before.get(path)}` === `${version}` ? null : "modified" : "created";
  const deletedFrom = (before, files) => {
    const now = versionsOf(files);
    return [...before.keys()].filter((path) => !now.has(path));
  };
  function documents(tools, options) {
    const { url, paths, onDocumentChange, onError, onChange } = options;
    const element = hidden(url, "documents", options);
    const list = document.createElement("p");
    list.setAttribute("data-vpo-each", "files");
    list.setAttribute("data-vpo-key", "path");
    element.append(list);
    let before;
    return createRecord(tools, element, {
      _data({ files }) {
        const wanted = paths ? files.filter(({ path }) => paths.includes(path)) : files;
        const changes = [];
        const add = (filePath, at, changeType) => changes.push({ filePath, lastModified: new Date(at), changeType });
        if (before) {
          for (const file of wanted) {
            const change = changeOf(before, file);
            if (change) add(file.path, file.last_modified ?? Date.now(), change);
          }
          for (const path of deletedFrom(before, wanted)) add(path, Date.now(), "deleted");
        }
        before = versionsOf(wanted);
        if (changes.length) onDocumentChange?.(changes);
      },
      _error: onError,
      _changed: onChange
    });
  }

  const bases = /* @__PURE__ */ new WeakMap();
  function paintedVersions(region) {
    const files = [...region.querySelectorAll("[data-path]")];
    return files.length ? new Map(files.map((file) => [file.getAttribute("data-path"), file.getAttribute("data-version")])) : void 0;
  }
  function nest(files, base) {
    const root = { path: "", name: "", kind: "folder", changed: 0, children: [] };
    const folders = /* @__PURE__ */ new Map([["", root]]);
    const cut = (path) => {
      const at = path.lastIndexOf("/") + 1;
      return [path.slice(0, at), path.slice(at)];
    };
    const folderOf = (path) => {
      let folder = folders.get(path);
      if (!folder) {
        const [above, name] = cut(path.slice(0, -1));
        folder = { path, name, kind: "folder", changed: 0, children: [] };
        folders.set(path, folder);
        folderOf(above).children.push(folder);
      }
      return folder;
    };
    const put = (file, change) => {
      const [above, name] = cut(file.path);
      const { children } = folderOf(above);
      const next = change === "deleted" ? children.findIndex((child) => child.name > name) : -1;
      children.splice(next < 0 ? children.length : next, 0, { ...file, name, kind: "file", change });
      if (change)
        for (let [folder] = cut(file.path); folder; [folder] = cut(folder.slice(0, -1)))
          folderOf(folder).changed++;
    };
    for (const file of files) put(file, changeOf(base, file));
    for (const path of deletedFrom(base, files)) put({ path, version: base.get(path) }, "deleted");
    return root.children;
  }
  function growTree({ target, detail }) {
    const region = target;
    if (!region.hasAttribute("data-vpo-tree")) return;
    const { files } = detail.data;
    const base = bases.get(region) ?? paintedVersions(region) ?? versionsOf(files);
    bases.set(region, base);
    detail.data = { ...detail.data, children: nest(files, base) };
  }

  function turn(tools, options) {
    const { url, onUpdate, onComplete, onError, onChange } = options;
    const record = createRecord(tools, hidden(url, "turn", options), {
      _data: onUpdate,
      _state({ type }) {
        if (type !== "finished" || !record.data) return;
        const { status, error } = record.data;
        if (status === "failed") onError?.(new Error(error ?? status));
        onComplete?.(record.data);
      },
      _error: onError,
      _changed: onChange
    });
    return record;
  }

  const createTurns = (tools) => ({
    turn: (options) => turn(tools, options),
    documents: (options) => documents(tools, options),
    record: (region) => createRecord(tools, region, {})
  });
  function enliven(signal) {
    document.addEventListener("vpo:data", growTree, { signal });
    converse(signal);
  }

  const here = window;
  const install = (tools, signal) => {
    Object.assign(here.VPOPolling, createTurns(tools));
    enliven(signal);
  };
  if (here.VPOPolling) here.VPOPolling.use(install);
  else here.VPOTurns = install;

})();
//# sourceMappingURL=vpo-polling-turns.js.map
