// On the wallet, when all is quiet: this device gets what it needs to show the member code without a connection.
import "./arrival.js";
import { canHoldSecrets, fetchDevice, keptDevice } from "./device.js";
import "./kept.js";

const person = document.getElementById("wallet-ready")?.dataset.person;
const quiet = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 1500));

quiet(async () => {
  if (!person || !navigator.onLine || !canHoldSecrets) return;
  if (!(await keptDevice(person))) await fetchDevice(person);
  (await navigator.serviceWorker?.ready)?.active.postMessage({ keep: ["/wallet", "/code"] });
});
