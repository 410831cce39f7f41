// A region that hears of news does not turn while a sheet in it is open: what is being typed there would be lost.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const region = event.detail.elt;
  if (!region.dataset.liveTopic) return;
  const sheet = region.querySelector("dialog[open]");
  if (!sheet) return;
  event.preventDefault();
  if (region.dataset.missed) return;
  region.dataset.missed = "1";
  sheet.addEventListener("close", () => {
    delete region.dataset.missed;
    document.body.dispatchEvent(new CustomEvent(`live:${region.dataset.liveTopic}`));
  }, { once: true });
});
