/* Forms: drafts kept in this browser, rows that grow.
   Hooks: form[data-draft=KEY] with data-prefilled=NAMES, data-draft-state, form[data-forget-drafts], [data-lines]. */
"use strict";
(() => {
  const { say } = window.xiaohao;
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  /* ── drafts ── KEY holds the case's version, so a draft dies with the page that it was for, or what a
     new case is about; what the address filled in (NAMES) no draft fills in otherwise;
     the person's number keeps it from whoever signs in next at the same computer */
  const PREFIX = "draft:";
  const KEEP_MS = 14 * 24 * 3600 * 1000;
  const keyOf = (form) => `${PREFIX}${document.body.dataset.person || "-"}:${form.dataset.draft}`;
  const stored = () => {
    try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)); } catch { return []; }
  };
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit", "button", "fieldset"].includes(field.type));
  function snapshot(form) {
    const held = {};
    fieldsOf(form).forEach((field) => {
      if (field.type === "checkbox" || field.type === "radio") {
        held[field.name] = held[field.name] || [];
        if (field.checked) held[field.name].push(field.value);
      } else (held[field.name] = held[field.name] || []).push(field.value);
    });
    return held;
  }
  function restore(form, held) {
    const seen = {};
    const fixed = (form.dataset.prefilled || "").split(" ");
    fieldsOf(form).forEach((field) => {
      const values = held[field.name];
      if (!values || fixed.includes(field.name)) return;
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else {
        const n = (seen[field.name] = (seen[field.name] ?? -1) + 1);
        if (values[n] !== undefined) field.value = values[n];
      }
    });
  }
  const clock = (at) => `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  function state(form, words) {
    const places = form.id ? $$(`[data-draft-state="${form.id}"], [data-draft-state=""]`) : $$("[data-draft-state]");
    places.forEach((place) => { place.textContent = words; });
  }
  function keep(form) {
    if (form.dataset.elsewhere) { state(form, say("Elsewhere")); return; }
    try {
      localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), fields: snapshot(form) }));
      state(form, `${say("Draft")} ${clock(new Date())}`);
    } catch { /* the browser keeps nothing: the form still works */ }
  }
  function watch(form) {
    let timer = 0;
    const answered = form.querySelector("[aria-invalid='true'], .field__error");
    try {
      const held = JSON.parse(localStorage.getItem(keyOf(form)) || "null");
      if (held && !answered) {
        const lines = Object.keys(held.fields);
        $$("[data-lines]", form).forEach((box) => grow(box, lines));
        restore(form, held.fields);
        state(form, `${say("Restored")} ${clock(new Date(held.at))}`);
      }
    } catch { /* an unreadable draft is no draft */ }
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 800); });
    form.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 200); });
    window.addEventListener("pagehide", () => { if (timer) keep(form); });
    /* the same form, changed in another tab: this one, which is older now, saves nothing by itself */
    window.addEventListener("storage", (event) => {
      if (event.key !== keyOf(form) || !event.newValue) return;
      form.dataset.elsewhere = "1";
      state(form, say("Elsewhere"));
    });
  }
  stored().forEach((key) => {
    try {
      if (Date.now() - JSON.parse(localStorage.getItem(key)).at > KEEP_MS) localStorage.removeItem(key);
    } catch { localStorage.removeItem(key); }
  });
  document.addEventListener("submit", (event) => {
    if ("forgetDrafts" in event.target.dataset) stored().forEach((key) => localStorage.removeItem(key));
  });

  /* ── lines of a field of kind rows ── */
  function addLine(box) {
    const template = box.querySelector("template");
    const count = box.querySelector("[data-lines-count]");
    const number = Number(count.value);
    const made = template.content.cloneNode(true);
    const attributes = ["name", "id", "for", "aria-describedby"];
    $$("*", made).forEach((node) => attributes.forEach((one) => {
      const value = node.getAttribute(one);
      if (value && value.includes("__n__")) node.setAttribute(one, value.replace("__n__", number));
    }));
    template.before(made);
    count.value = number + 1;
    return template.previousElementSibling;
  }
  function grow(box, names) {
    const own = names.filter((name) => name.startsWith(`${box.dataset.lines}-`)).map((name) => Number(name.slice(box.dataset.lines.length + 1).split("-")[0]));
    while (own.length && Number(box.querySelector("[data-lines-count]").value) <= Math.max(...own)) addLine(box);
  }
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-line]");
    const remove = event.target.closest("[data-remove-line]");
    if (add) {
      const line = addLine(add.closest("[data-lines]"));
      const first = line && line.querySelector("input, select, textarea");
      if (first) first.focus();
    }
    if (remove) {
      const box = remove.closest("[data-lines]");
      const line = remove.closest("[data-line]");
      const near = line.nextElementSibling?.matches("[data-line]") ? line.nextElementSibling : line.previousElementSibling;
      line.remove();
      const next = near && near.matches("[data-line]") ? near.querySelector("input, select, textarea") : box.querySelector("[data-add-line]");
      if (next) next.focus();
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  $$("form[data-draft]").forEach((form) => { form.dataset.watched = "1"; watch(form); });
  document.addEventListener("htmx:load", (event) => {
    const root = event.detail.elt;
    [...(root.matches("form[data-draft]") ? [root] : []), ...$$("form[data-draft]", root)].forEach((form) => {
      if (!form.dataset.watched) { form.dataset.watched = "1"; watch(form); }
    });
  });
})();
