// Regions that turn when guests arrive, but not with every one of hundreds: at once, then every few seconds at most
// (data-slow-topic="arrivals", hx-trigger="turn"). The last word is never lost.
const PAUSE_MS = 6_000;
let waiting;
let turnedAt = 0;

function turn() {
  waiting = undefined;
  turnedAt = Date.now();
  for (const region of document.querySelectorAll("[data-slow-topic]")) {
    region.dispatchEvent(new CustomEvent("turn"));
  }
}

for (const topic of new Set([...document.querySelectorAll("[data-slow-topic]")].map((one) => one.dataset.slowTopic))) {
  document.body.addEventListener(`live:${topic}`, () => {
    const pause = turnedAt + PAUSE_MS - Date.now();
    if (pause <= 0) turn();
    else waiting ??= setTimeout(turn, pause + Math.random() * 2_000); // all pages heard it: not all ask at once
  });
}
