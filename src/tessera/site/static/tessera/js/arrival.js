// Points have come: the sheet that the server sent is opened, once for each movement.
const place = document.getElementById("arrival");
let last = "";

document.body.addEventListener("htmx:afterSwap", (event) => {
  const sheet = event.target === place && place.querySelector("dialog");
  if (!sheet || sheet.dataset.movement === last) return;
  last = sheet.dataset.movement;
  sheet.showModal();
});
