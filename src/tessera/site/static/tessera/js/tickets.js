// A ticket was looked at with a network: the list of tickets is kept as it is now, for the door without one.
import "./kept.js";

if (navigator.onLine) (await navigator.serviceWorker?.ready)?.active.postMessage({ renew: ["/tickets"] });
