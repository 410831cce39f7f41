// What a supervisor may do besides: search, let in without a code, undo an arrival, unlock.
import { Away, Refused } from "./api.js";
import { drawn, say } from "./screen.js";
import { shownNumber, timeOf, word, written } from "./words.js";

export class Supervision {
  /** `admit(who)` lets a guest in and shows what comes of it. */
  constructor(desk, admit) {
    this.desk = desk;
    this.admit = admit;
    this.found = document.getElementById("found");
    this.undoing = null;
    document.getElementById("search-form").addEventListener("submit", (event) => this.search(event));
    document.getElementById("undo-form").addEventListener("submit", (event) => this.undo(event));
    document.getElementById("locks").addEventListener("click", (event) => this.unlock(event));
    this.found.addEventListener("click", ({ target }) => {
      const guest = target.closest("[data-part=admit]")?.dataset.guest;
      if (guest) this.admit({ registration_id: guest });
    });
    document.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-part=undo]");
      if (button) this.askWhy(button.dataset);
    });
  }

  async search(event) {
    event?.preventDefault();
    const text = document.getElementById("search-field").value.trim();
    if (!text) return;
    let guests;
    try {
      guests = this.desk.line.isOnline ? (await this.desk.server.guests(text)).items : await this.desk.roster.search(text);
      say("search-said", guests.length ? "" : word("nobody_found"));
    } catch (fault) {
      if (fault instanceof Away) {
        this.desk.line.lose();
        return this.search();
      }
      say("search-said", fault instanceof Refused ? fault.sentence : word("fault"));
      guests = [];
    }
    this.found.replaceChildren(...guests.map((one) => this.row(one)));
  }

  row({ registration_id, name, phone, group, state, number, shown, arrived_at }) {
    const event = this.desk.session?.event;
    const waits = this.desk.queue.of(registration_id);
    const at = number ?? waits?.number ?? null;
    const here = at !== null;
    const time = here && timeOf(arrived_at ?? waits?.arrived_at, event);
    const arrived = here && word("arrived_at", { shown: shown || shownNumber(at, event, group), time });
    const mayEnter = state === undefined || state === "accepted";
    const standing = arrived || word(mayEnter ? "may_enter" : `state_of_${state}`);
    const note = [phone, group, standing].filter(Boolean).join(" · ");
    const made = drawn("person", { name, note, admit: !here && mayEnter, undo: here && !waits });
    for (const button of made.querySelectorAll("button")) Object.assign(button.dataset, { guest: registration_id, name });
    return made;
  }

  askWhy({ guest, name }) {
    this.undoing = guest;
    document.getElementById("undo-who").textContent = name;
    document.getElementById("undo-reason").value = "";
    say("undo-said", "");
    document.getElementById("undo-sheet").showModal();
  }

  async undo(event) {
    event.preventDefault();
    const reason = document.getElementById("undo-reason").value.trim();
    const sheet = document.getElementById("undo-sheet");
    const button = event.submitter;
    if (!reason || button?.disabled) return;
    if (button) button.disabled = true;
    try {
      await this.desk.undo(this.undoing, reason);
      sheet.close();
      await this.search();
    } catch (fault) {
      say("undo-said", fault instanceof Refused ? fault.sentence : word("needs_network"));
    } finally {
      if (button) button.disabled = false;
    }
  }

  async showLocks() {
    const rows = [];
    const here = await this.desk.pass.guesses();
    const wrong = Object.values(here).reduce((sum, one) => sum + one.wrong, 0);
    if (wrong) rows.push(this.lock({ name: word("lock_here"), count: wrong, what: { here: true } }));
    if (this.desk.line.isOnline) {
      try {
        const { items } = await this.desk.server.locks();
        rows.push(...items.map((one) => this.lock(named(one))));
      } catch {
        // without the server only what is counted here is shown
      }
    }
    document.getElementById("locks").replaceChildren(...rows);
    document.getElementById("no-locks").hidden = rows.length > 0;
  }

  lock({ name, count, what }) {
    const made = drawn("lock", { name, note: word("wrong_codes", { count: written(count) }), unlock: true });
    made.querySelector("button").dataset.what = JSON.stringify(what);
    return made;
  }

  async unlock({ target }) {
    const button = target.closest("[data-part=unlock]");
    if (!button || button.disabled) return;
    button.disabled = true;
    const what = JSON.parse(button.dataset.what);
    try {
      await (what.here ? this.desk.pass.unlock() : this.desk.server.unlock(what));
    } catch {
      button.disabled = false;
      return;
    }
    await this.showLocks();
  }
}

/** What is locked on the server, as the list shows it. */
function named({ kind, shown, wrong, lock }) {
  return { name: word(`lock_${kind}`, { name: shown }), count: wrong, what: { lock } };
}
