/* Rows: ticking, the bulk bar that counts, a run of rows by Shift, the row where the keys are.
   Hooks: form or frame [data-rows=ID], input[data-row], input[data-all], [data-bulk=ID], [data-count], [data-clear]. */
"use strict";
(() => {
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const frameOf = (node) => node.closest("[data-rows]");
  const barOf = (frame) => document.querySelector(`[data-bulk="${frame.dataset.rows || frame.id || "bulk"}"]`);
  let last = null;

  function refresh(frame) {
    const boxes = $$("input[data-row]", frame);
    const ticked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => {
      const row = box.closest("tr, [data-line-of-list]");
      if (!row) return;
      if (box.checked) row.setAttribute("aria-selected", "true");
      else row.removeAttribute("aria-selected");
    });
    $$("input[data-all]", frame).forEach((all) => {
      all.checked = boxes.length > 0 && ticked.length === boxes.length;
      all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
    });
    const bar = barOf(frame);
    if (!bar) return;
    bar.hidden = ticked.length === 0;
    $$("[data-count]", bar).forEach((place) => { place.textContent = ticked.length; });
  }
  function tick(box, on) {
    box.checked = on;
    refresh(frameOf(box));
  }
  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[data-row]");
    if (box && frameOf(box)) {
      if (event.shiftKey && last && frameOf(last) === frameOf(box)) {
        const boxes = $$("input[data-row]", frameOf(box));
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        boxes.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
      }
      last = box;
      refresh(frameOf(box));
    }
    const clear = event.target.closest("[data-clear]");
    if (clear) {
      const bar = clear.closest("[data-bulk]");
      const frame = document.querySelector(`[data-rows="${bar.dataset.bulk}"]`) || document.getElementById(bar.dataset.bulk);
      if (!frame) return;
      $$("input[data-row]", frame).forEach((one) => { one.checked = false; });
      refresh(frame);
      const first = frame.querySelector("input[data-all], input[data-row]");
      if (first) first.focus();
    }
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!("all" in box.dataset) || !frameOf(box)) return;
    $$("input[data-row]", frameOf(box)).forEach((one) => { one.checked = box.checked; });
    refresh(frameOf(box));
  });
  const all = () => $$("[data-rows]").forEach(refresh);
  window.addEventListener("pageshow", all);
  document.addEventListener("htmx:afterSettle", all);
  all();
  window.xiaohao.tick = tick;
})();
