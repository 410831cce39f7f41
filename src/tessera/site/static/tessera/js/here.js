// A button that writes the device's position into two fields: data-here="id_latitude id_longitude".
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-here]");
  if (!button) return;
  const said = document.getElementById(button.dataset.hereStatus);
  const [latitude, longitude] = button.dataset.here.split(" ").map((id) => document.getElementById(id));
  const denied = () => {
    button.disabled = false;
    said.textContent = button.dataset.denied;
    latitude.focus();
  };
  if (!navigator.geolocation) return denied();
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.disabled = false;
      latitude.value = coords.latitude.toFixed(6);
      longitude.value = coords.longitude.toFixed(6);
      said.textContent = button.dataset.found;
    },
    denied,
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
  );
});
