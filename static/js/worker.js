/* The service worker, served at the root (config.offline): SET stands above, made by the server.
   Kept: the shell under a name of its content, and the pages that a person took along (field.js). */
"use strict";
const SHELL = "xiaohao-shell-";
const PAGES = "xiaohao-pages-";
const KEEP_MS = 24 * 3600 * 1000;
const PATIENCE_MS = 6000;
const shell = SHELL + SET.version;

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const kept = await caches.open(shell);
  /* without cookies: nobody's name stands on the page for everybody */
  const page = await fetch(SET.offline, { credentials: "omit", cache: "no-store" });
  if (!page.ok) throw new Error(String(page.status));
  await Promise.all([kept.addAll(SET.assets), kept.put(SET.offline, page)]);
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith(SHELL) && name !== shell);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
})()));

/* whoever signs out leaves no page behind, whatever becomes of the script on his page */
async function forget() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES));
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function taken(path) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGES)) continue;
    const pages = await caches.open(name);
    const page = await pages.match(path);
    if (!page) continue;
    if (Date.now() - Number(page.headers.get("X-Taken")) < KEEP_MS) return page;
    await pages.delete(path);
  }
  return null;
}

/* the network first; a page that was taken along where it fails or only makes one wait */
async function opened(request, path) {
  const page = await taken(path);
  const asked = fetch(request);
  try {
    if (!page) return await asked;
    const late = new Promise((_done, failed) => setTimeout(() => failed(new Error("late")), PATIENCE_MS));
    const answer = await Promise.race([asked, late]);
    return [502, 503, 504].includes(answer.status) ? page : answer;
  } catch {
    asked.catch(() => {});
    return page || (await caches.match(SET.offline)) || Response.error();
  }
}

async function posted(request) {
  try { return await fetch(request); } catch { return (await caches.match(SET.offline)) || Response.error(); }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === SET.leave) event.waitUntil(forget());
  if (request.mode === "navigate") {
    /* a form that is posted without a network: our page says so, not the browser's */
    event.respondWith(request.method === "GET" ? opened(request, url.pathname) : posted(request));
  } else if (request.method !== "GET") return;
  else if (SET.assets.includes(url.pathname)) {
    event.respondWith(caches.open(shell).then((kept) => kept.match(url.pathname)).then((page) => page || fetch(request)));
  }
});
