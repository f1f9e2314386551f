/* The page: dialogs, copying, toasts, one submit at a time, what htmx reports. No inline script.
   Hooks: data-dialog, data-close, data-open, data-copy, data-copy-from, data-toast, data-offline. */
"use strict";
(() => {
  const say = (key) => document.body.dataset["say" + key] || "";
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  /* toasts: the server's stay until closed, our own go after a while */
  function toast(words, lasts) {
    const box = $("#toasts");
    if (!box) return;
    const one = document.createElement("div");
    one.className = "toast";
    const text = document.createElement("span");
    text.textContent = words;
    one.append(text);
    if (lasts) {
      const close = document.createElement("button");
      close.type = "button";
      close.dataset.closeToast = "";
      close.textContent = say("Close");
      one.append(close);
    } else {
      setTimeout(() => one.remove(), 6000);
    }
    box.append(one);
  }

  /* dialogs: a link keeps its address for browsers without script */
  let opener = null;
  function open(dialog, from) {
    if (!dialog || dialog.open) return;
    opener = from || document.activeElement;
    dialog.showModal();
    const first = $("[aria-invalid='true'], [autofocus]", dialog) || $(".dialog__body input:not([type=hidden]), .dialog__body select, .dialog__body textarea", dialog);
    if (first) first.focus();
  }
  document.addEventListener("close", (event) => {
    if (opener && document.contains(opener)) opener.focus();
    opener = null;
    if (event.target.closest("#slot")) event.target.remove();
  }, true);

  /* copying: clipboard API where the browser allows it, else by selection, else by hand */
  function byHand(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "only-heard";
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { done = false; }
    area.remove();
    return done;
  }
  function show(text) {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    const body = document.createElement("div");
    body.className = "dialog__body dialog__body--alone";
    const why = document.createElement("p");
    why.textContent = say("NotCopied");
    const area = document.createElement("textarea");
    area.className = "input";
    area.rows = 10;
    area.readOnly = true;
    area.value = text;
    area.setAttribute("aria-label", say("NotCopied"));
    const close = document.createElement("button");
    close.className = "button";
    close.type = "button";
    close.dataset.close = "";
    close.textContent = say("Close");
    body.append(why, area, close);
    dialog.append(body);
    $("#slot").append(dialog);
    dialog.showModal();
    area.select();
  }
  async function copy(button) {
    const { copy: selector, copyText, copyFrom } = button.dataset;
    const source = selector && $(selector);
    let text = copyText || "";
    if (source) text = "value" in source && source.value !== undefined ? source.value : (source.content || source).textContent;
    const fetched = copyFrom && fetch(copyFrom, { headers: { Accept: "text/plain" } }).then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    });
    try {
      if (navigator.clipboard && window.isSecureContext) {
        if (fetched) {
          const blob = fetched.then((words) => new Blob([words], { type: "text/plain" }));
          await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
        } else await navigator.clipboard.writeText(text.trim());
        toast(say("Copied"));
        return;
      }
    } catch { /* refused by the browser: try the other ways */ }
    try {
      if (fetched) text = await fetched;
    } catch {
      toast(navigator.onLine ? say("Failed") : say("Offline"), true);
      return;
    }
    if (byHand(text.trim())) toast(say("Copied"));
    else show(text.trim());
  }

  /* what the page still fetches is printed with it, unless it takes longer than ten seconds */
  function printed(more = 100) {
    if (more && document.querySelector("[hx-trigger='load'].htmx-request")) setTimeout(printed, 100, more - 1);
    else window.print();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-dialog], [data-close], [data-copy], [data-copy-text], [data-copy-from], [data-close-toast], [data-print], [aria-disabled='true']");
    if (!target) return;
    const data = target.dataset;
    if (target.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
    if ("closeToast" in data) target.closest(".toast").remove();
    else if ("print" in data) printed();
    else if ("close" in data) target.closest("dialog").close();
    else if (data.dialog) {
      const dialog = document.getElementById(data.dialog);
      if (!dialog) return;
      event.preventDefault();
      open(dialog, target);
    } else { event.preventDefault(); copy(target); }
  });
  /* a click on the veil closes a dialog in which nothing was typed */
  document.addEventListener("mousedown", (event) => {
    const dialog = event.target;
    if (dialog.tagName !== "DIALOG" || !dialog.open || dialog.classList.contains("dialog--shown")) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    const touched = $$("input, textarea", dialog).some((field) => field.type !== "hidden" && field.type !== "checkbox" && field.type !== "radio" && field.value !== field.defaultValue);
    if (!inside && !touched) dialog.close();
  });

  /* one submit at a time: the second click goes nowhere, the page that comes back is free again */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    /* upload.js holds a submit back while photos are being shrunk (form.busy) */
    if (event.defaultPrevented || form.busy) return;
    if (form.method.toLowerCase() !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (button) {
      button.setAttribute("aria-busy", "true");
      /* downloads answer without a new page */
      setTimeout(() => free(form), "download" in form.dataset ? 3000 : 20000);
    }
  }, true);
  function free(form) {
    delete form.dataset.sent;
    $$("[aria-busy='true']").forEach((button) => button.removeAttribute("aria-busy"));
  }
  window.addEventListener("pageshow", () => $$("form[data-sent]").forEach(free));

  /* htmx */
  document.addEventListener("htmx:responseError", () => toast(say("Failed"), true));
  document.addEventListener("htmx:sendError", () => toast(say("Offline"), true));
  document.addEventListener("htmx:timeout", () => toast(say("Offline"), true));
  document.addEventListener("htmx:afterSettle", () => $$("dialog[data-open]").forEach((dialog) => open(dialog)));

  function network() {
    $$("[data-offline]").forEach((note) => { note.hidden = navigator.onLine; });
  }
  window.addEventListener("online", network);
  window.addEventListener("offline", network);

  /* on a phone the navigation slides: where one is stands in sight, the page itself does not move */
  const bar = $(".topbar__nav");
  const here = bar && $("[aria-current]", bar);
  if (here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;

  /* another person at this browser: no page that the last one took along stays (field.js) */
  const { person } = document.body.dataset;
  if (person && window.caches) {
    caches.keys().then((names) => names.filter((name) => name.startsWith("xiaohao-pages-") && name !== `xiaohao-pages-${person}`).forEach((name) => caches.delete(name)));
  }

  network();
  $$("dialog[data-open]").forEach((dialog) => open(dialog));
  /* the sheet of filters on a phone: Escape closes it and gives the focus back, 查看 closes it too
     (htmx changes the address, but not the target) */
  function shut() {
    if (!$("#filters-sheet:target")) return false;
    location.replace("#main");
    return true;
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shut()) $(".filters__open")?.focus();
  });
  document.addEventListener("submit", (event) => { if (event.target.matches(".filters")) shut(); });
  window.xiaohao = { say, toast };
})();
