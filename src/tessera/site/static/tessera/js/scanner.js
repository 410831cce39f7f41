// The scan field: camera, photo, hardware scanner, typing. Words come from the <template data-word> of its part.
// It sends `scanned` {text, format, source} from its element and is ready for the next at once. A page that takes the
// code itself calls preventDefault(); else the field's own form is sent. A page answers with `told` {outcome}.
const REPEAT_MS = 2000; // the same code within this time is one scan
const AWAY_MS = 800; // and one that stays before the camera is one, however long
const KEY_GAP_MS = 45; // nobody types this fast: a hardware scanner does
const FEWEST_KEYS = 4;
const LONGEST = 1280; // longest side of a camera frame that is looked at
const SETTINGS = "tessera.scanner";

/** Return a function that reads all codes of an image source: [{text, format}]. The decoder is loaded only here. */
export async function openReader({ decoder, wasm, formats }) {
  const { BarcodeDetector, prepareZXingModule } = await import(decoder);
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const detector = new BarcodeDetector({ formats });
  return async (source) =>
    (await detector.detect(source)).map(({ rawValue, format }) => ({ text: rawValue, format }));
}

/** Read a picture: as it is, and where that shows nothing once smaller and once larger. */
export async function readPicture(read, blob) {
  const picture = await createImageBitmap(blob);
  try {
    const longest = Math.max(picture.width, picture.height);
    for (const side of [Math.min(longest, 3000), Math.min(longest, 1000), Math.min(longest * 2, 2000)]) {
      const found = await read(drawn(picture, side / longest));
      if (found.length) return found;
    }
    return [];
  } finally {
    picture.close();
  }
}

function drawn(picture, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = "#fff"; // what is transparent is paper
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

const remembered = () => {
  try {
    return JSON.parse(localStorage.getItem(SETTINGS)) ?? {};
  } catch {
    return {};
  }
};
const remember = (change) => {
  try {
    localStorage.setItem(SETTINGS, JSON.stringify({ ...remembered(), ...change }));
  } catch {
    // a browser that keeps nothing asks again next time
  }
};

let audio;
function beep(notes) {
  if (remembered().muted) return;
  try {
    audio ??= new AudioContext();
    audio.resume();
    let at = audio.currentTime;
    for (const [pitch, seconds] of notes) {
      const tone = audio.createOscillator();
      const loudness = audio.createGain();
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0.15, at);
      loudness.gain.exponentialRampToValueAtTime(0.001, at + seconds);
      tone.connect(loudness).connect(audio.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds;
    }
  } catch {
    // no loudspeaker: colour and vibration tell
  }
}
const SIGNS = {
  read: { notes: [[1320, 0.09]], shake: 40 },
  refused: { notes: [[330, 0.14], [247, 0.22]], shake: [80, 60, 160] },
};

class Scanner {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("[data-scan-input]");
    this.view = root.querySelector("[data-scan-view]");
    this.video = root.querySelector("video");
    this.said = root.querySelector("[data-scan-said]");
    this.cameraButton = root.querySelector("[data-scan-camera]");
    this.torchButton = root.querySelector("[data-scan-torch]");
    this.choice = root.querySelector("[data-scan-choice]");
    this.soundButton = root.querySelector("[data-scan-sound]");
    this.photo = root.querySelector("[data-scan-photo]");
    this.last = { text: "", at: 0, seen: 0 };
    this.candidate = "";
    this.keys = [];
    this.listen();
  }

  listen() {
    const { root } = this;
    for (const hidden of root.querySelectorAll("[data-scan-js]")) hidden.hidden = false;
    this.showSound();
    this.cameraButton.addEventListener("click", () => (this.stream ? this.stop() : this.start()));
    root.querySelector("[data-scan-stop]").addEventListener("click", () => this.stop());
    this.torchButton.addEventListener("click", () => this.switchTorch());
    this.choice.addEventListener("change", () => {
      remember({ camera: this.choice.value });
      this.start();
    });
    this.soundButton.addEventListener("click", () => {
      remember({ muted: !remembered().muted });
      this.showSound();
    });
    this.photo.addEventListener("change", () => this.readPhoto());
    root.addEventListener("told", ({ detail }) => this.sign(detail.outcome));
    document.addEventListener("keydown", (event) => this.key(event), true);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.stream) {
        this.stop();
        this.resumes = true;
      } else if (!document.hidden && this.resumes) this.start();
    });
    addEventListener("pagehide", () => this.stop());
  }

  word(name) {
    return this.root.querySelector(`template[data-word="${name}"]`)?.content.textContent.trim() ?? "";
  }

  say(name) {
    this.said.textContent = name ? this.word(name) : "";
  }

  /** Hand a code on; camera pictures of the same code count once. */
  hand(text, format, source) {
    text = text.trim();
    if (!text) return;
    this.sign("read");
    this.say("");
    this.input.value = text;
    const event = new CustomEvent("scanned", {
      bubbles: true, cancelable: true, detail: { text, format, source },
    });
    if (this.root.dispatchEvent(event)) this.input.form?.requestSubmit();
    else this.input.value = "";
  }

  sign(outcome) {
    const sign = SIGNS[outcome];
    if (!sign) return;
    beep(sign.notes);
    navigator.vibrate?.(sign.shake);
    this.root.dataset.flash = outcome;
    clearTimeout(this.flash);
    this.flash = setTimeout(() => delete this.root.dataset.flash, 450);
  }

  // Keys: the field's own Enter, and bursts of a hardware scanner wherever the focus is.
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const now = event.timeStamp;
    if (event.key === "Enter" || (event.key === "Tab" && this.isBurst(now))) {
      this.finish(event, now);
      return;
    }
    const sign = event.key.length === 1 ? event.key : spelled(event);
    if (!sign) return;
    const before = this.keys.at(-1);
    if (!before || now - before.at > KEY_GAP_MS) {
      this.keys = [];
      this.held = { target: event.target, value: event.target.value };
    }
    this.keys.push({ sign, at: now });
  }

  isBurst(now) {
    return this.keys.length >= FEWEST_KEYS && now - this.keys.at(-1).at <= KEY_GAP_MS * 2;
  }

  finish(event, now) {
    const burst = this.isBurst(now);
    const text = this.keys.map((key) => key.sign).join("");
    const own = event.target === this.input;
    this.keys = [];
    if (!burst && !own) return;
    if (own && !burst && !this.input.value.trim()) return; // an empty Enter is the page's
    if (own && event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (!own && this.held?.target === event.target && "value" in event.target) {
      event.target.value = this.held.value; // the scanner wrote into a field that was not meant
    }
    if (own && burst && this.held?.target === this.input) this.hand(text, "", "scanner");
    else this.hand(own ? this.input.value : text, "", burst ? "scanner" : "typed");
  }

  // Camera.
  async start() {
    this.stop();
    this.resumes = false;
    const turn = (this.turn = {});
    this.say("starting");
    if (!navigator.mediaDevices?.getUserMedia) return this.say(isSecureContext ? "absent" : "insecure");
    try {
      const stream = await this.openCamera();
      if (this.turn !== turn) return void stream.getTracks().forEach((track) => track.stop());
      this.stream = stream;
      this.video.srcObject = stream;
      this.view.hidden = false;
      this.cameraButton.setAttribute("aria-pressed", "true");
      stream.getVideoTracks()[0].addEventListener("ended", () => {
        if (this.stream === stream) this.stop("lost");
      });
      await this.video.play();
      this.read ??= await openReader(this.reading());
      if (this.turn !== turn) return;
      this.say("aim");
      this.showTools();
      this.look(turn);
    } catch (fault) {
      if (this.turn === turn) this.stop(faultWord(fault));
    }
  }

  openCamera() {
    const { camera } = remembered();
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const any = { ...size, facingMode: { ideal: "environment" } };
    const ask = (video) => navigator.mediaDevices.getUserMedia({ video, audio: false });
    return camera ? ask({ ...size, deviceId: { exact: camera } }).catch(() => ask(any)) : ask(any);
  }

  reading() {
    const { decoder, wasm, formats } = this.root.dataset;
    return { decoder, wasm, formats: formats.split(",") };
  }

  async look(turn) {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    while (this.turn === turn) {
      const { videoWidth, videoHeight } = this.video;
      if (videoWidth) {
        const scale = Math.min(1, LONGEST / Math.max(videoWidth, videoHeight));
        canvas.width = videoWidth * scale;
        canvas.height = videoHeight * scale;
        pen.drawImage(this.video, 0, 0, canvas.width, canvas.height);
        const found = await this.read(pen.getImageData(0, 0, canvas.width, canvas.height));
        if (this.turn !== turn) return;
        this.see(found);
      }
      await new Promise((next) => setTimeout(next, 60));
    }
  }

  /** Take what a frame shows: one code; a striped one only when two frames agree. */
  see(found) {
    const now = performance.now();
    const [first] = found;
    if (!first) {
      this.candidate = "";
      return;
    }
    const { last } = this;
    if (first.text === last.text && (now - last.seen < AWAY_MS || now - last.at < REPEAT_MS)) {
      last.seen = now;
      return;
    }
    if (first.format !== "qr_code" && first.text !== this.candidate) {
      this.candidate = first.text;
      return;
    }
    this.last = { text: first.text, at: now, seen: now };
    this.hand(first.text, first.format, "camera");
  }

  stop(word = "") {
    this.turn = null;
    this.resumes = false;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    this.view.hidden = true;
    this.torchButton.hidden = true;
    this.torch = false;
    this.torchButton.setAttribute("aria-pressed", "false");
    this.cameraButton.setAttribute("aria-pressed", "false");
    this.say(word);
  }

  async showTools() {
    const track = this.stream?.getVideoTracks()[0];
    if (!track) return;
    this.torchButton.hidden = !track.getCapabilities?.().torch;
    const all = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    const used = track.getSettings().deviceId;
    this.choice.hidden = all.length < 2;
    this.choice.replaceChildren(
      ...all.map(({ deviceId, label }, place) => {
        const name = label || `${this.word("camera")} ${place + 1}`;
        return new Option(name, deviceId, false, deviceId === used);
      }),
    );
  }

  async switchTorch() {
    const track = this.stream?.getVideoTracks()[0];
    if (!track) return;
    this.torch = !this.torch;
    await track.applyConstraints({ advanced: [{ torch: this.torch }] }).catch(() => (this.torch = false));
    this.torchButton.setAttribute("aria-pressed", String(this.torch));
  }

  showSound() {
    this.soundButton.setAttribute("aria-pressed", String(!remembered().muted));
  }

  async readPhoto() {
    const [file] = this.photo.files;
    this.photo.value = "";
    if (!file) return;
    this.say("reading");
    try {
      this.read ??= await openReader(this.reading());
      const [first] = await readPicture(this.read, file);
      if (first) this.hand(first.text, first.format, "photo");
      else {
        this.say("nothing");
        this.sign("refused");
      }
    } catch {
      this.say("unreadable");
      this.sign("refused");
    }
  }
}

/** An input method hides the key of a hardware scanner; its place on the keyboard still tells. */
function spelled({ key, code, shiftKey }) {
  if (key !== "Process" && key !== "Unidentified") return "";
  const [, digit, letter] = /^(?:(?:Digit|Numpad)(\d)|Key([A-Z]))$/.exec(code) ?? [];
  if (digit) return digit;
  if (letter) return shiftKey ? letter : letter.toLowerCase();
  return { Minus: "-", Slash: "/", Period: ".", Semicolon: shiftKey ? ":" : ";" }[code] ?? "";
}

function faultWord({ name }) {
  return { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "absent", OverconstrainedError: "absent",
    NotReadableError: "in-use", AbortError: "in-use" }[name] ?? "failed";
}

for (const root of document.querySelectorAll("[data-scanner]")) root.scanner = new Scanner(root);
