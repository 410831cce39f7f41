// What a door's terminal keeps: its credential and key, and, sealed under that key (AES-GCM), the guests, the queue and what
// is to be told. The key cannot be read out of the browser, only used; the server gave it, and when the server withdraws it
// everything here is wiped. Names, pictures and phone numbers stand in no store but sealed.
import { openDB } from "../../../vendor/idb/index.js";

export const DOOR_DATABASE = "tessera-door-";
const STORES = ["keep", "sealed", "roster", "pictures"];
const written = new TextEncoder();
const read = new TextDecoder();
const STRICT = { durability: "strict" };

/** Say whether this browser can hold a vault: WebCrypto exists on secure addresses only. */
export const canSeal = () => Boolean(globalThis.isSecureContext && crypto.subtle && globalThis.indexedDB);

/** Open the vault of one event's door. */
export async function openVault(event) {
  const database = await openDB(DOOR_DATABASE + event, 1, {
    upgrade(made) {
      for (const name of STORES) made.createObjectStore(name);
      const queue = made.createObjectStore("queue", { keyPath: "id" });
      queue.createIndex("guest", "guest", { unique: true });
      made.createObjectStore("tell", { keyPath: "id" });
    },
    blocking: (_, __, closing) => closing.target.close(),
  });
  const vault = new Vault(database);
  vault.key = await vault.kept("key");
  return vault;
}

export class Vault {
  constructor(database) {
    this.database = database;
    this.key = undefined;
  }

  /** Take the key that the server gave; from now on it can be used and not be read. */
  async takeKey(text) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    this.key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    await this.keep("key", this.key);
  }

  /** What is kept in the clear under a name: nothing about guests. */
  kept(name) {
    return this.database.get("keep", name);
  }

  keep(name, value) {
    return this.database.put("keep", value, name);
  }

  /** Return any value sealed; `bytes` are sealed as they are. */
  async seal(value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = value instanceof ArrayBuffer ? value : written.encode(JSON.stringify(value));
    return { iv, box: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.key, plain) };
  }

  /** Return what was sealed; `raw`: its bytes. */
  async open({ iv, box }, raw = false) {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.key, box);
    return raw ? plain : JSON.parse(read.decode(plain));
  }

  async sealedAway(name) {
    const found = this.key && (await this.database.get("sealed", name));
    return found ? this.open(found) : undefined;
  }

  async sealAway(name, value) {
    await this.database.put("sealed", await this.seal(value), name);
  }

  /** Change several stores at once or not at all, on the disk before this returns; `act` returns what it has asked for. */
  change(stores, act) {
    const whole = this.database.transaction(stores, "readwrite", STRICT);
    return Promise.all([...[act(whole)].flat(), whole.done]);
  }

  /** Remove everything; `rest` is what may be said afterwards (counts and numbers, no guest). */
  async wipe(rest) {
    this.key = undefined;
    const all = [...STORES, "queue", "tell"];
    await this.change(all, (whole) => [
      ...all.map((name) => whole.objectStore(name).clear()),
      rest && whole.objectStore("keep").put(rest, "rest"),
    ]);
  }
}

/** The id of one arrival: sent again after a lost answer it is the same arrival. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (part) => part.toString(16).padStart(2, "0")).join("");
}
