/* Keys: j k o x e / g… ? and Ctrl+Enter. Single keys can be switched off (WCAG 2.1.4) and are
   never taken from a field. Hooks: data-key, data-go, data-rows, a.firm or [data-open-row], data-keys-switch. */
"use strict";
(() => {
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const OFF = "keys-off";
  let waiting = 0;
  let here = null;
  const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  const rows = () => $$("[data-rows] tbody tr, [data-rows] [data-line-of-list]").filter((row) => row.offsetParent !== null);
  const linkOf = (row) => row && row.querySelector("[data-open-row], a.firm, .job__firm a, .todo__firm a, th a");

  function step(by) {
    const list = rows();
    if (!list.length) return false;
    const at = list.indexOf(here);
    const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + by))];
    if (here) here.classList.remove("is-here");
    here = next;
    here.classList.add("is-here");
    const link = linkOf(here);
    if (link) link.focus({ preventScroll: true });
    here.scrollIntoView({ block: "nearest" });
    return true;
  }
  function press(key) {
    const inRow = here && document.contains(here) && here.querySelector(`[data-key="${key}"]`);
    const target = inRow || document.querySelector(`[data-key="${key}"]`);
    if (!target) return false;
    if (target.matches("input, select, textarea")) { target.focus(); target.select?.(); } else target.click();
    return true;
  }
  function single(event) {
    if (waiting && Date.now() - waiting < 1500) {
      waiting = 0;
      const door = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (door) { door.click(); return true; }
    }
    switch (event.key) {
      case "g": waiting = Date.now(); return true;
      case "j": return step(1) || press("j");
      case "k": return step(-1) || press("k");
      case "o": if (here) { linkOf(here)?.click(); return true; } return press("o");
      case "x": {
        const box = here && here.querySelector("input[data-row]");
        if (box) window.xiaohao.tick(box, !box.checked);
        return Boolean(box);
      }
      case "e": if (press("e")) return true; if (here) { linkOf(here)?.click(); return true; } return false;
      case "/": return press("/");
      case "?": { const help = document.getElementById("keys"); if (help && !help.open) { help.showModal(); return true; } return false; }
      default: return false;
    }
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      if (form && form.method.toLowerCase() === "post") {
        event.preventDefault();
        const button = form.querySelector(".button--primary[type=submit], [type=submit]") || document.querySelector(`[type=submit][form="${form.id}"]`);
        form.requestSubmit(button && button.form === form ? button : undefined);
      }
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off()) return;
    if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog[open]")) return;
    if (single(event)) event.preventDefault();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-rows] tbody tr, [data-rows] [data-line-of-list]");
    if (!row || row === here) return;
    if (here) here.classList.remove("is-here");
    here = row;
  });
  $$("[data-keys-switch]").forEach((box) => {
    box.checked = !off();
    box.addEventListener("change", () => {
      try { if (box.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "1"); } catch { /* stays as it is */ }
    });
  });
})();
