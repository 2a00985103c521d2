// The manager's advice: one press, one question, one command. A lost answer is asked for again under the same key.
import { key, send, words } from "./send.js";

const texts = JSON.parse(document.body.dataset.words);
const dialog = document.getElementById("dialog-apply");
const form = document.getElementById("apply");
const message = document.getElementById("message");
const done = document.getElementById("done");
const GAP = 500; // the second half of a double click must not confirm what the first half asked
const keys = new Map();
const applied = new Set();
let opened = 0;
let wanted = "";
let busy = false;

function ask(button) {
  const row = button.closest("li");
  wanted = button.dataset.apply;
  document.getElementById("apply-move").textContent = row.querySelector(".move b").textContent;
  document.getElementById("apply-effect").textContent = row.querySelector(".effect").textContent;
  message.textContent = done.textContent = "";
  opened = performance.now();
  dialog.showModal();
}

// A region that is drawn anew knows nothing of what was pressed a moment ago.
function mark() {
  for (const button of document.querySelectorAll("[data-apply]")) button.disabled = applied.has(button.dataset.apply);
}

async function apply(id, move) {
  if (!keys.has(id)) keys.set(id, key());
  busy = true;
  dialog.classList.add("busy");
  message.textContent = "";
  try {
    const result = await send(`/api/v1/advice/${encodeURIComponent(id)}/apply`, {}, keys.get(id));
    if (result.status) keys.delete(id);
    if (result.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    if (result.status < 200 || result.status >= 300) {
      message.textContent = words(result, texts);
      return;
    }
    applied.add(id);
    mark();
    dialog.close();
    done.textContent = texts.applied.replace("{move}", () => move);
  } finally {
    busy = false;
    dialog.classList.remove("busy");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (busy || performance.now() - opened < GAP) return;
  apply(wanted, document.getElementById("apply-move").textContent);
});

dialog.addEventListener("cancel", (event) => busy && event.preventDefault());

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || busy || event.detail > 1) return;
  if (button.dataset.apply) ask(button);
  if (button.hasAttribute("data-shut")) dialog.close();
});

document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter") event.preventDefault(); // a key held down is one press
});

document.addEventListener("live", mark);
