// Imported by the service worker: shows a notice that was pushed, and opens what it is about.
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    // not ours: show only that there is something
  }
  const options = { body: told.text || "", tag: told.tag || "notice", data: { address: told.address || "/inbox" } };
  event.waitUntil(self.registration.showNotification(told.title || "Tessera", options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = event.notification.data?.address || "/inbox";
  const address = new URL(wanted.startsWith("/") && !wanted.startsWith("//") ? wanted : "/inbox", self.location.origin).href;
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((open) => {
      const page = open.find((one) => one.url === address);
      return page ? page.focus() : self.clients.openWindow(address);
    }),
  );
});
