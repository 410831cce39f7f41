// The counter's form: every change goes to the server as the whole form and the basket comes back. What was not
// answered is kept and sent again; the form's request id lets a sale happen once. No words live here.
const form = document.querySelector("[data-till]");
const DRAFT = `tessera.counter:${location.pathname.split("/")[2]}`;
const NEXT = "tessera.counter.next";
const DRAFT_LIFE_MS = 2 * 3600 * 1000;
const fine = matchMedia("(pointer: fine)").matches;

const keep = (name, value) => {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // a browser that keeps nothing only loses the draft on a reload
  }
};
const kept = (name) => {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
};

if (form) openTill();
else openOutcome();

function openTill() {
  const region = form.querySelector("[data-basket-region]");
  const scanner = form.querySelector("[data-scanner]");
  const scan = form.querySelector("[data-scan-input]");
  const lost = form.querySelector("[data-lost]");
  const fault = form.querySelector("[data-fault]");
  let unanswered = []; // what waits for a connection, in order
  let working = false;

  /** Send the form with `extra` to `path`; one after the other, so that each sees what the one before did. */
  function send(path, extra) {
    const scanned = path === form.dataset.basket ? [["scan_id", newId()]] : [];
    unanswered.push({ path, extra: [...extra, ...scanned] });
    return work();
  }

  async function work() {
    if (working) return;
    working = true;
    region.setAttribute("aria-busy", "true");
    while (unanswered.length) {
      const { path, extra } = unanswered[0];
      const body = new FormData(form);
      for (const name of ["code", "who", "amount_sale"]) body.delete(name);
      for (const [name, value] of extra) body.append(name, value);
      let answer;
      let text;
      try {
        answer = await fetch(path, { method: "POST", body, headers: { "HX-Request": "true" } });
        text = await answer.text();
      } catch {
        lost.hidden = false;
        scanner.dispatchEvent(new CustomEvent("told", { detail: { outcome: "refused" } }));
        break;
      }
      lost.hidden = true;
      fault.hidden = answer.status < 500 || answer.headers.get("Content-Type")?.startsWith("text/html");
      const away = answer.headers.get("HX-Redirect");
      if (away) return leave(away);
      if (answer.status === 403 && !text.includes('name="member"')) return leave(location.pathname); // a stale form
      if (!fault.hidden) break;
      unanswered.shift();
      show(text, answer.ok);
    }
    working = false;
    region.removeAttribute("aria-busy");
  }

  function leave(address) {
    const away = new URL(address, location.href);
    if (away.pathname === "/sign-in") away.search = `?next=${encodeURIComponent(location.pathname)}`;
    else if (away.pathname !== location.pathname) keep(DRAFT, null);
    location.assign(away);
  }

  function show(html, fits) {
    const focused = region.contains(document.activeElement) ? document.activeElement.id : null;
    region.innerHTML = html;
    if (!fits) scanner.dispatchEvent(new CustomEvent("told", { detail: { outcome: "refused" } }));
    const choice = region.querySelector(".till-choice");
    if (choice) choice.focus();
    else if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
    else ready();
    if (!fits) region.querySelector("#till-refusal")?.scrollIntoView({ block: "nearest" });
    draft();
  }

  function ready() {
    if (fine && !document.querySelector("dialog[open]")) scan.focus({ preventScroll: true });
  }

  // The draft: a reload, a lost session or a dead battery's neighbour tab do not cost the basket.
  function draft() {
    const said = [...new FormData(form)].filter(
      ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && value !== "",
    );
    const touched = said.some(([name]) => name === "member" || name === "sku");
    keep(DRAFT, touched ? JSON.stringify({ at: Date.now(), said }) : null);
  }

  async function restore() {
    let drafted = null;
    try {
      drafted = JSON.parse(kept(DRAFT) ?? "null");
    } catch {
      keep(DRAFT, null);
    }
    const empty = !region.querySelector('[name="sku"]') && !form.elements.member.value;
    if (!drafted || !empty || Date.now() - drafted.at > DRAFT_LIFE_MS) return;
    const { said } = drafted;
    const id = said.find(([name]) => name === "request_id");
    if (id) form.elements.request_id.value = id[1];
    form.elements.member.value = said.find(([name]) => name === "member")?.[1] ?? "";
    await send(form.dataset.basket, [...said.filter(([name]) => ["sku", "quantity", "amount", "receipt_number"].includes(name))]);
  }

  form.addEventListener("scanned", (event) => {
    event.preventDefault();
    document.querySelector("dialog[open]")?.close();
    send(form.dataset.basket, [["code", event.detail.text]]);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    const isDefault = !button || "default" in button.dataset;
    const open = document.querySelector("dialog[open]");
    if (isDefault && open) return adds(open.querySelector("[data-adds]"));
    if (isDefault && region.contains(document.activeElement)) return send(form.dataset.basket, []);
    // an empty Enter means: done; a form that is being sent cannot be sent again from within, so a moment later
    if (isDefault) return setTimeout(() => region.querySelector("[data-confirm]").click());
    if (button.dataset.adds) return adds(button);
    const path = button.getAttribute("formaction") ?? form.getAttribute("action");
    if ("confirm" in button.dataset && unanswered.some((one) => one.path === path)) return work(); // it waits already
    send(path, button.name ? [[button.name, button.value]] : []);
  });

  function adds(button) {
    const field = form.elements[button.dataset.adds];
    const text = field.value.trim();
    if (!text) return field.focus();
    field.value = "";
    button.closest("dialog").close();
    send(form.dataset.basket, [[button.dataset.adds, text]]);
  }

  region.addEventListener("change", (event) => {
    if ("changes" in event.target.dataset) send(form.dataset.basket, []);
  });
  for (const again of form.querySelectorAll("[data-resend]")) again.addEventListener("click", work);
  addEventListener("online", () => unanswered.length && work());
  for (const sheet of form.querySelectorAll("dialog")) sheet.addEventListener("close", ready);
  openPads();

  restore().then(() => {
    const next = kept(NEXT);
    keep(NEXT, null);
    if (next) send(form.dataset.basket, [["code", next]]);
    ready();
  });
}

/** The id of one scan: sent again after a lost answer it is the same scan. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (part) => part.toString(16).padStart(2, "0")).join("");
}

/** Keys of a number pad write into the field that the pad names; the phone's own keyboard stays away. */
function openPads() {
  for (const pad of document.querySelectorAll("[data-pad]")) {
    const field = document.getElementById(pad.dataset.pad);
    if (!fine) field.inputMode = "none";
    pad.addEventListener("click", (event) => {
      const key = event.target.closest("[data-key]")?.dataset.key;
      if (!key) return;
      field.value = key === "back" ? field.value.slice(0, -1) : (field.value + key).slice(0, field.maxLength);
      field.focus({ preventScroll: true });
    });
  }
}

/** A receipt is shown: the sale is done, the next one begins with a key, or with the next scan. */
function openOutcome() {
  const next = document.querySelector("[data-next]");
  if (!next) return;
  keep(DRAFT, null);
  if (fine) next.focus();
  document.addEventListener("scanned", (event) => {
    event.preventDefault();
    keep(NEXT, event.detail.text);
    location.assign(next.href);
  });
}
