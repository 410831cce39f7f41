// Arrivals that the server does not know yet, and the numbers this terminal may give by itself. An arrival and its number are
// written in one transaction, on the disk, before the number is shown; an upload may be repeated, each arrival has its own id.
import { Away, Withdrawn } from "./api.js";
import { newId } from "./vault.js";

const BATCH = 250;
const FEWEST_LEFT = 15;
const BLOCK = 50;
const MOST_TRIES = 5;

export class Queue {
  constructor({ vault, roster, clock }) {
    Object.assign(this, { vault, roster, clock });
    this.waiting = new Map(); // id -> what is sealed
    this.leases = [];
    this.turn = Promise.resolve();
  }

  async load() {
    this.leases = (await this.vault.kept("leases")) ?? [];
    this.waiting.clear();
    const all = await this.vault.database.getAll("queue");
    for (const { id, sealed, tries } of all) this.waiting.set(id, { ...(await this.vault.open(sealed)), tries });
  }

  get size() {
    return this.waiting.size;
  }

  /** How many numbers are left to give without a network. */
  get left() {
    return this.leases.reduce((sum, { last_number, next }) => sum + Math.max(0, last_number - next + 1), 0);
  }

  /** Return what waits for this guest, or undefined. */
  of(registration_id) {
    return [...this.waiting.values()].find((one) => one.registration_id === registration_id);
  }

  /** Take over the blocks that the server says are ours; what was given by us stays given. */
  adopt(leases) {
    return this.alone(async () => {
      const own = new Map(this.leases.map((one) => [one.first_number, one.next]));
      this.leases = leases.map(({ first_number, last_number, used }) => ({
        first_number,
        last_number,
        next: Math.max(own.get(first_number) ?? first_number, ...used.map((one) => one + 1)),
      }));
      await this.vault.keep("leases", this.leases);
    });
  }

  /** Lease another block before the last numbers are given; the same request until it is answered. */
  async leaseMore(server) {
    if (this.left >= FEWEST_LEFT) return;
    const id = (await this.vault.kept("asks_lease")) ?? newId();
    await this.vault.keep("asks_lease", id);
    const block = await server.lease(BLOCK, id);
    await this.alone(async () => {
      const known = this.leases.some(({ first_number }) => first_number === block.first_number);
      if (!known) this.leases.push({ ...block, next: block.first_number });
      await this.vault.change(["keep"], (whole) => [
        whole.objectStore("keep").put(this.leases, "leases"),
        whole.objectStore("keep").delete("asks_lease"),
      ]);
    });
  }

  /** Record an arrival, or a walk-in, with the next number; return it, or null where no number is left.
   *
   * `what` is {registration_id, name, group, ...} of a guest or {phone, name} of a walk-in; `mark` is what may stand in the
   * clear to know the guest again: his registration, or the hash of his phone number.
   */
  record(what, { mark, at, kind = "arrival" }) {
    return this.alone(async () => {
      const lease = this.leases.find(({ last_number, next }) => next <= last_number);
      if (!lease) return null;
      const id = newId();
      const item = { ...what, id, kind, number: lease.next, arrived_at: new Date(at).toISOString() };
      const sealed = await this.vault.seal(item);
      const leases = this.leases.map((one) => (one === lease ? { ...one, next: one.next + 1 } : one));
      await this.vault.change(["queue", "keep"], (whole) => [
        whole.objectStore("queue").add({ id, guest: mark, sealed, tries: 0 }),
        whole.objectStore("keep").put(leases, "leases"),
      ]);
      this.leases = leases;
      this.waiting.set(id, { ...item, tries: 0 });
      return item;
    });
  }

  /** Upload everything that waits, oldest first. `told(item, answer)` hears each answer that is final. Refuses Away, Withdrawn. */
  async upload(server, told) {
    const ways = [
      ["arrival", (items) => server.upload(items)],
      ["walk_in", (items) => server.walkIns(items, 20_000)],
    ];
    for (const [kind, send] of ways) {
      const all = [...this.waiting.values()].filter((one) => one.kind === kind);
      all.sort((one, other) => one.number - other.number);
      for (let from = 0; from < all.length; from += BATCH) {
        const part = all.slice(from, from + BATCH);
        const { items } = await send(part.map(sent));
        for (const [place, item] of part.entries()) await this.settle(item, items[place], told);
      }
    }
  }

  async settle(item, answer, told) {
    if (answer.code === "terminal_revoked") throw new Withdrawn(answer.code);
    if (answer.status >= 500 || answer.status === 429) return this.postpone(item);
    const known = answer.answer ?? answer.details ?? {};
    const registration_id = item.registration_id ?? known.registration_id;
    const final = known.number !== undefined && (answer.status === 201 || answer.code === "already_arrived");
    if (registration_id && final) {
      const arrived_at = known.arrived_at ?? known.at ?? item.arrived_at;
      await this.roster.note({ registration_id, number: known.number, arrived_at });
    }
    const tell = toTell(item, answer, known);
    const sealed = tell && (await this.vault.seal(tell));
    await this.vault.change(["queue", "tell"], (whole) => [
      whole.objectStore("queue").delete(item.id),
      sealed && whole.objectStore("tell").put({ id: item.id, sealed }),
    ]);
    this.waiting.delete(item.id);
    told(item, answer, tell);
    return undefined;
  }

  async postpone(item) {
    const tries = item.tries + 1;
    this.waiting.set(item.id, { ...item, tries });
    await this.vault.change(["queue"], async (whole) => {
      const store = whole.objectStore("queue");
      const kept = await store.get(item.id);
      if (kept) await store.put({ ...kept, tries });
    });
    if (tries < MOST_TRIES) throw new Away("postponed");
  }

  /** What guests have to be told, until somebody has ticked it. */
  async listTold() {
    const all = await this.vault.database.getAll("tell");
    return Promise.all(all.map(async ({ id, sealed }) => ({ id, ...(await this.vault.open(sealed)) })));
  }

  tick(id) {
    return this.vault.database.delete("tell", id);
  }

  /** One after another: a number is given once. */
  alone(act) {
    this.turn = this.turn.then(act, act);
    return this.turn;
  }
}

function sent({ kind, id, number, arrived_at, registration_id, phone, name }) {
  const who = kind === "arrival" ? { registration_id } : { phone, name };
  return { id, number, arrived_at, ...who };
}

/** Return what the guest has to hear about his number; nothing where it is as he was told. */
function toTell(item, answer, known) {
  const { name, number, group = "" } = item;
  const about = { name, number, group };
  if (answer.status === 201) {
    if (known.number !== number) return { ...about, kind: "renumbered", now: known.shown };
    if (known.void_number !== null && known.void_number !== number && !item.asked) {
      return { ...about, kind: "other_void", void_number: known.void_number };
    }
    return null;
  }
  if (answer.code === "already_arrived") {
    if (known.number === number) return null;
    return { ...about, kind: "void", now: known.shown, door: known.door, time: known.time };
  }
  return { ...about, kind: "refused", sentence: answer.detail };
}
