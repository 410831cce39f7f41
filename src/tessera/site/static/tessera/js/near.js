// Where the reader is, on demand only: rounded to a hundred metres before it leaves the device.
const button = document.getElementById("near");
const refused = document.getElementById("near-refused");
const place = document.getElementById("place");
const rounded = (degrees) => Math.round(degrees * 1000) * 10_000;

if (!navigator.geolocation || !globalThis.isSecureContext) button.hidden = true;

button.addEventListener("click", () => {
  refused.hidden = true;
  button.classList.add("is-busy");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.classList.remove("is-busy");
      place.elements.latitude_e7.value = rounded(coords.latitude);
      place.elements.longitude_e7.value = rounded(coords.longitude);
      place.requestSubmit();
    },
    () => {
      button.classList.remove("is-busy");
      refused.hidden = false;
    },
    { maximumAge: 60_000, timeout: 10_000 },
  );
});
