// The member code: drawn here, from this device's secret and the minute; so it needs no connection.
import { encode } from "../../vendor/uqr/uqr.mjs";
import "./arrival.js";
import { ask, canHoldSecrets, codeOf, fetchDevice, keepOffset, keptDevice, minute } from "./device.js";
import "./kept.js";

const face = document.getElementById("code");
const drawing = document.querySelector("#qr svg");
const digits = document.getElementById("digits");
const ring = document.getElementById("ring");
const unready = document.getElementById("unready");
const person = face.dataset.person;
let device;
let short; // {code, until}: eight digits from the server, while there is a connection

function draw(code) {
  const { data, size } = encode(`${location.origin}/m/${code}`, { ecc: "M", border: 2 });
  let path = "";
  data.forEach((row, y) => {
    for (let x = 0; x < size; x += 1) {
      if (!row[x]) continue;
      let run = 1;
      while (row[x + run]) run += 1;
      path += `M${x} ${y}h${run}v1h-${run}z`;
      x += run;
    }
  });
  drawing.setAttribute("viewBox", `0 0 ${size} ${size}`);
  drawing.firstElementChild.setAttribute("d", path);
}

function tell(code) {
  const groups = code.length === 8 ? [4, 4] : [4, 4, 3, 3];
  let from = 0;
  digits.textContent = groups.map((length) => code.slice(from, (from += length))).join(" ");
  digits.classList.toggle("is-long", code.length > 8);
}

function turnRing(left) {
  ring.style.animation = "none";
  ring.getBoundingClientRect(); // so that the animation begins anew
  ring.style.animation = `ring-empties 60s linear -${60 - left / 1000}s`;
}

let asking; // one request at a time
function freshShort() {
  if (short && short.until - Date.now() > 3000) return undefined;
  asking ??= askShort().finally(() => (asking = undefined));
  return asking;
}

async function askShort() {
  const told = navigator.onLine ? await ask("/code/short") : undefined;
  short = told && { code: told.code, until: Date.now() + told.left_s * 1000 };
  if (short) tell(short.code);
  if (told && device) await keepOffset(device, told.offset);
}

async function show() {
  if (document.hidden) return;
  const { step, left } = minute(device?.offset ?? 0);
  const own = device && (await codeOf(device, step));
  if (own) draw(own);
  if (!short && own && !navigator.onLine) tell(own);
  turnRing(left);
  await freshShort();
  if (short) tell(short.code);
  else if (own) tell(own);
  if (!own && short) draw(short.code);
  unready.hidden = Boolean(own || short);
}

let next;
async function turn() {
  clearTimeout(next);
  await show().catch(() => {});
  const { left } = minute(device?.offset ?? 0);
  const until = short ? Math.max(1000, short.until - Date.now()) : left;
  next = setTimeout(turn, Math.min(left, until) + 50);
}

async function stayAwake() {
  if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => {});
}

async function begin() {
  stayAwake();
  freshShort();
  if (canHoldSecrets) {
    const kept = await keptDevice(person);
    const known = kept && kept.number === face.dataset.device;
    device = known || !navigator.onLine ? kept : ((await fetchDevice(person)) ?? kept);
  }
  turn();
}

document.addEventListener("visibilitychange", () => {
  stayAwake();
  turn();
});
addEventListener("online", begin);
addEventListener("offline", turn);
document.body.addEventListener("live:wallet", () => {
  short = undefined; // used, most likely
  turn();
});
begin();
