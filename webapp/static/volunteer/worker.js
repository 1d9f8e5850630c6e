// The service worker: keeps one complete version of the app, so that it opens without signal. What
// stands above this line by the server: VERSION and FILES. It answers for its own files only, and
// never for anything that is sent.

const PREFIX = "minyi-volunteer-";
const CACHE = PREFIX + VERSION;
const SHELL = "/volunteer/";

self.addEventListener("install", (event) => {
  event.waitUntil(fill());
});

// All files, or none: a version with a hole would fail in a stairwell.
async function fill() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all([SHELL, ...FILES].map(async (address) => {
      const answer = await fetch(address, { cache: "no-cache", credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(address + ": " + answer.status);
      await cache.put(address, answer);
    }));
    const shell = await (await cache.match(SHELL)).text();
    if (!shell.includes(VERSION)) throw new Error("the server has another version already");
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

self.addEventListener("activate", (event) => {
  event.waitUntil(takeCharge());
});

async function takeCharge() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// A page asks for it at its lock screen or list. Another window may be in the middle of an
// interview: then this version goes on waiting.
self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(takeOver());
});

async function takeOver() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (windows.filter((one) => new URL(one.url).pathname === SHELL).length <= 1) await self.skipWaiting();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  const name = address.pathname + address.search;
  if (address.pathname === SHELL) event.respondWith(kept(SHELL, request));
  else if (FILES.includes(name)) event.respondWith(kept(name, request));
});

async function kept(name, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(name)) || fetch(request);
}
