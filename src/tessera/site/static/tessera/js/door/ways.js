// The ways a guest is named: scanned, typed, searched, or taken in as a walk-in; always ready for the next one.
const WAY = "tessera.door.way";
const at = (id) => document.getElementById(id);
const fine = matchMedia("(pointer: fine)");

export class Ways {
  constructor({ ask, walkIn, refuse }) {
    Object.assign(this, { ask, walkIn, refuse });
    this.work = at("work");
    this.phone = at("phone-field");
    this.code = at("code-field");
    this.sentAt = -Infinity;
    this.scanner = document.querySelector("[data-scanner]");
    for (const button of document.querySelectorAll("[data-way-to]")) {
      button.addEventListener("click", () => this.go(button.dataset.wayTo));
    }
    document.addEventListener("scanned", (event) => this.scanned(event));
    at("open-camera").addEventListener("click", () => this.scanner.querySelector("[data-scan-camera]").click());
    at("way-type").addEventListener("submit", (event) => this.typed(event));
    at("way-walk-in").addEventListener("submit", (event) => this.walksIn(event));
    this.phone.addEventListener("input", () => this.phoneTyped());
    this.code.addEventListener("input", () => this.codeTyped());
    for (const field of [this.phone, this.code]) {
      if (!fine.matches) field.inputMode = "none"; // our own pad is larger, and always there
      field.addEventListener("focus", () => (this.field = field));
    }
    this.field = this.phone;
    document.querySelector(".door-pad").addEventListener("click", (event) => this.key(event));
    this.go(localStorage.getItem(WAY) ?? "type", false);
  }

  go(way, remembered = true) {
    const known = ["scan", "type", "search", "walk-in"].includes(way) ? way : "type";
    this.work.dataset.way = known;
    for (const one of document.querySelectorAll(".door-way")) one.hidden = one.id !== `way-${known}`;
    for (const one of document.querySelectorAll("[data-way-to]")) {
      one.toggleAttribute("aria-current", false);
      if (one.dataset.wayTo === known) one.setAttribute("aria-current", "true");
    }
    if (remembered && (known === "scan" || known === "type")) localStorage.setItem(WAY, known);
    if (known !== "scan") this.scanner?.scanner?.stop();
    this.ready();
  }

  /** Empty fields, and the focus where the next guest is named. */
  ready() {
    for (const field of [this.phone, this.code, at("walk-phone"), at("walk-name")]) field.value = "";
    this.mark(this.phone);
    this.focus();
  }

  /** After a no: a wrong code is typed again, everything else begins anew. */
  again(code) {
    if (this.work.dataset.way === "walk-in" || this.work.dataset.way === "search") return;
    if (code === "door_code_wrong" || code === "guest_ambiguous") {
      const field = code === "door_code_wrong" ? this.code : this.phone;
      field.value = "";
      this.mark(field);
      field.focus({ preventScroll: true });
    } else this.ready();
  }

  focus() {
    const first = { scan: "scan-ticket", type: "phone-field", search: "search-field", "walk-in": "walk-phone" };
    if (fine.matches) at(first[this.work.dataset.way])?.focus({ preventScroll: true });
  }

  mark(field) {
    this.field = field;
    for (const one of [this.phone, this.code]) one.classList.toggle("is-next", one === field);
  }

  scanned(event) {
    event.preventDefault();
    for (const open of document.querySelectorAll("dialog[open]")) open.close();
    this.ask(event.detail.text);
  }

  key(event) {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    const { field } = this;
    field.value = key === "back" ? field.value.slice(0, -1) : (field.value + key).slice(0, field.maxLength);
    if (key === "back" && field === this.code && !field.value) this.mark(this.phone);
    else if (field === this.phone) this.phoneTyped();
    else this.codeTyped();
  }

  /** A whole number of this country is complete with eleven digits: on to the code. */
  phoneTyped() {
    if (/^1\d{10}$/.test(this.phone.value.trim())) this.toCode();
  }

  toCode() {
    this.mark(this.code);
    if (fine.matches || document.activeElement === this.phone) this.code.focus({ preventScroll: true });
  }

  codeTyped() {
    if (!/^\d{6}$/.test(this.code.value)) return;
    this.sentAt = performance.now();
    this.send();
  }

  typed(event) {
    event.preventDefault();
    // Six digits are sent by themselves; Enter after them, out of habit, must not hide the answer.
    if (!this.code.value && performance.now() - this.sentAt < 1500) return;
    if (this.field === this.phone && !this.code.value && this.phone.value) return this.toCode();
    this.send();
  }

  send() {
    const phone = this.phone.value.trim();
    const code = this.code.value.trim();
    if (!phone) return this.mark(this.phone);
    if (!/^\d{6}$/.test(code)) return this.refuse("code_missing");
    this.ask(phone, code);
  }

  walksIn(event) {
    event.preventDefault();
    const phone = at("walk-phone").value.trim();
    const name = at("walk-name").value.trim();
    if (phone && name) this.walkIn(phone, name);
  }
}
