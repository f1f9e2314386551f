// Cells and buttons whose words run out of their box.
() => [...document.querySelectorAll("main :is(th, td, .chip, .button, .tabs a, h1, .figure__name)")]
  .filter((e) => e.getBoundingClientRect().width > 1 && getComputedStyle(e).overflow === "visible")
  .filter((e) => e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).display !== "inline")
  .map((e) => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 30)}`)
