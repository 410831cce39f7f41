// The accepted guests on this terminal: downloaded in pages, kept sealed, found by hashes of what is typed or scanned. Changes
// are asked for now and then; what this terminal did itself is noted at once, so that a cut network finds it known.
const PAGE = 2000;
const MOST_CHANGES = 200; // then the pages are written anew
const MOST_PICTURES = 3000;
const written = new TextEncoder();

export class Roster {
  constructor(vault) {
    this.vault = vault;
    this.guests = new Map();
    this.mark = undefined;
    this.salt = undefined;
    this.changes = 0;
    this.turn = Promise.resolve();
    this.sinceBegin = null;
  }

  get isThere() {
    return this.mark !== undefined;
  }

  /** Read what was kept; nothing is there before the first download has ended. */
  async load() {
    const about = await this.vault.sealedAway("roster");
    if (!about) return;
    const boxes = await this.vault.database.getAll("roster");
    const guests = new Map();
    for (const box of boxes) take(guests, await this.vault.open(box));
    this.changes = boxes.length;
    await this.index(guests, about);
  }

  /** Make the ways by which a guest is found; until they are made the ones before hold. */
  async index(guests, { mark, salt }) {
    const by = (name) => {
      const found = new Map();
      for (const guest of guests.values()) {
        const known = found.get(guest[name]);
        if (known) known.push(guest);
        else found.set(guest[name], [guest]);
      }
      return found;
    };
    const ways = { byPhone: by("phone_hash"), byTail: by("tail_hash"), byTicket: by("ticket_hash") };
    const saltKey = salt === this.salt ? this.saltKey : await keyOf(salt);
    Object.assign(this, ways, { guests, mark, salt, saltKey });
  }

  /** Download everything (`told(done)` says how many) or, once there, what has changed. */
  async refresh(server, told = () => {}) {
    await (this.isThere ? this.refreshChanges(server) : this.download(server, told));
  }

  async download(server, told) {
    const pages = [];
    this.sinceBegin = [];
    let about, cursor;
    do {
      const page = await server.roster({ cursor, limit: PAGE });
      about ??= { mark: page.mark, salt: page.salt }; // the first page's mark: what changed meanwhile comes again
      pages.push(page.items);
      told(pages.reduce((sum, one) => sum + one.length, 0));
      cursor = page.next_cursor;
    } while (cursor);
    await this.alone(() => this.replace(pages, about));
  }

  async replace(pages, about) {
    const notes = { notes: this.sinceBegin };
    this.sinceBegin = null;
    const changes = [...pages.map((items) => ({ items })), notes];
    await this.write(changes, about);
    const guests = new Map();
    for (const change of changes) take(guests, change);
    await this.index(guests, about);
  }

  async write(changes, about) {
    const boxes = [];
    for (const change of changes) boxes.push(await this.vault.seal(change));
    const sealed = await this.vault.seal(about);
    await this.vault.change(["roster", "sealed"], (whole) => [
      whole.objectStore("roster").clear(),
      ...boxes.map((box, place) => whole.objectStore("roster").put(box, place)),
      whole.objectStore("sealed").put(sealed, "roster"),
    ]);
    this.changes = boxes.length;
  }

  async refreshChanges(server) {
    let cursor, mark;
    const all = { items: [], removed: [] };
    do {
      const page = await server.roster({ since: this.mark, cursor, limit: PAGE });
      mark ??= page.mark;
      all.items.push(...page.items);
      all.removed.push(...(page.removed ?? []));
      cursor = page.next_cursor;
    } while (cursor);
    const isNews = all.items.length + all.removed.length > 0;
    await this.alone(async () => {
      this.mark = mark;
      if (!isNews) return;
      await this.append(all, { mark, salt: this.salt });
      take(this.guests, all);
      await this.index(this.guests, this);
    });
    if (this.changes > MOST_CHANGES + this.guests.size / PAGE) await this.alone(() => this.gather());
  }

  /** Note what happened to one guest here: {registration_id, number, arrived_at}. */
  note(note) {
    this.sinceBegin?.push(note);
    take(this.guests, { notes: [note] });
    return this.alone(async () => {
      take(this.guests, { notes: [note] }); // a download may have ended meanwhile
      if (this.isThere) await this.append({ notes: [note] });
    });
  }

  async append(change, about) {
    const box = await this.vault.seal(change);
    const sealed = about && (await this.vault.seal(about));
    await this.vault.change(["roster", "sealed"], async (whole) => {
      const store = whole.objectStore("roster");
      const last = await store.openKeyCursor(null, "prev");
      await store.put(box, (last?.key ?? -1) + 1);
      if (sealed) await whole.objectStore("sealed").put(sealed, "roster");
    });
    this.changes += 1;
  }

  /** Write the pages anew, without their changes. */
  async gather() {
    const all = [...this.guests.values()];
    const pages = [];
    for (let from = 0; from < all.length; from += PAGE) pages.push({ items: all.slice(from, from + PAGE) });
    await this.write(pages, { mark: this.mark, salt: this.salt });
  }

  /** One writer at a time. */
  alone(act) {
    this.turn = this.turn.then(act, act);
    return this.turn;
  }

  hash(text) {
    return digest(this.saltKey, text);
  }

  /** Names that hold the words, or guests with these last four digits: for a supervisor without a network. */
  async search(text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted || !this.saltKey) return [];
    const tail = /^\d{4}$/.test(wanted) ? (this.byTail.get(await this.hash(wanted)) ?? []) : [];
    const named = [...this.guests.values()].filter(({ name }) => name.toLowerCase().includes(wanted));
    return [...new Set([...tail, ...named])].slice(0, 30);
  }

  /** Fetch the small pictures that are not here yet, a few at a time, and keep them sealed. */
  async fetchPictures(mayGoOn) {
    const here = new Set(await this.vault.database.getAllKeys("pictures"));
    const wanted = [...this.guests.values()].map(({ picture }) => picture).filter((one) => one && !here.has(one));
    for (const address of wanted.slice(0, Math.max(0, MOST_PICTURES - here.size))) {
      if (!mayGoOn()) return;
      try {
        const answer = await fetch(small(address), { signal: AbortSignal.timeout(10_000) });
        if (!answer.ok) continue;
        const box = await this.vault.seal(await answer.arrayBuffer());
        await this.vault.database.put("pictures", box, address);
      } catch {
        return; // without them the door still works
      }
    }
  }

  /** The address of a guest's kept picture, good for this page; "" where none is kept. */
  async picture(address) {
    const box = address && this.vault.key && (await this.vault.database.get("pictures", address));
    if (!box) return "";
    return URL.createObjectURL(new Blob([await this.vault.open(box, true)], { type: "image/webp" }));
  }
}

function take(guests, { items = [], removed = [], notes = [] }) {
  for (const item of items) guests.set(item.registration_id, item);
  for (const id of removed) guests.delete(id);
  for (const note of notes) {
    const guest = guests.get(note.registration_id);
    if (guest) Object.assign(guest, note);
  }
}

const small = (address) => address.replace(/-\d+\.webp$/, "-96.webp");

export async function keyOf(salt) {
  const bytes = Uint8Array.from(salt.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export async function digest(key, text) {
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, written.encode(text)));
  return Array.from(bytes, (part) => part.toString(16).padStart(2, "0")).join("");
}

/** Say whether `code` is the guest's. A guest without a code shows none. */
export async function fitsCode(guest, code) {
  if (!guest.code_hash) return true;
  return (await digest(await keyOf(guest.code_salt), code)) === guest.code_hash;
}
