// What every page needs: sheets, toasts, the offline bar, the service worker. No words live here.
const toasts = document.getElementById("toasts");
const offline = document.getElementById("offline");

/** Show a sentence for four seconds; screen readers hear it. */
export function toast(sentence) {
  const shown = document.createElement("div");
  shown.className = "toast";
  shown.textContent = sentence;
  toasts.append(shown);
  setTimeout(() => shown.remove(), 4000);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog.sheet")) event.target.close();
  if (event.target.closest("[data-print]")) window.print();
});

for (const shown of toasts?.children ?? []) setTimeout(() => shown.remove(), 4000);

/** Show what only one choice needs (data-when="name=value") while that choice is made. */
function showWhatIsAsked() {
  for (const part of document.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    const chosen = part.closest("form")?.querySelector(`[name="${name}"]:checked`);
    part.hidden = Boolean(chosen) && chosen.value !== value;
  }
}
addEventListener("change", showWhatIsAsked);
showWhatIsAsked();

function tellConnection() {
  offline.hidden = navigator.onLine;
}
addEventListener("online", tellConnection);
addEventListener("offline", tellConnection);
tellConnection();

if ("serviceWorker" in navigator && document.documentElement.dataset.worker !== "off") {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
}
if (document.body.dataset.live) import("./live.js");

// On a narrow screen the tab of this page may lie beside it.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
