// Whether the server can be reached, found out by asking it and not by what the browser believes. Away: it is asked again now
// and then; as soon as it answers, what waits is uploaded first, and only then does the door ask it about guests again.
import { Away, Withdrawn } from "./api.js";

const REFRESH_MS = 30_000;
const PROBE_MS = [2_000, 3_000, 5_000, 8_000, 12_000];

export class Line extends EventTarget {
  /** `meet` is what is done at every meeting with the server: session, upload, changes, numbers. */
  constructor(meet) {
    super();
    this.meet = meet;
    this.state = "starting"; // "online", "away", "uploading", "ended"
    this.misses = 0;
    this.meeting = null;
    addEventListener("online", () => this.soon(0));
    addEventListener("offline", () => this.lose());
    document.addEventListener("visibilitychange", () => document.hidden || this.soon(0));
  }

  get isOnline() {
    return this.state === "online";
  }

  turn(state) {
    if (this.state === "ended" || this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("turned"));
  }

  /** The server did not answer: from now on the door goes on by itself. */
  lose() {
    this.turn("away");
    this.soon();
  }

  end() {
    this.turn("ended");
    clearTimeout(this.timer);
  }

  soon(after = PROBE_MS[Math.min(this.misses, PROBE_MS.length - 1)]) {
    clearTimeout(this.timer);
    if (this.state !== "ended") this.timer = setTimeout(() => this.go(), after);
  }

  /** Meet the server now; several who ask at once share one meeting. */
  go() {
    this.meeting ??= this.meetOnce().finally(() => {
      this.meeting = null;
    });
    return this.meeting;
  }

  async meetOnce() {
    try {
      await this.meet();
      this.misses = 0;
      this.turn("online");
      this.soon(REFRESH_MS * (0.9 + Math.random() * 0.2));
    } catch (fault) {
      if (fault instanceof Withdrawn) {
        this.end();
        this.dispatchEvent(new Event("withdrawn"));
        return;
      }
      if (!(fault instanceof Away)) console.warn("door:", fault.message);
      this.misses += 1;
      this.turn("away");
      this.soon();
    }
  }
}
