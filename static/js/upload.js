/* Files: photos shrunk before they travel, gathered from several goes, dropped or taken, with progress.
   Hooks: input[data-shrink][data-max-mb] in [data-file] with [data-files]; in [data-drop] files may be dropped, add up and be
   taken out again, [data-take] is a second input for the camera, and [data-sending] shows how far the form has travelled. */
"use strict";
(() => {
  const { say, toast } = window.xiaohao;
  /* a phone's photo of 8 MB becomes one of some 400 KB, never more than 1.5 MB, still legible on A4 */
  const SIDES = [2200, 2200, 1800, 1500];
  const QUALITIES = [0.82, 0.7, 0.66, 0.6];
  const LIGHT = 700 * 1024;
  const MOST = 1.5e6;
  const size = (bytes) => (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${bytes ? Math.max(1, Math.round(bytes / 1e3)) : 0} KB`);
  async function opened(file) {
    if (window.createImageBitmap) {
      try { return await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { /* the old way */ }
    }
    const picture = new Image();
    picture.src = URL.createObjectURL(file);
    try { await picture.decode(); } finally { URL.revokeObjectURL(picture.src); }
    return picture;
  }
  function drawn(picture, longest, quality) {
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
  }
  async function shrink(file) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size <= LIGHT) return file;
    try {
      const picture = await opened(file);
      let blob = null;
      for (let go = 0; go < SIDES.length && (!blob || blob.size > MOST); go += 1) blob = await drawn(picture, SIDES[go], QUALITIES[go]);
      if (picture.close) picture.close();
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
    } catch { return file; }
  }

  /* ── what was chosen: by input the files with the words about each ── */
  const chosen = new WeakMap();
  const same = (one, other) => one.from === other.from && one.was === other.was && one.at === other.at;
  /* a file that the server would refuse, and all that come with it, is refused here: [name] */
  function fault(input, file) {
    const fits = (kind) => (kind.startsWith(".") ? file.name.toLowerCase().endsWith(kind) : file.type.startsWith(kind.replace("*", "")));
    const known = (input.accept || "").toLowerCase().split(",").some((kind) => fits(kind.trim()));
    return (!file.size && say("Empty")) || (!known && say("Kind")) || "";
  }
  async function receive(input, files) {
    const box = input.closest("[data-file]");
    const limit = Number(input.dataset.maxMb || 0) * 1e6;
    const adds = input.multiple && box && "drop" in box.dataset;
    const held = adds ? [...(chosen.get(input) || [])].filter((one) => one.file) : [];
    for (const file of files) {
      const small = await shrink(file);
      const line = { from: file.name, was: file.size, at: file.lastModified };
      const wrong = fault(input, small);
      if (wrong) line.words = wrong.replace("[name]", () => file.name);
      else if (limit && small.size > limit) {
        line.words = say("Large").replace("[size]", `${Math.round(limit / 1e6)}MB`).replace("[name]", () => file.name);
      } else {
        line.file = small;
        line.words = `${small.name} ${size(small.size)}${small === file ? "" : ` (${say("Shrunk")} ${size(file.size)})`}`;
      }
      if (!held.some((one) => same(one, line))) held.push(line);
    }
    show(input, box, held, adds);
  }
  function show(input, box, held, adds) {
    chosen.set(input, held);
    const bag = new DataTransfer();
    held.forEach((one) => { if (one.file) bag.items.add(one.file); });
    input.files = bag.files;
    const list = box && box.querySelector("[data-files]");
    if (!list) return;
    list.querySelectorAll("img").forEach((picture) => URL.revokeObjectURL(picture.src));
    list.replaceChildren(...held.map((one) => {
      const item = document.createElement("li");
      if (!one.file) item.className = "bad";
      if (adds && one.file && one.file.type.startsWith("image/")) {
        const picture = document.createElement("img");
        picture.src = URL.createObjectURL(one.file);
        picture.alt = "";
        item.append(picture);
      }
      const words = document.createElement("span");
      words.textContent = one.words;
      item.append(words);
      if (adds) {
        const out = document.createElement("button");
        out.type = "button";
        out.className = "button button--bare button--small";
        out.textContent = say("Remove");
        out.setAttribute("aria-label", `${say("Remove")} ${one.from}`);
        out.addEventListener("click", () => {
          show(input, box, held.filter((other) => other !== one), adds);
          (list.querySelector("button") || input).focus();
        });
        item.append(out);
      }
      return item;
    }));
  }
  function take(input, files) {
    const form = input.form;
    const busy = receive(input, files);
    if (form) { form.busy = busy; busy.finally(() => { form.busy = null; }); }
  }
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    if ("take" in input.dataset) {
      take(input.closest("[data-drop]").querySelector("[data-shrink]"), [...input.files]);
      input.value = "";
    } else if ("shrink" in input.dataset) take(input, [...input.files]);
  });

  /* ── dropped ── */
  const place = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files") && event.target.closest && event.target.closest("[data-drop]");
  ["dragenter", "dragover"].forEach((kind) => document.addEventListener(kind, (event) => {
    const box = place(event);
    if (!box) return;
    event.preventDefault();
    box.classList.add("is-over");
  }));
  document.addEventListener("dragleave", (event) => {
    const box = place(event);
    if (box && !box.contains(event.relatedTarget)) box.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    const box = place(event);
    if (!box) return;
    event.preventDefault();
    box.classList.remove("is-over");
    const input = box.querySelector("[data-shrink]");
    take(input, [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1));
  });

  /* a submit that comes while a photo is still being shrunk waits for it */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    form.busy.finally(() => { form.busy = null; form.requestSubmit(button); });
  }, true);

  /* ── sent, with progress: on to the next page (config.middleware), or the refusal as the browser would show it ── */
  function ended(form, bar) {
    bar.hidden = true;
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy='true']").forEach((button) => button.removeAttribute("aria-busy"));
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const bar = form.querySelector("[data-drop] [data-sending]");
    const input = bar && bar.closest("[data-drop]").querySelector("[data-shrink]");
    if (event.defaultPrevented || !input || !input.files.length) return;
    event.preventDefault();
    const sent = new FormData(form);
    if (event.submitter && event.submitter.name) sent.append(event.submitter.name, event.submitter.value);
    const wire = new XMLHttpRequest();
    wire.open("POST", form.action);
    wire.setRequestHeader("Accept", "text/html");
    wire.setRequestHeader("X-Progress", "1");
    wire.upload.addEventListener("progress", (step) => {
      bar.hidden = false;
      if (step.lengthComputable) bar.value = Math.round((100 * step.loaded) / step.total);
    });
    wire.addEventListener("load", () => {
      const next = wire.getResponseHeader("X-Location");
      if (next) { location.assign(next); return; }
      if (wire.status >= 500 || !/html/.test(wire.getResponseHeader("Content-Type") || "")) { ended(form, bar); toast(say("Failed"), true); return; }
      if (wire.responseURL && wire.responseURL !== location.href) history.pushState(null, "", wire.responseURL);
      document.open();
      document.write(wire.responseText);
      document.close();
    });
    ["error", "timeout", "abort"].forEach((kind) => wire.addEventListener(kind, () => { ended(form, bar); toast(say("Offline"), true); }));
    wire.send(sent);
  });
})();
