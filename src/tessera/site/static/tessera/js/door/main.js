// The door on one device: opens the vault, makes a terminal of the device, then lets guests in one after another.
import { Withdrawn } from "./api.js";
import { Desk, whoIs } from "./desk.js";
import { enrolled } from "./enrol.js";
import { say, showBusy, showFits, showFound, showIdle, showLine, showReady, showRecent, showRefused, showTells,
  isIdle, terminalOf } from "./screen.js";
import { keepPage } from "./shell.js";
import { isMuted, mute, sign } from "./sounds.js";
import { Supervision } from "./supervise.js";
import { canSeal, openVault } from "./vault.js";
import { holdAwake } from "./wake.js";
import { Ways } from "./ways.js";
import { word, written } from "./words.js";

const AT_ONCE = "tessera.door.at-once";
const at = (id) => document.getElementById(id);
const { event, who, address } = terminalOf();
let desk, ways;
let found = null; // the guest who waits for a yes
let turn = 0; // answers to an earlier question are not shown
let admitting = false;
let pageKept = false;

// --- One guest after another ------------------------------------------------------------------------------------------

/** Ask about a guest, or let him in at once where that is wished. */
async function ask(named) {
  if (admitting) return;
  const mine = (turn += 1);
  waitFor(null);
  if (localStorage.getItem(AT_ONCE)) return admit(named);
  showBusy();
  const said = await desk.look(named);
  if (mine !== turn) return;
  if (said.outcome !== "found") return showNo(said);
  showFound(said, said.here || !said.guest.picture ? "" : undefined);
  waitFor(said);
  sign("found");
  const kept = await desk.roster.picture(said.guest.picture).catch(() => "");
  if (kept && mine === turn) showFound(said, kept);
}

/** Let a guest in; a second tap while it is under way does nothing. */
async function admit(named) {
  return letIn(() => desk.admit(named));
}

async function letIn(act) {
  if (admitting) return;
  admitting = true;
  turn += 1;
  waitFor(null);
  showBusy();
  try {
    const said = await act();
    if (said.outcome !== "fits") return showNo(said);
    showFits(said, badgeOf(said));
    sign("fits");
    ways.ready();
  } finally {
    admitting = false;
  }
}

function showNo(said) {
  if (said.outcome === "left") return;
  showRefused(said);
  sign("refused");
  ways.again(said.code);
}

/** Show or take away the yes at the thumb. */
function waitFor(said) {
  found = said;
  at("confirm").hidden = !said;
  if (said && matchMedia("(pointer: fine)").matches) at("let-in").focus({ preventScroll: true });
}

function badgeOf({ guest, registration_id, here }) {
  const id = registration_id ?? guest?.registration_id;
  const session = desk.session;
  return !here && id && session ? `${address}/badges/${id}` : "";
}

// --- What stands around it --------------------------------------------------------------------------------------------

function redraw() {
  showLine(desk);
  if (isIdle()) showIdle(desk);
  showRecent(desk, badgeOf);
  showReady(desk, pageKept);
  at("to-search").hidden = !desk.supervisor;
  at("to-walk-in").hidden = desk.session?.event.walk_ins === false;
  at("locks-part").hidden = !desk.supervisor;
  at("door-name").textContent = desk.session?.terminal.door ?? desk.terminal.door;
}

let redrawing;
function redrawSoon() {
  redrawing ??= requestAnimationFrame(() => {
    redrawing = undefined;
    redraw();
  });
}

function listen() {
  desk.addEventListener("changed", redrawSoon);
  desk.addEventListener("told", () => {
    redrawSoon();
    showTells(desk);
  });
  desk.addEventListener("left", ({ detail }) => showRest(detail));
  at("let-in").addEventListener("click", () => found && admit(found.who));
  at("not-him").addEventListener("click", () => {
    turn += 1;
    waitFor(null);
    showIdle(desk);
    ways.ready();
  });
  at("tells").addEventListener("click", async ({ target }) => {
    const id = target.closest("[data-part=tick]")?.dataset.id;
    if (!id) return;
    await desk.queue.tick(id);
    await showTells(desk);
  });
  document.addEventListener("keydown", (key) => {
    if (key.key === "Escape" && found) at("not-him").click();
  });
}

function listenToMenu(supervision) {
  at("at-once").checked = Boolean(localStorage.getItem(AT_ONCE));
  at("at-once").addEventListener("change", ({ target }) =>
    target.checked ? localStorage.setItem(AT_ONCE, "1") : localStorage.removeItem(AT_ONCE));
  at("with-sound").checked = !isMuted();
  at("with-sound").addEventListener("change", ({ target }) => mute(!target.checked));
  document.querySelector("[data-open=door-menu]").addEventListener("click", () => {
    redraw();
    if (desk.supervisor) supervision.showLocks();
  });
  at("hand-in").addEventListener("click", async () => {
    if (desk.queue.size) return say("hand-in-said", word("still_waiting", { count: written(desk.queue.size) }));
    at("door-menu").close();
    await desk.leave("handed_in");
  });
}

/** Everything was wiped: say why, with what was not taken in, and begin anew. */
function showRest({ why, numbers }) {
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  at("work").hidden = true;
  document.querySelector("[data-open=door-menu]").hidden = true;
  const name = numbers.length ? `rest_${why}_waiting` : `rest_${why}`;
  say("rest", word(name, { count: written(numbers.length), numbers: runs(numbers) }));
  at("enrol").hidden = false;
  if (why === "revoked") sign("refused");
  enrolled(desk.vault).then(() => location.reload());
}

/** Numbers as people read them: 1001–1012, 1020. */
function runs(numbers) {
  const parts = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
}

// --- Beginning --------------------------------------------------------------------------------------------------------

async function work(vault, terminal) {
  desk = new Desk(vault, terminal);
  at("work").hidden = false;
  document.querySelector("[data-open=door-menu]").hidden = false;
  ways = new Ways({
    ask: (text, code) => ask(whoIs(text, code)),
    walkIn: (phone, name) => letIn(() => desk.walkIn(phone, name)),
    refuse: (name) => {
      turn += 1;
      waitFor(null);
      showRefused({ code: name, sentence: word(name) });
      sign("refused");
    },
  });
  const supervision = new Supervision(desk, admit);
  listen();
  listenToMenu(supervision);
  redraw();
  holdAwake();
  keepPage(address).then((kept) => {
    pageKept = kept;
    redrawSoon();
  });
  await desk.open();
  await showTells(desk);
  const ticket = new URLSearchParams(location.search).get("ticket"); // scanned with the phone's own camera
  if (!ticket) return;
  history.replaceState(null, "", address);
  await ask(whoIs(ticket));
}

/** The device was set up by somebody else: what it holds is uploaded with his credential, then it is free. */
async function takeOver(vault, terminal) {
  at("other-person").hidden = false;
  desk = new Desk(vault, terminal);
  await desk.queue.load();
  if (desk.queue.size) say("other-waits", word("still_waiting", { count: written(desk.queue.size) }));
  await new Promise((done) => {
    at("take-over").addEventListener("click", async () => {
      try {
        await desk.roster.load();
        await desk.queue.upload(desk.server, () => {});
        if (!desk.queue.size) await vault.wipe();
      } catch (fault) {
        if (!(fault instanceof Withdrawn)) return say("other-waits", word("upload_failed"));
        await desk.leave("revoked");
      }
      if (vault.key) return say("other-waits", word("upload_failed")); // some of it was not taken in yet
      done();
    });
  });
  at("other-person").hidden = true;
}

async function begin() {
  if (!canSeal()) {
    at("unfit").hidden = false;
    return;
  }
  const vault = await openVault(event);
  let terminal = await vault.kept("terminal");
  if (terminal && terminal.who !== who) {
    at("opening").hidden = true;
    await takeOver(vault, terminal);
    terminal = undefined;
  }
  at("opening").hidden = true;
  if (!terminal) {
    const rest = await vault.kept("rest");
    if (rest) say("rest", word(rest.numbers.length ? `rest_${rest.why}_waiting` : `rest_${rest.why}`,
      { count: written(rest.numbers.length), numbers: runs(rest.numbers) }));
    terminal = await enrolled(vault);
  }
  await work(vault, terminal);
}

begin().finally(() => {
  at("opening").hidden = true;
});
