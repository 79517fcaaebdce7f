(function () {
  'use strict';

  function message(form, text) {
    const home = form.querySelector("[data-vpo-message]") ?? form.closest("[data-vpo-row],[data-vpo-src],body")?.querySelector("[data-vpo-message]");
    if (!home || home.textContent === text) return;
    home.textContent = text;
    home.toggleAttribute("hidden", !text);
  }
  function reasonOf(text, otherwise) {
    try {
      const { error } = Object(JSON.parse(text));
      if (typeof error === "string") return error;
    } catch {
    }
    return otherwise;
  }
  function fieldsOf(data) {
    const fields = {};
    for (const name of new Set(data.keys())) {
      const values = data.getAll(name);
      fields[name] = values.length > 1 ? values : values[0];
    }
    return fields;
  }
  async function act(form, button, { send, refresh, say }) {
    const at = (name) => button?.getAttribute(`form${name}`) ?? form.getAttribute(name);
    const url = new URL(at("action") ?? "", document.baseURI).href;
    const data = new FormData(form, button);
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    message(form, "");
    const { ok, text, verdict } = await send(url, JSON.stringify(fieldsOf(data)));
    form.removeAttribute("aria-busy");
    form.dispatchEvent(new CustomEvent("vpo:sent", { bubbles: true, detail: { ok } }));
    if (!ok) message(form, reasonOf(text, say(verdict)));
    refresh(form, "data-vpo-action", button ?? form);
  }

  let agreed = null;
  function isConfirmed(form, button, { say }) {
    const question = button?.getAttribute("data-vpo-confirm");
    const isAgreed = agreed === button;
    agreed = null;
    if (!button || !question || isAgreed) return true;
    if (!document.querySelector("dialog[data-vpo-question][open]")) ask(form, button, question, say("cancel"));
    return false;
  }
  function ask(form, button, question, no) {
    const row = button.closest("[data-vpo-row]");
    const key = row?.getAttribute("data-vpo-row");
    const isSame = () => button.isConnected && row?.getAttribute("data-vpo-row") === key;
    const dialog = document.createElement("dialog");
    dialog.setAttribute("data-vpo-question", "");
    dialog.setAttribute("aria-label", question);
    const name = row?.querySelector("th")?.textContent?.trim();
    dialog.append(name ? `${question}
${name}` : question);
    for (const answer of ["", button.textContent || button.value]) {
      const choice = document.createElement("button");
      choice.textContent = answer || no;
      choice.onclick = () => dialog.close(answer);
      dialog.append(" ", choice);
    }
    const observer = new MutationObserver(() => isSame() || dialog.close());
    observer.observe(document, { childList: true, subtree: true, attributeFilter: ["data-vpo-row"] });
    dialog.onclose = () => {
      observer.disconnect();
      dialog.remove();
      if (!dialog.returnValue || !isSame()) return;
      agreed = button;
      form.requestSubmit(button);
    };
    document.body.append(dialog);
    dialog.showModal();
  }

  async function copy({ target }) {
    const button = target instanceof Element ? target.closest("[data-vpo-copy]") : null;
    const source = button?.previousElementSibling;
    if (!button || !source) return;
    getSelection()?.selectAllChildren(source);
    try {
      await navigator.clipboard.writeText(source.textContent ?? "");
      button.setAttribute("data-copied", "");
    } catch {
      button.removeAttribute("data-copied");
    }
  }

  const QUERY = "data-vpo-query";
  function follow(form, { aim }) {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form))
      if (value && typeof value === "string") query.append(name, value);
    const search = `${query}` && `?${query}`;
    if (search === location.search) return;
    history.pushState(null, "", location.pathname + search);
    aim(form, QUERY);
  }
  function restore({ aim }) {
    const query = new URLSearchParams(location.search);
    for (const form of document.querySelectorAll(`form[${QUERY}]`)) {
      for (const field of form.elements)
        if (field instanceof HTMLInputElement && /radio|checkbox/.test(field.type)) {
          const given = query.getAll(field.name);
          field.checked = given.length ? given.includes(field.value) : !field.value;
        } else if ("name" in field && "value" in field && !(field instanceof HTMLButtonElement))
          field.value = query.get(`${field.name}`) ?? "";
      aim(form, QUERY);
    }
  }

  function selectAll({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    const name = target.getAttribute("data-vpo-all");
    const home = target.closest("[data-vpo-src]") ?? document;
    if (name) for (const box of boxes(home, name)) box.checked = target.checked;
    for (const all of home.querySelectorAll(`[data-vpo-all="${target.name}"]`))
      all.checked = boxes(home, target.name).every((box) => box.checked);
  }
  const boxes = (home, name) => [...home.querySelectorAll("input[type=checkbox]")].filter((box) => box.name === name);

  const TYPING_MS = 300;
  const forms = (tools, signal) => {
    let typing;
    const listen = (kind, handle) => document.addEventListener(kind, handle, { signal });
    const type = (event) => {
      const { target } = event;
      const form = target instanceof Element && target.closest("form[data-vpo-query]");
      if (!form) return;
      clearTimeout(typing);
      typing = setTimeout(() => follow(form, tools), event.type === "input" ? TYPING_MS : 0);
    };
    listen("input", type);
    listen("change", type);
    listen("change", selectAll);
    listen("click", copy);
    listen("submit", (event) => {
      const form = event.target;
      const { submitter } = event;
      if (event.defaultPrevented) return;
      if (!isConfirmed(form, submitter, tools)) return event.preventDefault();
      if (form.hasAttribute("data-vpo-action")) {
        event.preventDefault();
        void act(form, submitter, tools);
      } else if (form.hasAttribute("data-vpo-query")) {
        event.preventDefault();
        type(event);
      }
    });
    addEventListener("popstate", () => restore(tools), { signal });
    signal.addEventListener("abort", () => clearTimeout(typing));
  };

  const here = window;
  if (here.VPOPolling) here.VPOPolling.use(forms);
  else here.VPOForms = forms;

})();
//# sourceMappingURL=vpo-polling-forms.js.map
