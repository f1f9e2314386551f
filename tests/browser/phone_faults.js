// What a phone page may not have: sideways scrolling, cut tables, names over the next column, targets under 44 px.
() => {
  const faults = [], width = document.documentElement.clientWidth;
  const shown = (e) => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && !e.closest(".only-heard, svg");
  };
  if (document.documentElement.scrollWidth > width) faults.push("the page scrolls sideways");
  for (const e of document.querySelectorAll("main table, main h1, main h2, main .light, main .tag, main input, main select, main textarea")) {
    if (shown(e) && !e.closest(".scroller") && e.getBoundingClientRect().right > width + 1) faults.push(`cut: ${e.tagName}.${e.className}`);
  }
  for (const e of document.querySelectorAll("main .table .firm")) {
    if (shown(e) && !e.closest(".scroller") && e.getBoundingClientRect().right > e.closest("th, td").getBoundingClientRect().right + 1) faults.push(`over the next column: ${e.textContent.trim()}`);
  }
  for (const e of document.querySelectorAll("a, button, select, summary, input:not([type=hidden]), textarea")) {
    if (!shown(e) || e.closest("dialog") || e.matches(".skip")) continue;
    const label = e.matches("[type=checkbox], [type=radio]") && e.closest("label");
    const text = e.closest("p, li, dd, td, th, span");
    const inSentence = getComputedStyle(e).display === "inline" && text && text.textContent.trim() !== e.textContent.trim();
    if (inSentence) continue;
    const box = (label || e).getBoundingClientRect();
    if (box.height < 43.5) faults.push(`${Math.round(box.height)} px: ${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 20)}`);
  }
  return [...new Set(faults)];
}
