// axe-core's findings on the page. Most of its time goes into the contrast of each single text: of
// those that look alike (element, class, colour, size, weight) on grounds alike, one is measured,
// and none that was measured on a page before.
(() => {
  const rule = axe._audit.rules.find((one) => one.id === "color-contrast");
  const check = axe._audit.checks["color-contrast"];
  const concerns = rule.matches;
  const measure = check.evaluate;
  const CLEAR = "rgba(0, 0, 0, 0)";
  const MOVED = "moved";
  const PICTURE = /\b(?:gradient|url)\(/;
  const FIELDS = new Set(["input", "select", "textarea"]);
  let grounds, measured, passed, pictures, looks, last;

  // What lies behind a text, from the root on; the same words for whatever is painted alike.
  function ground(node) {
    if (!node) return "";
    if (grounds.has(node)) return grounds.get(node);
    const below = ground(node.parentElement);
    const css = getComputedStyle(node);
    const own = [];
    if (css.backgroundColor !== CLEAR) own.push(css.backgroundColor);
    if (css.backgroundImage !== "none") own.push(css.backgroundImage);
    if (css.opacity !== "1") own.push(css.opacity);
    if (css.filter !== "none" || css.mixBlendMode !== "normal") own.push(css.filter, css.mixBlendMode);
    // what left its place may lie on anything: it is like nothing else
    const moved = css.position === "absolute" || css.position === "fixed" || css.transform !== "none";
    if (moved) own.push(`${MOVED} ${(last += 1)}`);
    const found = own.length ? `${below}/${own.join()}` : below;
    grounds.set(node, found);
    return found;
  }

  function look(node) {
    if (looks.has(node)) return looks.get(node);
    const css = getComputedStyle(node);
    const text = [css.color, css.fontSize, css.fontWeight, css.textShadow];
    const line = css.webkitTextStrokeWidth;
    const own = [node.localName, node.getAttribute("class"), ground(node), ...text, line].join("|");
    // what may lie on anything is measured, with what lies under it, on each page
    const found = own.includes(MOVED) ? own : short(own);
    if (PICTURE.test(own)) pictures.add(found);
    looks.set(node, found);
    return found;
  }

  // 53 bits of a text (cyrb53): what goes from page to page
  function short(text) {
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let n = 0; n < text.length; n += 1) {
      const code = text.charCodeAt(n);
      a = Math.imul(a ^ code, 2654435761);
      b = Math.imul(b ^ code, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return 4294967296 * (2097151 & b) + (a >>> 0);
  }

  // Nothing is written in most elements: axe finds that out last.
  const says = (node) => FIELDS.has(node.localName)
    || [...node.childNodes].some((one) => one.nodeType === Node.TEXT_NODE && /\S/.test(one.data));

  rule.matches = function (node, ...rest) {
    return says(node) && !measured.has(look(node)) && concerns.call(this, node, ...rest);
  };

  check.evaluate = function (node, ...rest) {
    const key = look(node);
    if (measured.has(key)) return true;
    const found = measure.call(this, node, ...rest);
    // undefined: nobody could tell, of this one; on a picture, of none that looks like it
    const settled = found === true || (found === undefined && pictures.has(key));
    if (settled || found === false) measured.add(key);
    if (settled && typeof key === "number") passed.push(key);
    return found;
  };

  // ``known``: looks that passed on other pages; told: what is wrong here, and what passed beside
  window.violationsOf = (where, how, known) => {
    [grounds, looks, pictures, last] = [new Map(), new Map(), new Set(), 0];
    [measured, passed] = [new Set(known), []];
    // the violations only: what passed is most of a report, and of the time to write it
    return axe.run(where, how).then((report) => [report.violations, passed]);
  };
})();
