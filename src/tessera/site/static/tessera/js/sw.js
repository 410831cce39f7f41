// The service worker, served as /sw.js with BUILD and SHELL before it. It keeps what the member's pages are made of,
// and of the signed-in person the last wallet and the frame of the code: nothing else, and nobody else's.
const SHELL_CACHE = `tessera-shell-${BUILD}`;
const OWN_CACHE = `tessera-own-${BUILD}`;
const KEPT = ["/wallet", "/code", "/tickets"];
const KEPT_JOTTER = /^\/circle\/evt_[0-9a-v]{26}\/jotter$/; // of circles that were looked at
const FORGETS_JOTTER = /^\/(sign-out|me\/erasure)(\/|$)/;
const OFFLINE = "/offline";
const PATIENCE_MS = 5000;
const CHANGES_WHO = /^\/(sign-in|sign-out|demo\/sign-in|me\/erasure|me\/devices)(\/|$)/;
const CHANGES_LOOK = /^\/(language|theme|me\/(profile|picture|picture\/removal))$/;

let epoch = 0; // answers that were asked for before a sign-out are not kept after it
const fromKept = new Set();

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(SHELL_CACHE);
      await cache.addAll(SHELL);
      await cache.add(new Request(OFFLINE, { cache: "reload" }));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith("tessera-"));
      const old = names.filter((name) => name !== SHELL_CACHE && name !== OWN_CACHE);
      const had = old.some((name) => name.startsWith("tessera-own-"));
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
      if (had) await Promise.all(KEPT.map((path) => keepFresh(path))); // their shell is the new build's
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.method !== "GET") {
    if (FORGETS_JOTTER.test(address.pathname)) indexedDB.deleteDatabase("tessera-jotter");
    if (CHANGES_WHO.test(address.pathname)) event.respondWith(between(forget, request));
    else if (CHANGES_LOOK.test(address.pathname)) event.respondWith(renewAfter(event));
    return;
  }
  if (address.pathname.startsWith("/static/")) {
    event.respondWith(fromShell(request));
  } else if (request.mode === "navigate") {
    if (KEPT.includes(address.pathname) || KEPT_JOTTER.test(address.pathname)) event.respondWith(ownPage(event, address.pathname));
    else event.respondWith(address.pathname.startsWith("/t/") ? ticketPage(event) : otherPage(request));
  }
});

self.addEventListener("message", (event) => {
  if (event.data.ask === "kept") event.ports[0].postMessage({ kept: fromKept.delete(event.source.id) });
  const missing = (event.data.keep ?? []).filter((path) => KEPT.includes(path) || KEPT_JOTTER.test(path));
  const stale = KEPT.filter((path) => event.data.renew?.includes(path));
  event.waitUntil(Promise.all([...missing.map((path) => keepMissing(path)), ...stale.map((path) => keepFresh(path))]));
});

/** Forget before the server hears of it and after: a page that was under way in between is not kept either. */
async function between(work, request) {
  await work();
  const answer = await otherPage(request);
  await work();
  return answer;
}

/** Another language or theme: what is kept is fetched anew. */
async function renewAfter(event) {
  const answer = await otherPage(event.request);
  const had = await caches.has(OWN_CACHE);
  await caches.delete(OWN_CACHE);
  const shell = await caches.open(SHELL_CACHE);
  const offline = shell.add(new Request(OFFLINE, { cache: "reload" }));
  event.waitUntil(Promise.allSettled([offline, ...(had ? KEPT : []).map((path) => keepFresh(path))]));
  return answer;
}

async function fromShell(request) {
  return (await caches.match(request, { cacheName: SHELL_CACHE, ignoreVary: true })) ?? fetch(request);
}

async function otherPage(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(OFFLINE, { cacheName: SHELL_CACHE, ignoreVary: true })) ?? Response.error();
  }
}

/** Without a network a ticket is found among those that were kept. */
async function ticketPage(event) {
  try {
    return await fetch(event.request);
  } catch {
    const kept = await caches.match("/tickets", { cacheName: OWN_CACHE, ignoreVary: true });
    if (kept) fromKept.add(event.resultingClientId);
    return kept ?? otherPage(event.request);
  }
}

/** The network first; what was kept when it is away, or too slow. */
async function ownPage(event, path) {
  const began = epoch;
  const asked = fetch(event.request).then(async (answer) => {
    await keepAnswer(path, answer.clone(), began);
    return answer;
  });
  event.waitUntil(asked.catch(() => {}));
  const kept = await caches.match(path, { cacheName: OWN_CACHE, ignoreVary: true });
  if (!kept) return asked.catch(() => otherPage(event.request));
  const late = new Promise((fulfil) => setTimeout(fulfil, PATIENCE_MS, "late"));
  const first = await Promise.race([asked.catch(() => "away"), late]);
  if (first instanceof Response && first.status < 500) return first;
  const still = await caches.match(path, { cacheName: OWN_CACHE, ignoreVary: true }); // none: signed out while we waited
  if (!still) return asked.catch(() => otherPage(event.request));
  fromKept.add(event.resultingClientId);
  return still;
}

async function keepMissing(path) {
  const kept = await caches.match(path, { cacheName: OWN_CACHE, ignoreVary: true });
  if (!kept) await keepFresh(path);
}

async function keepFresh(path) {
  const began = epoch;
  const answer = await fetch(path, { headers: { Accept: "text/html" } }).catch(() => undefined);
  if (answer) await keepAnswer(path, answer, began);
}

/** Keep a page of the signed-in person; one that leads to the sign-in means that nobody is. */
async function keepAnswer(path, answer, began) {
  if (answer.redirected || answer.type === "opaqueredirect") return forget();
  if (!answer.ok || began !== epoch) return undefined;
  const cache = await caches.open(OWN_CACHE);
  return began === epoch ? cache.put(path, answer) : undefined;
}

/** Let nothing of a person remain: pages, and the device's secret. */
async function forget() {
  epoch += 1;
  const names = (await caches.keys()).filter((name) => name.startsWith("tessera-own-"));
  await Promise.all([...names.map((name) => caches.delete(name)), clearDevice(), forgetDoors()]);
}

function clearDevice() {
  return new Promise((done) => {
    const asked = indexedDB.open("tessera", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("device");
    asked.onerror = done;
    asked.onsuccess = () => {
      const clearing = asked.result.transaction("device", "readwrite");
      clearing.objectStore("device").clear();
      clearing.oncomplete = clearing.onerror = () => {
        asked.result.close();
        done();
      };
    };
  });
}
