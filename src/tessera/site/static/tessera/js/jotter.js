// Notes numbers (<form data-jot>) and takes them out (<form data-unjot>), also without a connection: what is noted is kept
// in this browser first and sent when that works, each under an id of its own, so that it has effect once.
import { toast } from "./app.js";

const BASE = "tessera-jotter";
const AGAIN_MS = 15_000;
const waitingList = document.getElementById("jotter-waiting");
const refused = document.getElementById("jotter-refused");
const owner = document.querySelector("[data-owner]")?.dataset.owner;

function opened() {
  return new Promise((fulfil, fail) => {
    const asked = indexedDB.open(BASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("queue", { keyPath: "place", autoIncrement: true });
    asked.onsuccess = () => fulfil(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function inQueue(mode, work) {
  const base = await opened();
  try {
    return await new Promise((fulfil, fail) => {
      const deed = base.transaction("queue", mode);
      const asked = work(deed.objectStore("queue"));
      deed.oncomplete = () => fulfil(asked.result);
      deed.onerror = deed.onabort = () => fail(deed.error);
    });
  } finally {
    base.close(); // the worker deletes the base at sign-out
  }
}

const own = async () => (await inQueue("readonly", (queue) => queue.getAll())).filter((one) => one.owner === owner);

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send one: "sent", "later" (no connection, signed out, server away), or the sentence with which it was refused. */
async function send(one) {
  const token = document.cookie.match(/(?:^|; )tessera_csrf=([^;]+)/)?.[1] ?? "";
  const body = new URLSearchParams({ request_id: one.id, ...one.said });
  let answer;
  try {
    answer = await fetch(one.address, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": token } });
  } catch {
    return "later";
  }
  const away = answer.headers.get("HX-Redirect") ?? "";
  if (away.startsWith("/sign-in") || answer.status >= 500 || [401, 403, 408, 429].includes(answer.status)) return "later";
  if (answer.ok) return "sent";
  const told = new DOMParser().parseFromString(await answer.text(), "text/html");
  return told.querySelector("[role=alert]")?.textContent.trim() || String(answer.status);
}

async function flush() {
  const work = async () => {
    let sent = 0;
    for (const one of await own()) {
      const outcome = await send(one);
      if (outcome === "later") break;
      await inQueue("readwrite", (queue) => queue.delete(one.place));
      if (outcome === "sent") sent += 1;
      else tellRefusal(one, outcome);
    }
    if (sent) document.body.dispatchEvent(new CustomEvent("jotted"));
    await show();
    return sent;
  };
  return navigator.locks ? navigator.locks.request(BASE, work) : work();
}

function tellRefusal(one, sentence) {
  if (!refused) return toast(sentence);
  refused.querySelector("span").textContent = `${one.said.number ?? ""} · ${sentence}`;
  refused.hidden = false;
}

/** Show what was not sent yet. */
async function show() {
  if (!waitingList) return;
  const rows = (await own()).map((one) => {
    const row = waitingList.querySelector("template").content.cloneNode(true);
    row.querySelector("[data-number]").textContent = one.said.number ?? one.number;
    row.querySelector("[data-remark]").textContent = one.said.remark ?? "";
    const state = row.querySelector("[data-state]");
    state.textContent = one.number ? state.dataset.goes : state.dataset.waits;
    return row;
  });
  waitingList.querySelector("ul").replaceChildren(...rows);
  waitingList.hidden = rows.length === 0;
}

async function keep(form) {
  const said = {};
  for (const name of ["number", "remark"]) {
    const field = form.elements.namedItem(name);
    if (field) said[name] = field.value.trim();
  }
  const address = new URL(form.action).pathname;
  await inQueue("readwrite", (queue) => queue.add({ id: newId(), owner, address, said, number: form.dataset.number }));
  if ("empties" in form.dataset) {
    form.reset();
    form.elements.namedItem("number").focus();
  }
  refused?.setAttribute("hidden", "");
  await show();
  const sent = await flush();
  const waits = (await own()).length > 0;
  if (sent && form.dataset.noted) toast(form.dataset.noted);
  if (waits && form.dataset.waits) toast(form.dataset.waits);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-jot], [data-unjot]");
  if (!form || !form.reportValidity()) return;
  event.preventDefault();
  keep(form).catch(() => form.submit()); // a browser that keeps nothing sends the form as ever
});

// A region does not turn while somebody writes in it.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const region = event.detail.elt;
  if (region.id === "jottings" && region.contains(document.activeElement) && document.activeElement.matches("input[type=text]")) {
    event.preventDefault();
    document.activeElement.addEventListener("blur", () => setTimeout(() => document.body.dispatchEvent(new CustomEvent("jotted")), 300), { once: true });
  }
});

addEventListener("online", flush);
setInterval(async () => {
  if ((await own()).length) flush();
}, AGAIN_MS);
navigator.serviceWorker?.ready.then((worker) => worker.active?.postMessage({ keep: [location.pathname] }));
show();
flush();
