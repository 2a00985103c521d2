// The hall board: clock, flashing of fresh calls, and the voice: one call at a time, stale ones dropped.
import { clock, serverNow } from "./live.js";

const FRESH = 15000; // milliseconds a new call flashes
const STALE = 60000; // a call older than this is not spoken any more
const LONGEST = 30000; // a player that says nothing more must not hold the others up
const speaks = document.body.dataset.speaks === "1";
const button = document.getElementById("sound");
const player = new Audio();
const seen = new Map();
const queue = [];
let playing = false;

const calls = () => [...document.querySelectorAll("[data-call]")];

function mark() {
  for (const row of calls()) {
    const since = seen.get(row.dataset.call);
    if (since && performance.now() - since < FRESH) row.classList.add("fresh");
    else row.classList.remove("fresh");
  }
}

function learn(silent) {
  const rows = calls();
  for (const row of rows.reverse()) {
    const id = row.dataset.call;
    if (seen.has(id)) continue;
    seen.set(id, silent ? -FRESH : performance.now());
    if (!silent && speaks) ask({ id, number: row.dataset.number, at: Date.parse(row.dataset.at) });
  }
  if (seen.size > 500) for (const id of [...seen.keys()].slice(0, 250)) seen.delete(id);
  mark();
}

function ask(call) {
  const old = queue.findIndex((waiting) => waiting.number === call.number);
  if (old >= 0) queue.splice(old, 1); // a recall takes the place of the call that nobody has heard yet
  queue.push(call);
  play();
}

function once(call) {
  return new Promise((done) => {
    setTimeout(done, LONGEST, false);
    player.onended = () => done(true);
    player.onerror = () => done(false);
    player.onplaying = () => (button.hidden = true);
    player.src = `/voice/${encodeURIComponent(call.id)}.wav`;
    player.play().catch((error) => {
      if (error.name === "NotAllowedError") button.hidden = false;
      done(false);
    });
  });
}

async function play() {
  if (playing) return;
  playing = true;
  while (queue.length) {
    const call = queue.shift();
    if (serverNow() - call.at > STALE) continue;
    document.body.dataset.speaking = call.id;
    // Twice, unless somebody else is waiting to be called.
    if ((await once(call)) && !queue.length) await once(call);
    delete document.body.dataset.speaking;
  }
  playing = false;
}

if (button) {
  button.addEventListener("click", () => {
    player.src = "/voice/chime.wav";
    player.play().then(() => (button.hidden = true), () => {});
  });
}

learn(true);
document.addEventListener("live", () => learn(false));
setInterval(() => {
  const face = document.getElementById("clock");
  const now = clock(serverNow());
  if (face.textContent !== now) face.textContent = now;
  mark();
}, 1000);
