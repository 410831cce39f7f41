// On the wallet, when all is quiet: this device gets what it needs to show the member code without a connection.
import "./arrival.js";
import { canHoldSecrets, fetchDevice, keptDevice } from "./device.js";
import "./kept.js";

const person = document.getElementById("wallet-ready")?.dataset.person;
const quiet = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 1500));

quiet(async () => {
  if (!person || !navigator.onLine || !canHoldSecrets) return;
  if (!(await keptDevice(person))) await fetchDevice(person);
  const worker = (await navigator.serviceWorker?.ready)?.active;
  if (!navigator.serviceWorker?.controller) worker?.postMessage({ keep: "/wallet" }); // came before its worker
  worker?.postMessage({ keep: "/code" });
});
