// The screen stays on while the door is open.
let lock;

export function holdAwake() {
  const hold = async () => {
    if (document.hidden || !navigator.wakeLock) return;
    lock = await navigator.wakeLock.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", hold);
  hold();
  return () => lock?.release();
}
