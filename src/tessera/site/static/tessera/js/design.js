// The design page: shows the moment again, and a toast.
import { toast } from "./app.js";
import { count } from "./tally.js";

document.addEventListener("click", (event) => {
  const replays = event.target.closest("[data-replays]");
  if (replays) {
    const shown = replays.closest(".design-drawn").querySelector("[data-replay]");
    shown.replaceChildren(...[...shown.childNodes].map((one) => one.cloneNode(true)));
    const number = shown.querySelector("[data-count]");
    if (number) count(number, 0, Number(number.textContent.replace(/\D/g, "")));
  }
  const told = event.target.closest("[data-toast]");
  if (told) toast(document.getElementById(told.dataset.toast).content.textContent);
});
