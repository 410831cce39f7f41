// Web Push on this device: ask, subscribe, tell the server. The words are in the page.
const form = document.getElementById("push");
const worker = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytesOf(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (one) => one.charCodeAt(0));
}

function textOf(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function show(state) {
  for (const part of form.querySelectorAll("[data-push]")) part.hidden = part.dataset.push !== state;
  form.querySelector("[data-push-on]").hidden = !(state === "off" || state === "refused");
  form.querySelector("[data-push-off]").hidden = state !== "on";
  const said = form.querySelector(`[data-push="${state}"]`);
  form.querySelector("[data-push-status]").textContent = said ? said.textContent : "";
}

async function send(address, fields) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("request_id", crypto.randomUUID().replaceAll("-", ""));
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(String(answer.status));
}

function tell(subscription) {
  return send(form.getAttribute("action"), {
    endpoint: subscription.endpoint,
    public_key: textOf(subscription.getKey("p256dh")),
    secret: textOf(subscription.getKey("auth")),
  });
}

async function look() {
  if (!worker) return show("none");
  if (Notification.permission === "denied") return show("blocked");
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return show("off");
  try {
    await tell(subscription); // the session may be a new one
    show("on");
  } catch {
    show("refused");
  }
}

async function subscribe() {
  if ((await Notification.requestPermission()) !== "granted") return look();
  try {
    const registration = await navigator.serviceWorker.ready;
    const key = bytesOf(form.dataset.key);
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await tell(subscription);
    show("on");
  } catch {
    show("refused");
  }
}

async function unsubscribe() {
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription) {
    await send(form.dataset.end, { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
  }
  show("off");
}

if (form) {
  form.querySelector("[data-push-on]").addEventListener("click", subscribe);
  form.querySelector("[data-push-off]").addEventListener("click", () => unsubscribe().catch(() => show("refused")));
  look().catch(() => show("none"));
}
