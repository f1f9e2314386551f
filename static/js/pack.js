/* Forms of a programme: fields that depend on others, drafts saved on the server in passing.
   Hooks: [data-shown-by] with data-shown-any, form[data-autosave=URL]. Without script all is shown. */
"use strict";
(() => {
  const { say } = window.xiaohao;
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  function valuesOf(form, name) {
    return $$(`[name="${CSS.escape(name)}"]`, form).map((field) => {
      if (field.type === "checkbox" && field.value === "on") return field.checked ? "true" : "false";
      if (field.type === "checkbox" || field.type === "radio") return field.checked ? field.value : "";
      return field.value;
    });
  }
  function refresh(form) {
    $$("[data-shown-by]", form).forEach((box) => {
      const wanted = box.dataset.shownAny.split(" ");
      box.hidden = !valuesOf(form, box.dataset.shownBy).some((value) => wanted.includes(value));
    });
  }

  /* what reached the server needs no copy in this browser; what did not, forms.js keeps here */
  const WAIT = 1500;
  function state(form, words) {
    $$(`[data-draft-state="${form.id}"]`).forEach((place) => { place.textContent = words; });
  }
  const clock = (at) => `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  async function save(form) {
    if (form.dataset.sent) return;
    form.unsaved = false;
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      if (answer.ok) {
        localStorage.removeItem(`draft:${document.body.dataset.person || "-"}:${form.dataset.draft}`);
        state(form, `${say("Draft")} ${clock(new Date())}`);
      } else if ((answer.headers.get("Content-Type") || "").includes("json")) {
        state(form, (await answer.json()).words);
      } else form.unsaved = true;
    } catch { form.unsaved = true; }
  }
  function watch(form) {
    let timer = 0;
    const later = () => { clearTimeout(timer); timer = setTimeout(() => save(form), WAIT); };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("submit", () => clearTimeout(timer));
    window.addEventListener("online", () => { if (form.unsaved) save(form); });
  }
  $$("form").filter((form) => form.querySelector("[data-shown-by]")).forEach((form) => {
    form.addEventListener("change", () => refresh(form));
    refresh(form);
  });
  $$("form[data-autosave]").forEach(watch);
})();
