// Imported by the service worker before its own part: keeps the pages of doors that this device is a terminal of, so that they
// open without a network. The page is the same for the whole crew and holds no guest. BUILD and DOOR stand before it.
const DOOR_CACHE = `door-${BUILD}`;
const DOOR_PAGE = /^\/door\/evt_\w+$/;
const DOOR_PATIENCE_MS = 4000;

self.addEventListener("install", (event) => event.waitUntil(renewDoors()));
self.addEventListener("activate", (event) => event.waitUntil(forgetDoors((name) => name !== DOOR_CACHE)));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && DOOR_PAGE.test(pathname)) {
    event.stopImmediatePropagation();
    event.respondWith(doorPage(event, pathname));
  } else if (DOOR.includes(pathname)) {
    event.stopImmediatePropagation();
    event.respondWith(doorPart(request));
  }
});

self.addEventListener("message", (event) => {
  if (event.data.ask !== "keep-door" || !DOOR_PAGE.test(event.data.path)) return;
  event.stopImmediatePropagation();
  const kept = keepDoor(event.data.path).catch(() => false);
  event.waitUntil(kept.then((done) => event.ports[0].postMessage({ kept: done })));
});

/** Before this build takes over: the doors that the one before had kept. Fails where the network does, and comes again. */
async function renewDoors() {
  const pages = new Set();
  for (const name of (await caches.keys()).filter((one) => one.startsWith("door-") && one !== DOOR_CACHE)) {
    for (const { url } of await (await caches.open(name)).keys()) {
      const { pathname } = new URL(url);
      if (DOOR_PAGE.test(pathname)) pages.add(pathname);
    }
  }
  for (const path of pages) await keepDoor(path, { must: true });
}

async function keepDoor(path, { must = false } = {}) {
  const cache = await caches.open(DOOR_CACHE);
  const missing = [];
  for (const part of DOOR) if (!(await cache.match(part))) missing.push(part);
  await cache.addAll(missing);
  try {
    return await keepDoorAnswer(path, await fetch(path, { headers: { Accept: "text/html" } }));
  } catch (fault) {
    if (must) throw fault;
    return Boolean(await cache.match(path));
  }
}

/** Keep the page; one that leads to the sign-in, or is not this person's any more, is let go. */
async function keepDoorAnswer(path, answer) {
  const cache = await caches.open(DOOR_CACHE);
  if (answer.ok && !answer.redirected) {
    await cache.put(path, answer);
    return true;
  }
  if (answer.status < 500) await cache.delete(path);
  return false;
}

/** The network first; what was kept when it is away, fails or is too slow. */
async function doorPage(event, path) {
  const cache = await caches.open(DOOR_CACHE);
  const kept = await cache.match(path, { ignoreVary: true });
  const asked = fetch(event.request).then(async (answer) => {
    if (kept) await keepDoorAnswer(path, answer.clone());
    return answer;
  });
  event.waitUntil(asked.catch(() => {}));
  if (!kept) return asked.catch(() => caches.match("/offline").then((page) => page ?? Response.error()));
  const late = new Promise((fulfil) => setTimeout(fulfil, DOOR_PATIENCE_MS, "late"));
  const first = await Promise.race([asked.catch(() => "away"), late]);
  if (first instanceof Response && first.status < 500) return first;
  return kept;
}

async function doorPart(request) {
  const kept = await caches.match(request, { cacheName: DOOR_CACHE, ignoreVary: true });
  return kept ?? (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** Let go of the pages: at a sign-out all, at a new build the old ones. What waits for its upload is not touched. */
async function forgetDoors(old = () => true) {
  const names = (await caches.keys()).filter((name) => name.startsWith("door-") && old(name));
  await Promise.all(names.map((name) => caches.delete(name)));
}
