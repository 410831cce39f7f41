// What is seen: the states of the result, the line, the lists. Everything is text put into templates of the page.
import { hasWord, shownNumber, timeOf, word, written } from "./words.js";

const door = document.getElementById("door");
const result = document.getElementById("result");

/** Return a copy of a template with its slots filled; parts whose value is missing are left out. */
export function drawn(name, slots = {}) {
  const made = document.getElementById(`show-${name}`).content.cloneNode(true);
  for (const part of made.querySelectorAll("[data-part]")) part.hidden = !slots[part.dataset.part];
  for (const slot of made.querySelectorAll("[data-slot]")) {
    const value = slots[slot.dataset.slot];
    if (value instanceof Node) slot.replaceChildren(value);
    else slot.textContent = value ?? "";
  }
  return made;
}

export function say(id, text) {
  const element = document.getElementById(id);
  element.hidden = !text;
  (element.querySelector("[data-slot=text]") ?? element).textContent = text ?? "";
}

function show(state, made) {
  const number = made.querySelector(".door-number");
  number?.classList.toggle("is-long", number.textContent.length > 4);
  result.dataset.state = state;
  result.replaceChildren(made);
  if (state !== "idle") result.scrollIntoView({ block: "nearest" });
}

export function showIdle(desk) {
  const { session, roster } = desk;
  const waiting = desk.queue.size;
  const loading = !roster.isThere && session;
  const accepted = session ? word("of_accepted", { count: written(session.accepted) }) : word("arrived_only");
  const made = drawn("idle", {
    arrived: written((session?.arrived ?? 0) + waiting),
    accepted,
    text: word(loading ? "not_ready" : "ready_next"),
    loading: loading && word("downloading", { count: written(desk.loaded) }),
  });
  const progress = made.querySelector("progress");
  if (loading && desk.loaded) Object.assign(progress, { max: Math.max(session.accepted, desk.loaded), value: desk.loaded });
  show("idle", made);
}

export const isIdle = () => result.dataset.state === "idle" || result.dataset.state === undefined;

export const showBusy = () => show("busy", drawn("busy"));

/** A guest who may enter, with his face; `kept` is an address of his picture from the vault. */
export function showFound({ guest }, kept) {
  const { name, group } = guest;
  show("found", drawn("found", { name, group, face: face(name, kept || guest.picture) }));
}

function face(name, address) {
  if (!address) return document.createTextNode([...name][0] ?? "");
  const image = new Image();
  image.alt = "";
  image.src = address;
  image.addEventListener("error", () => image.replaceWith([...name][0] ?? ""));
  return image;
}

export function showFits({ guest, shown, here }, badge) {
  const made = drawn("fits", { name: guest.name, group: guest.group, shown, here, badge: Boolean(badge) });
  if (badge) made.querySelector("[data-part=badge]").href = badge;
  show("fits", made);
}

export function showRefused({ code, sentence, shown, time, door: where, name }) {
  const already = code === "already_arrived";
  const at = already && [time, where].filter(Boolean).join(" · ");
  const told = already && name ? name : sentence; // the number, the time and the door stand above it already
  show("refused", drawn("refused", { word: word(already ? "already" : "refused"), shown: already && shown, where: at, sentence: told }));
}

/** The line under the title: online, without network, uploading; how many numbers are in reserve. */
export function showLine({ line, queue, session }) {
  const element = document.getElementById("line");
  const waiting = queue.size;
  const name = line.state === "away" && waiting ? "state_away_waits" : `state_${line.state}`;
  const text = hasWord(name) ? word(name, { count: written(waiting) }) : "";
  const left = queue.left ? word("left", { count: written(queue.left) }) : "";
  element.dataset.state = line.state;
  element.dataset.low = String(Boolean(session) && queue.left < 15);
  put(element.querySelector("[data-slot=text]"), text);
  put(element.querySelector("[data-slot=left]"), left);
}

/** Write only what has changed: a status that is written again is read out again. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function showRecent(desk, badgeOf) {
  const { recent, session, supervisor } = desk;
  const rows = recent.map((one) => {
    const said = one.refused ? word("was_refused") : one.waits ? word("waits") : "";
    const note = [timeOf(one.at, session?.event), one.group, said].filter(Boolean).join(" · ");
    const badge = one.waits || !one.registration_id ? "" : badgeOf(one);
    const undo = supervisor && !one.waits && one.registration_id;
    const made = drawn("recent", { shown: one.shown, name: one.name, note, badge, undo });
    const link = made.querySelector("[data-part=badge]");
    if (badge) link.href = badge;
    const button = made.querySelector("[data-part=undo]");
    button.dataset.guest = one.registration_id ?? "";
    button.dataset.name = one.name;
    return made;
  });
  document.getElementById("recent").replaceChildren(...rows);
  document.getElementById("recent-empty").hidden = rows.length > 0;
}

export function showReady(desk, pageKept) {
  const { roster, queue, session } = desk;
  const parts = {
    page: [pageKept, ""],
    roster: [roster.isThere, written(roster.guests.size)],
    numbers: [queue.left > 0, written(queue.left)],
    server: [desk.line.state === "online", desk.seenAt ? timeOf(desk.seenAt, session?.event) : ""],
  };
  for (const [name, [done, count]] of Object.entries(parts)) {
    const part = document.querySelector(`#ready [data-part=${name}]`);
    part.dataset.done = String(Boolean(done));
    const slot = part.querySelector("[data-slot=count]");
    if (slot) slot.textContent = count;
  }
}

export async function showTells(desk) {
  const all = await desk.queue.listTold();
  say("to-tell", all.length ? word("to_tell", { count: written(all.length) }) : "");
  const event = desk.session?.event;
  const rows = all.map((one) => {
    const as = (number) => (number === undefined ? "" : shownNumber(number, event, one.group));
    const filled = { ...one, shown: as(one.number), void_number: as(one.void_number) };
    const made = drawn("tell", { name: one.name, text: word(`tell_${one.kind}`, filled), tick: true });
    made.querySelector("[data-part=tick]").dataset.id = one.id;
    return made;
  });
  document.getElementById("tells").replaceChildren(...rows);
  if (!all.length) document.getElementById("tell-sheet").close();
}

export const terminalOf = () => ({ event: door.dataset.event, who: door.dataset.who, address: door.dataset.address });
