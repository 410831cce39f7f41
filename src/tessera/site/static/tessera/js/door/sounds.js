// What is heard and felt: fits and refused are never alike. Sound is switched where the scanner's is.
const SETTINGS = "tessera.scanner";
const SIGNS = {
  found: { notes: [[880, 0.08]], shake: 30 },
  fits: { notes: [[784, 0.1], [1047, 0.12], [1568, 0.22]], shake: [40, 40, 90] },
  refused: { notes: [[220, 0.22], [0, 0.06], [185, 0.4]], shake: [160, 80, 160, 80, 260], shape: "square" },
};
let audio;

const settings = () => {
  try {
    return JSON.parse(localStorage.getItem(SETTINGS)) ?? {};
  } catch {
    return {};
  }
};

export const isMuted = () => Boolean(settings().muted);

export function mute(muted) {
  try {
    localStorage.setItem(SETTINGS, JSON.stringify({ ...settings(), muted }));
  } catch {
    // a browser that keeps nothing asks again next time
  }
}

export function sign(name) {
  const { notes, shake, shape = "sine" } = SIGNS[name];
  navigator.vibrate?.(shake);
  if (isMuted()) return;
  try {
    audio ??= new AudioContext();
    audio.resume();
    let at = audio.currentTime;
    for (const [pitch, seconds] of notes) {
      if (pitch) play(pitch, at, seconds, shape);
      at += seconds;
    }
  } catch {
    // no loudspeaker: colour, word and vibration tell
  }
}

function play(pitch, at, seconds, shape) {
  const tone = audio.createOscillator();
  const loudness = audio.createGain();
  tone.type = shape;
  tone.frequency.value = pitch;
  loudness.gain.setValueAtTime(shape === "square" ? 0.12 : 0.22, at);
  loudness.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  tone.connect(loudness).connect(audio.destination);
  tone.start(at);
  tone.stop(at + seconds);
}
