// The server's time, as far as this terminal knows it: what the device's clock is off by is asked with each session. While a
// page is open a changed device clock does not matter.
export class Clock {
  constructor() {
    this.offset = 0;
    this.anchor = null;
  }

  /** Learn from an answer that left at `asked` (performance.now) and says `server_time`. */
  learn(server_time, asked) {
    const back = performance.now();
    const at = Date.parse(server_time) + (back - asked) / 2;
    this.anchor = { at, back };
    this.offset = Math.round(at - Date.now());
    return this.offset;
  }

  now() {
    return this.anchor ? this.anchor.at + performance.now() - this.anchor.back : Date.now() + this.offset;
  }
}
