// The device's half of the member code: its number, and a secret that this browser holds and never gives out again.
const STEP_MS = 60_000;

function opened() {
  return new Promise((fulfil, fail) => {
    const asked = indexedDB.open("tessera", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("device");
    asked.onsuccess = () => fulfil(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function inStore(mode, work) {
  const base = await opened();
  try {
    return await new Promise((fulfil, fail) => {
      const asked = work(base.transaction("device", mode).objectStore("device"));
      asked.onsuccess = () => fulfil(asked.result);
      asked.onerror = () => fail(asked.error);
    });
  } finally {
    base.close(); // the worker clears the store at sign-out
  }
}

/** Return this person's device as kept in this browser, or undefined. */
export async function keptDevice(person) {
  const kept = await inStore("readonly", (store) => store.get("own")).catch(() => undefined);
  return kept?.person === person ? kept : undefined;
}

/** Ask the server for something by POST; undefined where there is no connection. Signed out: the page is loaded anew. */
export async function ask(address) {
  const token = document.cookie.match(/(?:^|; )tessera_csrf=([^;]+)/)?.[1] ?? "";
  const began = Date.now();
  let answer;
  try {
    answer = await fetch(address, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token } });
  } catch {
    return undefined;
  }
  if (answer.redirected) location.reload();
  if (!answer.ok || answer.redirected) return undefined;
  const told = await answer.json();
  return { ...told, offset: told.at - (began + Date.now()) / 2 };
}

/** Fetch this person's device and keep it; its key cannot be read out again, by nobody's script. */
export async function fetchDevice(person) {
  const told = await ask("/code/device");
  if (!told || told.person !== person) return undefined;
  const secret = Uint8Array.from(atob(told.secret), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const device = { person, number: told.number, key, offset: told.offset };
  await inStore("readwrite", (store) => store.put(device, "own")).catch(() => {});
  return device;
}

/** Keep how far this device's clock is from the server's. */
export async function keepOffset(device, offset) {
  device.offset = offset;
  await inStore("readwrite", (store) => store.put(device, "own")).catch(() => {});
}

/** Return the minute that the server counts now, and the milliseconds until the next. */
export function minute(offset) {
  const at = Date.now() + offset;
  return { step: Math.floor(at / STEP_MS), left: STEP_MS - (at % STEP_MS) };
}

/** Return the 14 digits of a minute; people/rules.py, member_code, does the same. */
export async function codeOf(device, step) {
  const words = new TextEncoder().encode(`tessera-member-code:${device.number}:${step}`);
  const digest = new DataView(await crypto.subtle.sign("HMAC", device.key, words));
  const cut = digest.getUint32(digest.getUint8(31) & 15) & 0x7fffffff;
  return device.number + String(cut % 1_000_000).padStart(6, "0");
}

/** Say whether this browser can hold a secret: it does so for secure addresses only. */
export const canHoldSecrets = Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);
