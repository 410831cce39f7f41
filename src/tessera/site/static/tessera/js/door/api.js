// The door's server: asked with the terminal's credential, with patience that ends. Away: no answer that could be trusted, so
// the door goes on by itself. Refused: the server's no. Withdrawn: this terminal may not work any more.
import { newId } from "./vault.js";

export const PATIENCE_MS = 4000;

export class Away extends Error {}

export class Refused extends Error {
  constructor(problem) {
    super(problem.code);
    this.code = problem.code;
    this.sentence = problem.detail;
    this.details = problem.details ?? {};
    this.status = problem.status;
  }
}

export class Withdrawn extends Error {}

export class Server {
  constructor({ credential, event }) {
    this.credential = credential;
    this.event = event;
    this.language = document.documentElement.lang;
  }

  look(who) {
    return this.ask("POST", `events/${this.event}/door-looks`, { body: who });
  }

  arrive(who, id) {
    return this.ask("POST", `events/${this.event}/arrivals`, { body: who, id });
  }

  upload(items) {
    return this.ask("POST", `events/${this.event}/arrivals/bulk`, { body: { items }, patience: 20_000 });
  }

  walkIns(items, patience = PATIENCE_MS) {
    return this.ask("POST", "door/walk-ins", { body: { items }, patience });
  }

  session(waiting) {
    return this.ask("GET", `door/session?${new URLSearchParams({ waiting })}`);
  }

  roster({ since, cursor, limit }) {
    const asked = new URLSearchParams({ limit });
    if (since) asked.set("since", since);
    if (cursor) asked.set("cursor", cursor);
    return this.ask("GET", `door/roster?${asked}`, { patience: 30_000 });
  }

  lease(numbers, id) {
    return this.ask("POST", "door/leases", { body: { numbers }, id });
  }

  guests(text) {
    return this.ask("GET", `door/guests?${new URLSearchParams({ q: text })}`);
  }

  undo(registration_id, reason, id) {
    return this.ask("POST", "door/undoings", { body: { registration_id, reason }, id });
  }

  locks() {
    return this.ask("GET", "door/locks");
  }

  unlock(what) {
    return this.ask("POST", "door/unlocks", { body: what });
  }

  async ask(method, path, { body, id = newId(), patience = PATIENCE_MS } = {}) {
    const headers = { Authorization: `Bearer ${this.credential}`, "Accept-Language": this.language };
    if (method !== "GET") Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": id });
    const [status, told] = await answered(`/api/v1/${path}`, { method, headers, body, patience });
    if (status < 300) return told;
    if (status === 401 || told.code === "terminal_revoked") throw new Withdrawn(told.code);
    throw new Refused({ ...told, status });
  }
}

async function answered(address, { method, headers, body, patience }) {
  if (navigator.onLine === false) throw new Away("no network");
  try {
    const answer = await fetch(address, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(patience),
    });
    if (answer.status >= 500) throw new Away(`status ${answer.status}`);
    return [answer.status, await answer.json()]; // a captive network answers too, and not in JSON
  } catch (fault) {
    throw fault instanceof Away ? fault : new Away(fault.name);
  }
}
