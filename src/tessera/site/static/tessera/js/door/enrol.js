// Making this device a terminal: the server gives the credential and the key of the vault, once.
import { newId } from "./vault.js";
import { say, terminalOf } from "./screen.js";
import { word } from "./words.js";

/** Wait for the form; return what the vault keeps of the terminal. */
export function enrolled(vault) {
  const form = document.getElementById("enrol-form");
  document.getElementById("enrol").hidden = false;
  document.getElementById("door-field").focus();
  return new Promise((done) => {
    const send = async (event) => {
      event.preventDefault();
      const button = form.querySelector("[type=submit]");
      if (button.disabled) return;
      button.disabled = true;
      button.classList.add("is-busy");
      const terminal = await enrol(form, vault).catch(() => say("enrol-refused", word("upload_failed")));
      button.disabled = false;
      button.classList.remove("is-busy");
      if (!terminal) return;
      form.removeEventListener("submit", send);
      document.getElementById("enrol").hidden = true;
      done(terminal);
    };
    form.addEventListener("submit", send);
  });
}

async function enrol(form, vault) {
  say("enrol-refused", "");
  const sent = new FormData(form);
  sent.set("request_id", newId());
  const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) {
    say("enrol-refused", told.detail ?? word("fault"));
    return null;
  }
  const { event, who } = terminalOf();
  const terminal = { id: told.terminal_id, credential: told.credential, door: told.door, event, who };
  await vault.wipe();
  await vault.takeKey(told.vault_key);
  await vault.keep("terminal", terminal);
  return terminal;
}
