// Hears what is new and lets the page's regions ask again: <section id="…" data-live-topic="wallet" hx-get="…"
// hx-trigger="live:wallet from:body" hx-swap="outerHTML">. Where no stream is to be had, regions ask now and then.
import { move, numbersIn } from "./tally.js";

const POLL_MS = 15_000;
const SILENT_MS = 50_000; // the server says something every 20 s
const HIDDEN_MS = 5_000;
const GATHER_MS = 150;
const ASK_AGAIN_MS = 5_000;
const LONGEST_MS = 60_000;

let token = document.body.dataset.live;
let source = null;
let since = "";
let failures = 0;
let heardAt = 0;
let reconnecting, polling, pausing, gathering;
const gathered = new Set();

const topics = () => new Set([...document.querySelectorAll("[data-live-topic]")].map((one) => one.dataset.liveTopic));

function turn(events) {
  for (const event of events) gathered.add(event);
  gathering ??= setTimeout(() => {
    gathering = undefined;
    for (const event of gathered) document.body.dispatchEvent(new CustomEvent(`live:${event}`));
    gathered.clear();
  }, GATHER_MS);
}

function hear(message) {
  heardAt = Date.now();
  if (message.lastEventId) since = message.lastEventId;
  if (message.data === "hello") {
    failures = 0;
    clearInterval(polling);
    polling = undefined;
    document.documentElement.dataset.hears = "stream";
  } else if (message.data === "refresh") {
    setTimeout(() => turn(topics()), Math.random() * 1500); // everybody is told at once: not all ask at once
  } else if (message.data !== "beat") {
    turn([message.data]);
  }
}

function fail() {
  failures += 1;
  if (failures >= 2 && !polling) {
    polling = setInterval(() => turn(topics()), POLL_MS);
    document.documentElement.dataset.hears = "polling";
    turn(topics());
  }
  if (source?.readyState === EventSource.CLOSED) {
    source = null;
    clearTimeout(reconnecting);
    reconnecting = setTimeout(reconnect, Math.min(LONGEST_MS, 1000 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random()));
  }
}

/** Come again with a fresh token: ours may be too old. A browser that was signed out stays quiet. */
async function reconnect() {
  try {
    const answer = await fetch(`/live/token?old=${encodeURIComponent(token)}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 204) return close();
    if (answer.ok) token = await answer.text();
  } catch {
    // no network: the stream will say so
  }
  connect();
}

function connect() {
  if (source || document.hidden || !topics().size) return;
  heardAt = Date.now();
  source = new EventSource(`/live?token=${encodeURIComponent(token)}&since=${encodeURIComponent(since)}`);
  source.onmessage = hear;
  source.onerror = fail;
}

function close() {
  source?.close();
  source = null;
  clearTimeout(reconnecting);
  clearInterval(polling);
  polling = undefined;
}

setInterval(() => {
  if (!source || Date.now() - heardAt < SILENT_MS) return;
  source.close();
  fail(); // the network is gone and nobody has told the browser
}, 10_000);

document.addEventListener("visibilitychange", () => {
  clearTimeout(pausing);
  if (document.hidden) {
    pausing = setTimeout(close, HIDDEN_MS);
  } else if (!source) {
    turn(topics());
    connect();
  }
});
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    turn(topics());
    connect();
  }
});
addEventListener("online", () => {
  failures = 0;
  turn(topics()); // what was asked for without a network was not answered
  connect();
});
document.body.addEventListener("htmx:load", connect);

for (const fault of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(fault, (event) => {
    const topic = event.detail.elt?.dataset?.liveTopic;
    if (topic) setTimeout(() => navigator.onLine && !document.hidden && turn([topic]), ASK_AGAIN_MS);
  });
}

const before = new Map();
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const region = event.detail.target;
  if (region?.dataset?.liveTopic) before.set(region.id, numbersIn(region));
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  const region = event.target;
  if (before.has(region.id)) {
    move(region, before.get(region.id));
    before.delete(region.id);
  }
});

connect();
