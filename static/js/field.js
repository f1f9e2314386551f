/* In the field: what is written without a network stays on this phone until the server has it.
   Hooks: [data-sync] (the state in words), form[data-outbox], [data-photos], [data-place],
   [data-take] (pages to take along), [data-outbox-list], a[data-note] (a call with its note). */
"use strict";
(() => {
  const bar = document.querySelector("[data-sync]");
  const { say, toast } = window.xiaohao;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const WHO = "field:person";
  const USED = "field:used";
  const PAGES = "xiaohao-pages-";
  const DAY_MS = 24 * 3600 * 1000;
  const DRAFT_MS = 14 * DAY_MS;
  const MOST_FAULTS = 20;
  const memory = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* nothing is kept */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } },
  };
  const inField = Boolean($("[data-field]"));
  /* nobody who never works in the field pays for it; the page without a network knows nobody */
  const person = document.body.dataset.person || memory.get(WHO) || "";
  if (!bar || !person || !window.indexedDB || !(inField || $("a[data-note]") || memory.get(USED))) return;
  memory.set(WHO, person);
  if (inField) memory.set(USED, "1");
  const words = bar.dataset;
  const filled = (text, n) => text.replace("[n]", n);
  const hour = (at) => { const day = new Date(at); return `${day.getHours()}:${String(day.getMinutes()).padStart(2, "0")}`; };

  /* ── what is kept ── */
  const base = new Promise((done, failed) => {
    const asked = indexedDB.open("xiaohao-field", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("entries", { keyPath: "id" });
    asked.onsuccess = () => { asked.result.onversionchange = () => asked.result.close(); done(asked.result); };
    asked.onerror = () => failed(asked.error);
  });
  const store = (mode, act) => base.then((db) => new Promise((done, failed) => {
    const move = db.transaction("entries", mode, { durability: "strict" });
    const asked = act(move.objectStore("entries"));
    move.oncomplete = () => done(asked.result);
    move.onabort = () => failed(move.error);
  }));
  const put = (entry) => store("readwrite", (all) => all.put(entry));
  const drop = (id) => store("readwrite", (all) => all.delete(id));
  const read = (id) => store("readonly", (all) => all.get(id));
  const every = () => store("readonly", (all) => all.getAll());
  const mine = async () => (await every()).filter((one) => one.person === person).sort((a, b) => a.made - b.made);
  const outbox = async () => (await mine()).filter((one) => one.state !== "draft");
  /* what became of an entry, unless its author deleted it meanwhile */
  const mark = async (id, more) => {
    const held = await read(id);
    if (held) await put({ ...held, ...more });
  };
  /* another person's drafts go (page.js drops his pages); what he has not sent stays, unseen, until he is back */
  async function tidy() {
    const stale = (one) => one.state === "draft" && (one.person !== person || Date.now() - one.made > DRAFT_MS);
    await Promise.all((await every()).filter(stale).map((one) => drop(one.id)));
  }
  const number = () => crypto.randomUUID ? crypto.randomUUID() : ([1e7] + -1e3 + -4e3 + -8e3 + -1e11).replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

  /* ── the state in words ── */
  let away = !navigator.onLine;
  let busy = false;
  let asksWho = false;
  let sent = 0;
  let openedAt = 0;
  const written = new Set();
  async function show() {
    const kept = await mine();
    const all = kept.filter((one) => one.state !== "draft");
    const ask = all.filter((one) => one.state !== "waiting").length;
    const wait = all.length - ask;
    const parts = [];
    if (away) parts.push(words.away + (openedAt ? filled(words.of, hour(openedAt)) : ""));
    if (busy) parts.push(words.busy);
    else if (wait) parts.push(filled(words.waiting, wait));
    const tried = all.filter((one) => one.state === "waiting" && one.tries).length;
    if (tried && !busy) parts.push(filled(words.tried, tried));
    if (wait && asksWho && !away) parts.push(words.signIn);
    if (ask) parts.push(filled(words.ask, ask));
    if (!all.length && sent) parts.push(words.synced);
    bar.hidden = !parts.length;
    bar.dataset.state = away ? "away" : ask ? "ask" : wait ? "waiting" : "synced";
    $("[data-sync-words]", bar).textContent = parts.join(" · ");
    const link = $("a", bar);
    link.hidden = !all.length || Boolean($("[data-outbox-list]"));
    /* a draft whose form is not open is in the list too: nobody would look for it */
    list(kept.filter((one) => one.state !== "draft" || !written.has(one.id)));
  }
  function list(all) {
    $$("[data-outbox-list]").forEach((box) => {
      const made = all.map((one) => line(one, $("template", box)));
      $("[data-entries]", box).replaceChildren(...made);
      box.hidden = !all.length;
    });
  }
  function line(entry, template) {
    const made = template.content.cloneNode(true);
    const item = made.firstElementChild;
    item.dataset.entry = entry.id;
    $("[data-what]", item).textContent = entry.title;
    $("[data-when]", item).textContent = [entry.kind, hour(entry.made), entry.photos.length ? filled(words.photos, entry.photos.length) : ""].filter(Boolean).join(" · ");
    $("[data-text]", item).textContent = entry.text;
    $("[data-how]", item).textContent = how(entry);
    item.dataset.state = entry.state;
    const changes = (entry.changes || []).map((text) => Object.assign(document.createElement("li"), { textContent: text }));
    $("[data-changes]", item).replaceChildren(...changes);
    $$("[data-act]", item).forEach((button) => { button.hidden = !button.dataset.on.split(" ").includes(entry.state); });
    return item;
  }

  const colon = document.documentElement.lang.startsWith("zh") ? "：" : ": ";
  const leftWords = (entry) => (entry.left || []).map((said) => [said.label, said.words].filter(Boolean).join(colon)).join("\n");
  async function copy(text) {
    try { await navigator.clipboard.writeText(text); toast(say("Copied")); } catch { toast(say("NotCopied"), true); }
  }
  function how(entry) {
    if (entry.state === "draft") return words.draft;
    if (entry.state !== "waiting") return entry.words;
    if (!entry.tries) return words.one;
    return filled(entry.slow ? words.slow : words.failing, entry.tries).replace("[at]", hour(entry.tried));
  }

  /* ── sending ── */
  async function ask(url, options, patience) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    try {
      return await fetch(url, { ...options, redirect: "manual", cache: "no-store", signal: stop.signal });
    } finally { clearTimeout(timer); }
  }
  /* who is there: a token to send with, or why nothing can be sent */
  async function hello() {
    try {
      const answer = await ask(words.hello, { headers: { Accept: "application/json" } }, 8000);
      away = answer.status >= 500;
      const told = answer.ok ? await answer.json() : {};
      asksWho = !away && String(told.person) !== person;
      return away || asksWho ? "" : told.token;
    } catch {
      away = true;
      return "";
    }
  }
  const patience = (entry) => 90000 + entry.photos.reduce((sum, one) => sum + one.data.byteLength, 0) / 20;
  async function send(entry, token, opens) {
    const body = new FormData();
    entry.fields.forEach(([name, value]) => body.append(name, value));
    body.set("sent_as", entry.id);
    if (opens) body.set("opens", "1");
    entry.photos.forEach((one) => body.append("photos", new File([one.data], one.name, { type: one.type })));
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    const answer = await ask(entry.url, { method: "POST", body, headers }, patience(entry));
    const isTold = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    if (isTold) return answer.json();
    if (answer.type === "opaqueredirect") return { state: "waiting", asksWho: true };
    if (answer.status >= 500 || answer.status === 429) return { state: "waiting", isFault: answer.status === 500 };
    return { state: "refused", words: words.failed };
  }
  async function deliver(only) {
    let last = null;
    /* what failed before comes last: it holds nothing else up */
    const waiting = (await outbox()).filter((one) => one.state === "waiting").sort((a, b) => (a.tries || 0) - (b.tries || 0));
    if (!waiting.length) return last;
    busy = true;
    await show();
    let token = await hello();
    for (const entry of waiting) {
      if (!token) break;
      let told;
      try { told = await send(entry, token, entry.id === only); } catch (fault) {
        /* too slow for this one, or nobody there at all */
        if (fault.name === "AbortError") token = await hello();
        else { away = true; break; }
        told = { state: "waiting", slow: true };
      }
      if (told.asksWho) { asksWho = true; break; }
      /* a fault that stays is no reason to send the same for ever: it waits for its author's word */
      if (told.isFault && (entry.tries || 0) + 1 >= MOST_FAULTS) told = { state: "refused", words: words.failed };
      if (told.state === "waiting") {
        await mark(entry.id, { tries: (entry.tries || 0) + 1, tried: Date.now(), slow: told.slow });
      } else if (told.state === "recorded") {
        sent += 1;
        /* what had no place in the form is not on record: it stays until its author deletes it */
        if (leftWords(entry)) await mark(entry.id, { state: "left", words: words.left, text: leftWords(entry), photos: [], tries: 0 });
        else await drop(entry.id);
        if (entry.id !== only) toast(told.words);
      } else {
        await mark(entry.id, { state: told.state, words: told.words, changes: told.changes || [], basis: told.basis || entry.basis, tries: 0 });
      }
      if (entry.id === only) last = told;
    }
    busy = false;
    return last;
  }
  /* two windows do not send the same thing at once; if they did, the server would know it */
  async function sync(only) {
    try {
      const held = navigator.locks ? await navigator.locks.request("xiaohao-field", () => deliver(only)) : await deliver(only);
      await show();
      return held;
    } catch {
      busy = false;
      await show();
      return null;
    }
  }

  /* ── a form that may be away ── */
  const skipped = new Set(["csrfmiddlewaretoken", "photos", "sent_as"]);
  const pathOf = (address) => new URL(address, location.href).pathname;
  function attach(form) {
    const url = pathOf(form.action);
    let entry = { id: number(), person, url, state: "draft", photos: [], made: Date.now(), basis: form.elements.basis ? form.elements.basis.value : "", fields: [] };
    let timer = 0;
    let touched = false;
    const fields = () => [...new FormData(form)].filter(([name, value]) => !skipped.has(name) && typeof value === "string" && name !== "basis");
    /* what is said, in words: once a plan asks otherwise its author must still find it */
    const chosen = (one) => one.type === "checkbox" || one.type === "radio";
    const asking = () => [...form.elements].filter((one) => one.name && !skipped.has(one.name) && !["hidden", "file", "submit"].includes(one.type));
    const asFound = (one) => (chosen(one) ? one.defaultChecked : one.options ? [...one.selectedOptions].every((option) => option.defaultSelected) : one.value === one.defaultValue);
    const spoken = () => asking().filter((one) => one.value.trim() && (!chosen(one) || one.checked) && !asFound(one)).map((one) => {
      const label = one.closest(".field") && $(".field__label", one.closest(".field"));
      const words = chosen(one) ? one.labels[0].textContent : one.selectedOptions ? one.selectedOptions[0].textContent : one.value;
      return { name: one.name, value: one.value, label: label ? label.firstChild.textContent.trim() : "", words: words.trim() };
    });
    const fits = (said) => asking().some((one) => one.name === said.name && (one.options ? [...one.options].some((option) => option.value === said.value) : !chosen(one) || one.value === said.value));
    function showLeft() {
      const box = $("[data-left]", form);
      if (!box) return;
      $("[data-left-text]", box).textContent = leftWords(entry);
      box.hidden = !leftWords(entry);
    }
    function snapshot(state) {
      const texts = $$("input[type=text], input[type=radio]:checked, select, textarea", form).map((one) => (one.type === "radio" ? one.labels[0].textContent : one.value && one.selectedOptions ? one.selectedOptions[0].textContent : one.value).trim());
      const text = texts.filter(Boolean).join("\n");
      entry = { ...entry, state, text, said: spoken(), kind: form.dataset.kind, title: form.dataset.title, fields: [...fields(), ["basis", entry.basis]] };
      return put(entry);
    }
    async function keep() {
      clearTimeout(timer);
      timer = 0;
      /* pressed already: it is a draft no more */
      if (entry.state === "waiting") return;
      touched = true;
      await snapshot("draft");
      const told = $("[data-draft-state]", form);
      if (told) told.textContent = `${say("Draft")} ${hour(Date.now())}`;
    }
    function fill(held) {
      const before = new Set(held.fields.map(([name]) => name));
      const left = held.left || [];
      /* asked for again: it has its place again */
      const told = [...held.fields, ...left.filter((said) => !before.has(said.name)).map((said) => [said.name, said.value])];
      const names = new Set(told.map(([name]) => name));
      entry.left = [...left, ...(held.said || [])].filter((said) => !fits(said));
      [...form.elements].filter((one) => one.name && !skipped.has(one.name) && !["basis", "asked_by"].includes(one.name)).forEach((one) => {
        const values = told.filter(([name]) => name === one.name).map(([, value]) => value);
        if (one.type === "checkbox" || one.type === "radio") one.checked = values.includes(one.value);
        else if (names.has(one.name) && (!one.options || fits({ name: one.name, value: values[0] }))) [one.value] = values;
      });
      showLeft();
      /* pack.js shows and reckons what depends on it */
      form.dispatchEvent(new Event("restored"));
    }
    /* photos: shrunk by forms.js, kept here one after the other */
    const box = $("[data-photos]", form);
    function thumbs() {
      if (!box) return;
      const pictures = entry.photos.map((photo, place) => {
        const item = document.createElement("li");
        const picture = document.createElement("img");
        picture.src = URL.createObjectURL(new Blob([photo.data], { type: photo.type }));
        picture.onload = () => URL.revokeObjectURL(picture.src);
        picture.alt = photo.name;
        const away = document.createElement("button");
        away.type = "button";
        away.className = "button button--small";
        away.textContent = say("Remove");
        away.addEventListener("click", () => { entry.photos.splice(place, 1); thumbs(); keep(); });
        item.append(picture, away);
        return item;
      });
      $("[data-photos-list]", box).replaceChildren(...pictures);
    }
    let receiving = null;
    async function receive(input) {
      await new Promise((done) => setTimeout(done));
      await form.busy;
      const files = [...input.files];
      for (const file of files) {
        if (entry.photos.length >= Number(box.dataset.most)) { toast(words.most, true); break; }
        entry.photos.push({ name: file.name, type: file.type, data: await file.arrayBuffer() });
      }
      input.value = "";
      thumbs();
      await keep();
    }
    form.addEventListener("change", (event) => {
      if (event.target.type === "file") receiving = Promise.all([receiving, receive(event.target)]).catch(() => toast(say("Failed"), true));
      else keep();
    });
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 400); });
    window.addEventListener("pagehide", () => { if (timer) keep(); });
    $$("[data-left] button", form).forEach((button) => button.addEventListener("click", () => {
      if ("copy" in button.dataset) { copy(leftWords(entry)); return; }
      entry.left = [];
      showLeft();
      keep();
    }));
    const place = locate(form, keep);
    const free = () => {
      delete form.dataset.sent;
      $$("[aria-busy='true']", form).forEach((one) => one.removeAttribute("aria-busy"));
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      /* the photos first: what is sent is the whole of it */
      await receiving;
      clearTimeout(timer);
      timer = 0;
      entry.made = touched ? entry.made : Date.now();
      try { await snapshot("waiting"); } catch {
        /* this browser keeps nothing: the old way, with the network */
        form.submit();
        return;
      }
      if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
      const told = await sync(entry.id);
      free();
      if (told && told.state === "recorded") { location.assign(told.url); return; }
      if (told && told.state === "refused") {
        entry.state = "draft";
        await mark(entry.id, { state: "draft" });
        const note = $("[data-error]", form);
        $("[data-error-words]", note).textContent = told.words;
        note.hidden = false;
        note.scrollIntoView({ block: "center" });
        await show();
        return;
      }
      form.hidden = true;
      const box2 = $("[data-outbox-list]");
      if (box2) { box2.tabIndex = -1; box2.focus(); }
    });
    return mine().then((all) => {
      const drafts = all.filter((one) => one.url === url && one.state === "draft");
      const held = drafts.find((one) => one.id === location.hash.slice(1)) || drafts.pop();
      if (held && !$("[data-error]:not([hidden])", form)) entry = held;
      written.add(entry.id);
      if (entry !== held) return;
      form.dataset.restored = "1";
      fill(held);
      thumbs();
      place();
      const state = $("[data-draft-state]", form);
      if (state) state.textContent = `${say("Restored")} ${hour(held.made)}`;
    });
  }
  /* where one is, only if one presses for it */
  function locate(form, keep) {
    const box = $("[data-place]", form);
    if (!box) return () => {};
    const { latitude, longitude } = form.elements;
    const told = $("[data-place-words]", box);
    const button = $("button", box);
    const tell = () => {
      told.textContent = latitude.value && `${latitude.value}, ${longitude.value}`;
      button.textContent = latitude.value ? box.dataset.undo : box.dataset.note;
    };
    box.hidden = !navigator.geolocation;
    button.addEventListener("click", () => {
      if (latitude.value) {
        latitude.value = "";
        longitude.value = "";
        tell();
        keep();
        return;
      }
      told.textContent = box.dataset.busy;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        latitude.value = coords.latitude.toFixed(5);
        longitude.value = coords.longitude.toFixed(5);
        tell();
        keep();
      }, () => { told.textContent = box.dataset.failed; }, { timeout: 20000, maximumAge: 60000 });
    });
    return tell;
  }

  /* ── pages to take along ── */
  const soon = (promise, patience) => Promise.race([promise, new Promise((_done, failed) => setTimeout(() => failed(new Error("late")), patience))]);
  async function take(box, isAsked) {
    if (!window.caches || !navigator.serviceWorker) { box.hidden = true; return; }
    const name = PAGES + person;
    const told = $("[data-take-words]", box);
    if (!isAsked && !(await caches.has(name))) return;
    const wanted = box.dataset.take.split(" ");
    const fresh = [];
    told.textContent = box.dataset.busy;
    try {
      /* without the worker nothing opens them later */
      await soon(navigator.serviceWorker.ready, 30000);
      for (const url of wanted) {
        const answer = await ask(url, { credentials: "same-origin" }, 30000);
        if (!answer.ok) throw new Error(String(answer.status));
        const headers = new Headers(answer.headers);
        headers.set("X-Taken", Date.now());
        fresh.push([url, new Response(await answer.blob(), { headers })]);
      }
      await caches.delete(name);
      const pages = await caches.open(name);
      await Promise.all(fresh.map(([url, answer]) => pages.put(url, answer)));
      tookWords(box, Date.now());
    } catch {
      told.textContent = isAsked ? box.dataset.failed : "";
    }
  }
  function tookWords(box, at) {
    const n = (box.dataset.take.split(" ").length - 1) / 2;
    $("[data-take-words]", box).textContent = filled(box.dataset.done, n).replace("[at]", hour(at));
  }
  async function takenAt() {
    if (!window.caches || !(await caches.has(PAGES + person))) return 0;
    const page = await (await caches.open(PAGES + person)).match(location.pathname);
    return page ? Number(page.headers.get("X-Taken")) : 0;
  }

  /* ── acts on what waits ── */
  async function act(button) {
    const { act: what } = button.dataset;
    const entry = await read(button.closest("[data-entry]").dataset.entry);
    if (!entry) { await show(); return; }
    if (what === "copy") {
      await copy([entry.title, entry.kind, entry.text, entry.state === "left" ? "" : leftWords(entry)].filter(Boolean).join("\n"));
    } else if (what === "drop" && !button.dataset.sure) {
      button.dataset.sure = "1";
      button.textContent = words.sure;
    } else if (what === "drop") {
      await drop(entry.id);
      await show();
    } else if (what === "edit") {
      await put({ ...entry, state: "draft", made: Date.now(), fields: entry.fields.map(([name, value]) => [name, name === "basis" ? entry.basis : value]) });
      location.assign(`${entry.url}#${entry.id}`);
      /* this very page: another draft stands in its form */
      if (location.pathname === entry.url) location.reload();
    } else {
      /* sent again, knowing what happened meanwhile */
      const fields = entry.fields.map(([name, value]) => [name, name === "basis" ? entry.basis : value]);
      await put({ ...entry, fields, state: "waiting" });
      await sync();
    }
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-entry] [data-act], [data-take] button, a[data-note]");
    if (!button) return;
    if (button.dataset.act) act(button);
    else if (button.dataset.note) memory.set("field:call", JSON.stringify({ at: Date.now(), url: button.dataset.note }));
    else take(button.closest("[data-take]"), true);
  });
  /* back from the telephone: the note of that call */
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    let call = null;
    try { call = JSON.parse(memory.get("field:call")); } catch { /* none */ }
    memory.set("field:call", "");
    if (call && Date.now() - call.at < 2 * 3600 * 1000) location.assign(call.url);
    else sync();
  });
  /* whoever signs out leaves no page and no draft; what is not sent yet he is asked about */
  $$("form[data-forget-drafts]").forEach((form) => form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const all = await mine();
      const wait = all.filter((one) => one.state !== "draft").length;
      if (wait && !window.confirm(filled(words.leaving, wait))) { delete form.dataset.sent; return; }
      await Promise.all(all.filter((one) => one.state === "draft").map((one) => drop(one.id)));
      if (window.caches) await caches.delete(PAGES + person);
    } catch { /* nothing was kept */ }
    memory.drop(WHO);
    form.submit();
  }));

  window.addEventListener("online", () => sync());
  window.addEventListener("offline", () => { away = true; show(); });
  setInterval(() => { if (away && document.visibilityState === "visible") hello().then((token) => (token ? sync() : show())); }, 30000);
  setInterval(() => { if (!away && document.visibilityState === "visible") sync(); }, 300000);
  /* taken along yesterday: what is written now is of today */
  function age(at) {
    const noon = (moment) => new Date(moment).setHours(12, 0, 0, 0);
    const days = Math.round((noon(Date.now()) - noon(at)) / DAY_MS);
    const later = (text) => {
      const day = new Date(`${text}T12:00:00Z`);
      day.setUTCDate(day.getUTCDate() + days);
      return day.toISOString().slice(0, 10);
    };
    $$("form[data-outbox][data-day]:not([data-restored])").map((form) => form.elements[form.dataset.day]).filter(Boolean).forEach((one) => {
      if (!days || one.value !== one.defaultValue) return;
      if (one.max) one.max = later(one.max);
      one.value = later(one.value);
    });
  }
  async function begin() {
    await tidy();
    await Promise.all($$("form[data-outbox]").map(attach));
    if (inField) await hello();
    openedAt = away ? await takenAt() : 0;
    const box = $("[data-take]");
    if (box && openedAt) tookWords(box, openedAt);
    if (openedAt) age(openedAt);
    await sync();
    if (box && !away) await take(box, false);
    bar.dataset.ready = "1";
  }
  begin();
  if (inField && navigator.serviceWorker && window.isSecureContext) navigator.serviceWorker.register(words.worker);
})();
