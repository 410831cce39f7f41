// Who may enter, decided on the terminal itself: the same questions in the same order as the server's (check_in_v1.sql), asked
// of the roster and of the queue. A wrong code is counted here too.
import { fitsCode } from "./roster.js";

export const MOST_WRONG_OF_PHONE = 5;
export const MOST_WRONG_AT_TERMINAL = 20;
const door = document.getElementById("door");
const HOUR_MS = 3_600_000;
const TEN_MINUTES_MS = 600_000;

/** Return what is typed as a phone number in E.164; one without country code is of `calling`. "" where it cannot be one. */
export function normalPhone(typed, calling = door.dataset.callingCode) {
  const text = typed.trim().replace(/^00/, "+").replace(/[\s().-]/g, "");
  const digits = text.replace(/^\+/, "");
  if (!/^\d{5,15}$/.test(digits)) return "";
  if (text.startsWith("+") || (calling === "86" && /^86\d{11}$/.test(digits))) return `+${digits}`;
  return `+${calling}${digits.replace(/^0/, "")}`;
}

/** Return how a guest is named to the server and here: {ticket}, {phone, code} or {registration_id}. */
export function whoIs(text, code) {
  if (code === undefined) return { ticket: text.replace(/\/+$/, "").split("/").at(-1) };
  return { phone: text.trim(), code };
}

export class Pass {
  constructor({ roster, queue, vault, clock, session }) {
    Object.assign(this, { roster, queue, vault, clock, session });
  }

  /** Return {verdict, guest, ...}: "may_enter" or why not, by the code of the server's refusal. */
  async decide(who) {
    if (!this.roster.isThere) return { verdict: "roster_missing" };
    const event = this.session()?.event;
    if (event?.status === "cancelled") return { verdict: "event_cancelled" };
    const found = await this.find(who);
    if (found.verdict) return found;
    const { guest } = found;
    const here = this.queue.of(guest.registration_id);
    if (here) return { verdict: "already_arrived", guest, number: here.number, arrived_at: here.arrived_at, here: true };
    if (guest.number !== null) {
      return { verdict: "already_arrived", guest, number: guest.number, arrived_at: guest.arrived_at };
    }
    if (event && this.clock.now() < Date.parse(event.doors_at)) return { verdict: "door_not_open", guest };
    return { verdict: "may_enter", guest };
  }

  async find({ ticket, phone, code, registration_id }) {
    if (registration_id) {
      const guest = this.roster.guests.get(registration_id);
      return guest ? { guest } : { verdict: "guest_unknown" };
    }
    if (ticket !== undefined) {
      const [guest] = this.roster.byTicket.get(await this.roster.hash(ticket)) ?? [];
      return guest ? { guest } : { verdict: "ticket_unknown" };
    }
    const isTail = /^\d{4}$/.test(phone);
    const whole = isTail ? phone : normalPhone(phone);
    if (!whole) return { verdict: "phone_invalid" };
    const hash = await this.roster.hash(whole);
    if (await this.isLocked(hash)) return { verdict: "guesses_locked" };
    const named = (isTail ? this.roster.byTail : this.roster.byPhone).get(hash) ?? [];
    const fitting = [];
    for (const guest of named) if (await fitsCode(guest, code)) fitting.push(guest);
    if (fitting.length === 1) return { guest: fitting[0] };
    if (fitting.length > 1) return { verdict: "guest_ambiguous" };
    const tries = await this.countGuess(named.length ? hash : "");
    return named.length ? { verdict: "door_code_wrong", tries } : { verdict: "guest_unknown" };
  }

  /** Return {mark} of a walk-in's phone number, or why he is none: he is on the list. */
  async knownPhone(phone) {
    const whole = normalPhone(phone);
    if (!whole) return { verdict: "phone_invalid" };
    if (!this.roster.isThere) return { verdict: "roster_missing" };
    const mark = await this.roster.hash(whole);
    const [guest] = this.roster.byPhone.get(mark) ?? [];
    return guest ? { verdict: "is_on_the_list", guest } : { mark };
  }

  async guesses() {
    const known = (await this.vault.kept("guesses")) ?? {};
    const now = Date.now();
    const young = ([subject, { since }]) => now - since < (subject ? HOUR_MS : TEN_MINUTES_MS);
    return Object.fromEntries(Object.entries(known).filter(young));
  }

  async isLocked(hash) {
    const known = await this.guesses();
    return known[hash]?.wrong >= MOST_WRONG_OF_PHONE || known[""]?.wrong >= MOST_WRONG_AT_TERMINAL;
  }

  /** Count a wrong code of a number (its hash; "": of nobody) and at this terminal; return how many tries are left. */
  async countGuess(hash) {
    const known = await this.guesses();
    for (const subject of new Set([hash, ""])) {
      const before = known[subject] ?? { wrong: 0, since: Date.now() };
      known[subject] = { ...before, wrong: before.wrong + 1 };
    }
    await this.vault.keep("guesses", known);
    return hash ? Math.max(0, MOST_WRONG_OF_PHONE - known[hash].wrong) : 0;
  }

  /** A supervisor lets them try again. */
  unlock() {
    return this.vault.keep("guesses", {});
  }
}
