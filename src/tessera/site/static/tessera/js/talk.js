// A conversation: sends without leaving the page, keeps what could not be sent, stays at the end while new lines come.
// Without this script the form is sent as any other.
const said = document.getElementById("said");
const news = document.getElementById("news");
const wide = matchMedia("(min-width: 64rem)");
const coarse = matchMedia("(pointer: coarse)");
const draft = `talk:${location.pathname}`;
const sent = new Map(); // id of a message that the server has -> the line that stood for it
let sending = false;
let again = false; // sent once more was asked for while the last one was on its way
let failed = null; // what the server may have or not: sent again under the same id, it counts once

const composer = () => document.getElementById("composer");
const field = () => composer()?.elements.text;
const atEnd = () => said.scrollTop > -80;
const toEnd = () => said.scrollTo({ top: 0 });

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

function fit() {
  const area = field();
  if (!area || CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

function count() {
  const form = composer();
  if (!form) return;
  const left = Number(form.dataset.longest) - [...form.elements.text.value].length;
  const shown = document.getElementById("composer-left");
  shown.hidden = left > 100;
  shown.textContent = String(left);
}

function keep() {
  try {
    if (field()?.value) sessionStorage.setItem(draft, field().value);
    else sessionStorage.removeItem(draft);
  } catch {
    // no storage: the draft lives as long as the page
  }
}

function restore() {
  try {
    if (field() && !field().value) field().value = sessionStorage.getItem(draft) ?? "";
  } catch {
    // no storage
  }
  fit();
  count();
}

function tell(sentence) {
  const place = document.getElementById("composer-said");
  if (place) place.textContent = sentence;
}

/** Show a line that is on its way. */
function show(text) {
  const line = document.getElementById("sending").content.cloneNode(true).firstElementChild;
  line.querySelector(".talk-words").textContent = text;
  document.getElementById("messages").append(line);
  toEnd();
  return line;
}

/** Take away the lines whose messages have come. */
function settle() {
  for (const [id, line] of sent) {
    if (!document.getElementById(id)) continue;
    line.remove();
    sent.delete(id);
  }
}

async function send(form) {
  const text = form.elements.text.value;
  again = sending;
  if (sending || !text.trim()) return;
  const id = failed?.text === text ? failed.id : newId();
  const body = new FormData(form);
  body.set("request_id", id);
  sending = true;
  tell("");
  form.elements.text.value = "";
  keep();
  fit();
  count();
  const line = show(text);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual" });
    const place = answer.headers.get("HX-Redirect") ?? "";
    if (answer.status !== 204) {
      failed = null;
      throw new Error(answer.headers.get("Content-Type")?.startsWith("text/plain") ? await answer.text() : form.dataset.failed);
    }
    failed = null;
    if (!place.includes("#")) return location.assign(place); // signed out meanwhile
    sent.set(place.split("#")[1], line);
    settle();
    htmx.trigger(news, "talk-sent");
  } catch (fault) {
    line.remove();
    const area = field();
    if (!area) return location.reload();
    area.value = area.value ? `${text}\n${area.value}` : text;
    const lost = fault instanceof TypeError; // no answer came: it may have arrived
    if (lost) failed = { id, text };
    tell(lost ? form.dataset.failed : fault.message);
    keep();
    fit();
    count();
    again = false;
  } finally {
    sending = false;
    if (again && composer()) send(composer());
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "composer") return;
  event.preventDefault();
  send(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.target !== field() || event.key !== "Enter" || event.isComposing) return;
  if (event.shiftKey || (coarse.matches && !event.ctrlKey && !event.metaKey)) return;
  event.preventDefault();
  composer().requestSubmit();
});

document.addEventListener("input", (event) => {
  if (event.target !== field()) return;
  keep();
  fit();
  count();
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "messages") event.detail.target.dataset.stays = atEnd() ? "end" : "";
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "messages") return;
  settle();
  if (event.target.dataset.stays === "end") toEnd();
  for (const line of sent.values()) event.target.append(line);
});

document.body.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target?.id === "talk-foot") restore();
});

// the other conversations are seen on a wide screen alone: nobody else asks for them
document.body.addEventListener("live:talk", () => {
  const rows = document.getElementById("talk-rows");
  if (rows && wide.matches) htmx.trigger(rows, "talk-rows");
});

restore();
