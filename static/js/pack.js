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
      /* the browser asks for nothing that cannot be seen */
      $$("input, select, textarea", box).forEach((field) => {
        if (box.hidden && field.required) field.dataset.needed = "1";
        field.required = !box.hidden && (field.required || field.dataset.needed === "1");
      });
    });
  }

  /* a class that is not helped on needs no plan: its lines are neither made nor asked for */
  const namers = (box) => $$(`select[name$="-${box.dataset.fromHaves}"]`, box);
  const bare = (select) => $$("input, textarea, select", select.closest("[data-line]")).every((field) => field === select || !field.value);
  function needed(form, box) {
    if (!box.dataset.neededBy) return true;
    const wanted = box.dataset.neededAny.split(" ");
    return valuesOf(form, box.dataset.neededBy).some((value) => wanted.includes(value));
  }
  function replan(form) {
    const box = form.querySelector("[data-from-haves]");
    if (!box) return;
    const wanted = needed(form, box);
    $$("[data-optional]", box.closest("fieldset")).forEach((mark) => { mark.hidden = wanted; });
    if (wanted) $$("[name^='haves-'][name$='-state']:checked", form).forEach((radio) => plan(form, radio));
    else namers(box).filter((select) => select.value && bare(select)).forEach((select) => {
      if (namers(box).length > 1) select.closest("[data-line]").remove();
      else select.value = "";
    });
  }
  /* a have that is not there in due form gets its line in the plan; one that is loses an empty line */
  function plan(form, radio) {
    const have = radio.name.split("-")[1];
    const box = form.querySelector("[data-from-haves]");
    if (!box || !needed(form, box)) return;
    const selects = () => namers(box);
    const held = selects().find((select) => select.value === have);
    if (radio.value === "regular") {
      if (held && bare(held)) held.value = "";
      return;
    }
    if (held) return;
    if (!selects().some((select) => !select.value && bare(select))) {
      const here = document.activeElement;
      box.querySelector("[data-add-line]").click();
      here.focus({ preventScroll: true });
    }
    const free = selects().find((select) => !select.value && bare(select));
    if (free) free.value = have;
  }

  /* a suggested partner becomes a contact record: the first empty line, or a new one */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-fill]");
    const box = link && document.querySelector(`form [data-lines="${CSS.escape(link.dataset.fillLines)}"]`);
    if (!box) return;
    event.preventDefault();
    const inputs = (line) => $$("input, select, textarea", line);
    const values = JSON.parse(link.dataset.fill);
    const said = (one, key) => inputs(one).find((field) => field.name.endsWith(`-${key}`))?.value || "";
    const there = $$("[data-line]", box).find((one) => said(one, "partner") && ["partner", "expert"].every((key) => said(one, key) === (values[key] || "")));
    let line = there || $$("[data-line]", box).find((one) => inputs(one).every((field) => !field.value));
    if (!line) {
      box.querySelector("[data-add-line]").click();
      line = $$("[data-line]", box).pop();
    }
    if (!there) inputs(line).forEach((field) => {
      const value = values[field.name.split("-").pop()];
      if (value) field.value = value;
    });
    line.dispatchEvent(new Event("change", { bubbles: true }));
    const open = inputs(line).filter((field) => !field.value && field.offsetParent);
    const next = open.find((field) => !field.closest(".line__cell")?.querySelector(".optional")) || open[0] || inputs(line)[0];
    line.scrollIntoView({ block: "center" });
    next.focus({ preventScroll: true });
  });

  /* a figure that follows from other answers; the server reckons it again (workflows/forms_computed) */
  const figure = (text) => (String(text).trim() === "" || Number.isNaN(Number(String(text).replaceAll(",", ""))) ? null : Number(String(text).replaceAll(",", "")));
  const round = (value, places) => Number(Math.round(`${value}e${places}`) + `e-${places}`);
  const month = (text) => { const found = /^(\d{4})-(\d{1,2})$/.exec(text || ""); return found && Number(found[1]) * 12 + Number(found[2]); };
  function reckoned(form, output) {
    const line = output.closest("[data-line]");
    const first = line && line.querySelector("[name]").name.split("-").slice(0, 2).join("-");
    const values = (key) => {
      const [name, column] = key.split(".");
      if (!column) {
        const place = first ? `${first}-${name}` : name;
        const other = form.querySelector(`output#${CSS.escape(place)}`);
        return other ? [other.dataset.value || ""] : valuesOf(form, place);
      }
      return $$(`[data-lines="${CSS.escape(name)}"] [data-line] [name$="-${CSS.escape(column)}"]`, form).map((field) => field.value);
    };
    const keys = output.dataset.of.split(" ");
    const how = output.dataset.compute;
    if (how === "count") {
      return keys.reduce((sum, key) => sum + $$(`[data-lines="${CSS.escape(key)}"] [data-line]`, form).filter((one) => $$("input, select, textarea", one).some((field) => field.value)).length, 0);
    }
    if (how === "sum") {
      const found = keys.flatMap(values).map(figure).filter((one) => one !== null);
      return found.length ? round(found.reduce((a, b) => a + b, 0), 2) : null;
    }
    const [a, b] = keys.map((key) => (how === "months" ? month(values(key)[0]) : figure(values(key)[0] ?? "")));
    if (a === null || b === null || a === undefined || b === undefined) return null;
    if (how === "months") return b >= a ? b - a + 1 : null;
    if (how === "difference") return round(a - b, 2);
    return b ? round((a * 100) / b, 1) : null;
  }
  function reckon(form) {
    $$("output[data-compute]", form).filter((output) => !output.closest("template")).forEach((output) => {
      const value = reckoned(form, output);
      output.dataset.value = value ?? "";
      output.textContent = value === null ? "—" : `${value}${output.dataset.unit}`;
    });
  }

  /* a chosen file is kept at once: what is refused later has not to be chosen again */
  async function put(form, input) {
    await new Promise((done) => { setTimeout(done); });
    await form.busy;
    const box = input.closest("[data-file-field]");
    const list = box.querySelector("[data-form-files]");
    const said = box.querySelector("[data-files]");
    const kept = new DataTransfer();
    const words = [];
    for (const file of [...input.files]) {
      const body = new FormData();
      ["csrfmiddlewaretoken", "form"].forEach((name) => body.append(name, form.elements[name].value));
      body.append("field", input.dataset.upload);
      body.append("file", file);
      try {
        const answer = await fetch(form.dataset.filesUrl, { method: "POST", body, headers: { Accept: "application/json" } });
        const told = await answer.json();
        if (!answer.ok) { words.push(told.words); continue; }
        if (list.querySelector(`input[value="${told.pk}"]`)) continue;
        const item = list.querySelector("template").content.cloneNode(true);
        item.querySelector("input").value = told.pk;
        item.querySelector("span").textContent = told.name;
        item.querySelector("a").href = told.url;
        list.append(item);
      } catch { kept.items.add(file); words.push(`${file.name} ${say("Unsent")}`); }
    }
    input.files = kept.files;
    said.replaceChildren(...words.map((text) => {
      const item = document.createElement("li");
      item.className = "bad";
      item.textContent = text;
      return item;
    }));
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* what reached the server needs no copy in this browser; what did not, forms.js keeps here */
  const WAIT = 1500;
  function state(form, words) {
    $$(`[data-draft-state="${form.id}"]`).forEach((place) => { place.textContent = words; });
  }
  const clock = (at) => `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  async function save(form) {
    if (form.dataset.sent || form.dataset.elsewhere) return;
    form.unsaved = false;
    try {
      const body = new FormData(form);
      $$("input[type=file]", form).forEach((field) => body.delete(field.name));
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.ok) {
        localStorage.removeItem(`draft:${document.body.dataset.person || "-"}:${form.dataset.draft}`);
        const told = await answer.json();
        const held = form.querySelector("[data-held]");
        if (held && told.held) held.value = told.held;
        state(form, [`${say("Draft")} ${clock(new Date())}`, told.words].filter(Boolean).join(" · "));
      } else if ((answer.headers.get("Content-Type") || "").includes("json")) {
        state(form, (await answer.json()).words);
      } else form.unsaved = true;
    } catch { form.unsaved = true; }
  }
  function watch(form) {
    let timer = 0;
    const later = () => { clearTimeout(timer); timer = setTimeout(() => save(form), WAIT); };
    form.addEventListener("input", later);
    form.addEventListener("change", (event) => {
      if (event.target.dataset.upload) { put(form, event.target); return; }
      if (/^haves-.+-state$/.test(event.target.name || "")) plan(form, event.target);
      else if (event.target.name === form.querySelector("[data-from-haves]")?.dataset.neededBy) replan(form);
      later();
    });
    form.addEventListener("submit", () => clearTimeout(timer));
    window.addEventListener("online", () => { if (form.unsaved) save(form); });
  }
  $$("form").filter((form) => form.querySelector("[data-shown-by]")).forEach((form) => {
    ["change", "restored"].forEach((kind) => form.addEventListener(kind, () => refresh(form)));
    refresh(form);
  });
  $$("form").filter((form) => form.querySelector("output[data-compute]")).forEach((form) => {
    ["input", "change", "click", "restored"].forEach((kind) => form.addEventListener(kind, () => reckon(form)));
  });
  $$("form[data-autosave]").forEach(watch);
})();
