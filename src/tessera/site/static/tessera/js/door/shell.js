// Asks the service worker to keep this page and what it is made of; says whether it opens without a network.
export async function keepPage(address) {
  if (!navigator.serviceWorker) return false;
  const late = new Promise((done) => setTimeout(done, 20_000));
  const { active } = (await Promise.race([navigator.serviceWorker.ready, late])) ?? {};
  if (!active) return false;
  return new Promise((done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => done(Boolean(data.kept));
    active.postMessage({ ask: "keep-door", path: address }, [channel.port2]);
    setTimeout(done, 60_000, false);
  });
}
