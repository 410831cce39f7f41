// One terminal at work: what it knows, whom it asks, and how a guest comes in, with the server or without it.
import { Away, Refused, Server, Withdrawn } from "./api.js";
import { Clock } from "./clock.js";
import { Line } from "./line.js";
import { Pass, whoIs } from "./pass.js";
import { Queue } from "./queue.js";
import { Roster } from "./roster.js";
import { newId } from "./vault.js";
import { shownNumber, timeOf, word } from "./words.js";

const MOST_RECENT = 10;
const GRACE_MS = 12 * 3_600_000;

export class Desk extends EventTarget {
  constructor(vault, terminal) {
    super();
    this.vault = vault;
    this.terminal = terminal;
    this.session = null;
    this.recent = [];
    this.loaded = 0;
    this.clock = new Clock();
    this.server = new Server(terminal);
    this.roster = new Roster(vault);
    this.queue = new Queue({ vault, roster: this.roster, clock: this.clock });
    this.pass = new Pass({ ...this, session: () => this.session });
    this.line = new Line(() => this.meet());
    this.line.addEventListener("withdrawn", () => this.leave("revoked"));
    this.line.addEventListener("turned", () => this.tell());
  }

  get supervisor() {
    return Boolean(this.session?.terminal.supervisor);
  }

  tell(name = "changed", detail = undefined) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  async open() {
    this.clock.offset = (await this.vault.kept("offset")) ?? 0;
    this.session = (await this.vault.sealedAway("session")) ?? null;
    this.recent = (await this.vault.sealedAway("recent")) ?? [];
    await this.roster.load();
    await this.queue.load();
    navigator.storage?.persist?.().catch(() => {});
    await this.line.go();
    this.tell();
  }

  /** Meet the server: who we are, what waits, what has changed, numbers in reserve. */
  async meet() {
    const asked = performance.now();
    const session = await this.server.session(this.queue.size);
    if (!session.vault_key) throw new Withdrawn("no key");
    const offset = this.clock.learn(session.server_time, asked);
    delete session.vault_key;
    this.session = session;
    this.seenAt = this.clock.now();
    await Promise.all([
      this.vault.keep("offset", offset),
      this.vault.keep("ends_at", session.event.ends_at),
      this.vault.sealAway("session", session),
    ]);
    if (this.isLongOver()) return this.leave("over");
    if (this.queue.size) {
      this.line.turn("uploading");
      await this.queue.upload(this.server, (item, answer, tell) => this.settled(item, answer, tell));
      await this.saveRecent();
    }
    this.line.turn("online");
    this.tell();
    await this.prepare();
  }

  /** Make ready for a cut network. What fails here is tried again at the next meeting; the door works meanwhile. */
  async prepare() {
    const parts = [
      () => this.queue.adopt(this.session.leases),
      () => this.queue.leaseMore(this.server),
      () => this.roster.refresh(this.server, (done) => this.telling(done)),
    ];
    for (const part of parts) {
      try {
        await part();
      } catch (fault) {
        if (!(fault instanceof Refused)) throw fault;
      }
    }
    this.loaded = 0;
    this.tell();
    this.pictures ??= this.roster.fetchPictures(() => this.line.isOnline).finally(() => (this.pictures = null));
  }

  telling(done) {
    this.loaded = done;
    this.tell();
  }

  isLongOver() {
    return this.session && !this.queue.size && this.clock.now() > Date.parse(this.session.event.ends_at) + GRACE_MS;
  }

  /** Wipe all and stop; what was not taken in is counted, with the numbers that were given, and no name. */
  async leave(why) {
    this.line.end();
    const numbers = [...this.queue.waiting.values()].map(({ number }) => number).sort((one, other) => one - other);
    await this.vault.wipe({ why, numbers });
    this.tell("left", { why, numbers });
  }

  // --- A guest ------------------------------------------------------------------------------------------------------

  /** Look a guest up: {outcome: "found", who, guest} or a refusal. */
  async look(who) {
    if (this.line.isOnline) {
      try {
        const guest = await this.server.look(who);
        return this.queue.of(guest.registration_id) ? this.decideHere(who) : { outcome: "found", who, guest };
      } catch (fault) {
        const said = await this.said(fault);
        if (said) return said;
      }
    }
    return this.decideHere(who);
  }

  async decideHere(who) {
    const found = await this.pass.decide(who);
    if (found.verdict === "may_enter") return { outcome: "found", who, guest: found.guest, here: true };
    return this.refusal(found);
  }

  /** Let a guest in, once however often it is asked: {outcome: "fits", guest, shown, ...} or a refusal. */
  async admit(who) {
    const at = this.clock.now();
    let asked = false;
    if (this.line.isOnline) {
      try {
        const done = await this.server.arrive(who, newId());
        await this.arrived(done);
        return { outcome: "fits", guest: done, number: done.number, shown: done.shown };
      } catch (fault) {
        const said = await this.said(fault);
        if (said) return said;
        asked = true; // perhaps it was recorded there: our earlier moment then holds, and our number
      }
    }
    const found = await this.pass.decide(who);
    if (found.verdict !== "may_enter") return this.refusal(found);
    return this.record(found.guest, at, asked);
  }

  async record({ registration_id, name, group, picture }, at, asked) {
    const event = this.session?.event;
    const lease = { registration_id, name, group, asked };
    const item = await this.queue.record(lease, { mark: registration_id, at }).catch(refusedTwice);
    if (item === null) return this.refusal({ verdict: "no_numbers" });
    if (item === undefined) return this.refusal(await this.pass.decide({ registration_id }));
    const shown = shownNumber(item.number, event, group);
    const guest = { registration_id, name, group, picture };
    await this.remember({ ...guest, id: item.id, shown, at, waits: true });
    return { outcome: "fits", guest, number: item.number, shown, here: true };
  }

  /** Take in somebody who has not registered: with the server, or by ourselves. */
  async walkIn(phone, name) {
    const at = this.clock.now();
    if (this.line.isOnline) {
      try {
        const { items } = await this.server.walkIns([{ id: newId(), phone, name }]);
        const [said] = items;
        if (said.status !== 201) return this.refused({ code: said.code, sentence: said.detail, details: said.details });
        await this.arrived(said.answer);
        return { outcome: "fits", guest: said.answer, number: said.answer.number, shown: said.answer.shown };
      } catch (fault) {
        const said = await this.said(fault);
        if (said) return said;
      }
    }
    const known = await this.pass.knownPhone(phone);
    if (known.verdict) return this.refusal(known);
    const item = await this.queue.record({ phone, name }, { mark: known.mark, at, kind: "walk_in" }).catch(refusedTwice);
    if (!item) return this.refusal({ verdict: item === null ? "no_numbers" : "walk_in_waits" });
    const shown = shownNumber(item.number, this.session?.event);
    const guest = { name, group: "", picture: "" };
    await this.remember({ ...guest, id: item.id, shown, at, waits: true });
    return { outcome: "fits", guest, number: item.number, shown, here: true };
  }

  async undo(registration_id, reason) {
    await this.server.undo(registration_id, reason, newId());
    await this.roster.note({ registration_id, number: null, arrived_at: null });
    this.recent = this.recent.filter((one) => one.registration_id !== registration_id);
    await this.saveRecent();
  }

  // --- What comes of it ---------------------------------------------------------------------------------------------

  async arrived({ registration_id, name, group, picture, shown, number, arrived_at }) {
    await this.roster.note({ registration_id, number, arrived_at });
    if (this.session) this.session.arrived += 1;
    await this.remember({ registration_id, name, group, picture, shown, id: registration_id, at: Date.parse(arrived_at) });
  }

  async remember(one) {
    this.recent = [one, ...this.recent.filter(({ id }) => id !== one.id)].slice(0, MOST_RECENT);
    await this.saveRecent();
  }

  async saveRecent() {
    await this.vault.sealAway("recent", this.recent);
    this.tell();
  }

  settled(item, answer, tell) {
    const known = answer.answer;
    const recent = this.recent.find(({ id }) => id === item.id);
    if (recent) Object.assign(recent, { waits: false, registration_id: known?.registration_id ?? recent.registration_id });
    if (recent && known) recent.shown = known.shown;
    if (recent && !known && tell) recent.refused = true;
    if (known && this.session) this.session.arrived += 1;
    this.tell(tell ? "told" : "changed");
  }

  /** A fault of asking, as the screen says it; nothing where the door goes on by itself. */
  async said(fault) {
    if (fault instanceof Refused) return this.refused(fault);
    if (fault instanceof Withdrawn) {
      await this.leave("revoked");
      return { outcome: "left" };
    }
    if (!(fault instanceof Away)) throw fault;
    this.line.lose();
    return null;
  }

  refused({ code, sentence, details }) {
    const { number, shown, time, door, name } = details ?? {};
    return { outcome: "refused", code, sentence, number, shown, time, door, name };
  }

  /** A refusal that was decided here, in words of the page. */
  refusal({ verdict, guest, number, arrived_at, tries, here }) {
    const event = this.session?.event;
    const filled = { name: guest?.name ?? "", tries: tries ?? "" };
    if (verdict === "door_not_open") filled.opens = timeOf(event.doors_at, event);
    const told = { outcome: "refused", code: verdict, name: filled.name, guest };
    if (verdict !== "already_arrived") return { ...told, sentence: word(verdict, filled) };
    const shown = shownNumber(number, event, guest.group);
    const time = arrived_at ? timeOf(arrived_at, event) : "";
    const door = here ? this.session?.terminal.door : "";
    return { ...told, sentence: word(verdict, { ...filled, shown, time }), number, shown, time, door };
  }
}

/** The guest is in the queue already (another window of this terminal let him in). */
function refusedTwice(fault) {
  if (fault.name === "ConstraintError" || fault.name === "AbortError") return undefined;
  throw fault;
}

export { whoIs };
