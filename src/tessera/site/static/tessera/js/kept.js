// A page that the worker took from what it had kept says so, also where the browser believes itself online.
const worker = navigator.serviceWorker?.controller;

if (worker) {
  const channel = new MessageChannel();
  channel.port1.onmessage = (event) => {
    if (event.data.kept) document.getElementById("offline").hidden = false;
  };
  worker.postMessage({ ask: "kept" }, [channel.port2]);
}
