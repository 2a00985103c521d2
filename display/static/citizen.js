// The phone page: postpone, cancel, rate; rings and shakes when the number is called.
import { send, words } from "./send.js";

const texts = JSON.parse(document.body.dataset.words);
const message = document.getElementById("message");
const sound = document.getElementById("sound");
const chime = new Audio("/voice/chime.wav");
let called = mark();
let busy = false;

function mark() {
  const state = document.getElementById("state");
  return state.dataset.state === "called" ? state.dataset.called : "";
}

document.addEventListener("live", () => {
  const now = mark();
  if (now && now !== called) {
    navigator.vibrate?.([400, 200, 400, 200, 400]);
    if (sound.checked) chime.play().catch(() => {});
    document.title = `● ${document.title.replace("● ", "")}`;
  }
  called = now;
});

sound.addEventListener("change", () => sound.checked && chime.play().catch(() => {}));

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || busy || event.detail > 1) return;
  const { act, body } = button.dataset;
  if (act === "cancel" && !window.confirm(texts.cancel)) return;
  busy = true;
  message.textContent = "";
  const result = await send(`/api/v1${location.pathname.replace("/t/", "/tickets/")}/${act}`, JSON.parse(body || "{}"));
  busy = false;
  const done = result.status >= 200 && result.status < 300;
  message.textContent = done ? texts[act === "cancel" ? "cancelled" : act] : words(result, texts);
});
