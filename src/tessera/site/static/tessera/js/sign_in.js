// The code: sent off when complete; a new one after the wait. Passwords: shown on demand. No words live here.
const complete = document.querySelector("form[data-complete]");
complete?.querySelector("input[name=code]").addEventListener("input", (event) => {
  const typed = event.target.value.normalize("NFKC").replace(/\s/g, "");
  if (typed.length === Number(complete.dataset.complete) && /^\d+$/.test(typed) && !complete.dataset.sent) {
    complete.dataset.sent = "yes";
    complete.requestSubmit();
  }
});

// A code that did not fit is written over by the next one.
complete?.querySelector("input[name=code]").select();

for (const button of document.querySelectorAll("button[data-wait]")) {
  const shown = button.querySelector("[data-left]");
  const free = performance.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((free - performance.now()) / 1000);
    button.disabled = left > 0;
    shown.hidden = left <= 0;
    shown.textContent = shown.dataset.shape.replace("{n}", String(left));
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}

for (const button of document.querySelectorAll("button[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  button.addEventListener("click", () => {
    const reveal = input.type === "password";
    input.type = reveal ? "text" : "password";
    button.setAttribute("aria-pressed", String(reveal));
    input.focus();
  });
}
// Coming back with the browser's back button must not leave the form sent for ever.
addEventListener("pageshow", () => complete && delete complete.dataset.sent);
