// axe-core's findings on the page. Most of its time goes into the contrast of each single text: of
// those that look alike (element, class, colour, size, weight) on grounds alike, one is measured.
(() => {
  const check = axe._audit.checks["color-contrast"];
  const measure = check.evaluate;
  const CLEAR = "rgba(0, 0, 0, 0)";
  let grounds, measured, last;

  // What lies behind a text: a number, the same for whatever is painted alike from the root on.
  function ground(node) {
    if (!node) return 0;
    if (grounds.of.has(node)) return grounds.of.get(node);
    const below = ground(node.parentElement);
    const css = getComputedStyle(node);
    const own = [];
    if (css.backgroundColor !== CLEAR) own.push(css.backgroundColor);
    if (css.backgroundImage !== "none") own.push(css.backgroundImage);
    if (css.opacity !== "1") own.push(css.opacity);
    if (css.filter !== "none" || css.mixBlendMode !== "normal") own.push(css.filter, css.mixBlendMode);
    // what left its place may lie on anything: it is like nothing else
    const moved = css.position === "absolute" || css.position === "fixed" || css.transform !== "none";
    if (moved) own.push(`moved ${(last += 1)}`);
    let found = below;
    if (own.length) {
      const key = [below, ...own].join("|");
      if (!grounds.by.has(key)) grounds.by.set(key, (last += 1));
      found = grounds.by.get(key);
    }
    grounds.of.set(node, found);
    return found;
  }

  function look(node) {
    const css = getComputedStyle(node);
    const text = [css.color, css.fontSize, css.fontWeight, css.textShadow];
    const line = css.webkitTextStrokeWidth;
    return [node.localName, node.getAttribute("class"), ground(node), ...text, line].join("|");
  }

  check.evaluate = function (node, ...rest) {
    const key = look(node);
    if (measured.has(key)) return true;
    const found = measure.call(this, node, ...rest);
    // undefined: nobody could tell, of this one
    if (found !== undefined) measured.add(key);
    return found;
  };

  window.violationsOf = (where, how) => {
    grounds = { of: new Map(), by: new Map() };
    measured = new Set();
    last = 0;
    // the violations only: what passed is most of a report, and of the time to write it
    return axe.run(where, how).then((report) => report.violations);
  };
})();
