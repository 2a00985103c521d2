// The officer's console: every button and key is one command with its own key; a double click makes one.
import { send, words } from "./send.js";

const texts = JSON.parse(document.body.dataset.words);
const counter = encodeURIComponent(document.body.dataset.counter);
const message = document.getElementById("message");
const GAP = 500; // a second press sooner than this is a slip of the hand, not a wish
const KEYS = { r: "do-recall", f: "do-finish", n: "do-no-show", h: "open-hold", t: "open-transfer" };
// Somebody who dictates or types by accident must be able to turn single keys off.
const keys = document.getElementById("keys");
let busy = false;
let last = -GAP;

function say(text) {
  message.textContent = text;
}

async function run(path, body) {
  if (busy || performance.now() - last < GAP) return false;
  busy = true;
  document.body.classList.add("busy");
  say("");
  try {
    const result = await send(path, body);
    if (result.status === 204) say(texts.nobody);
    else if (result.status < 200 || result.status >= 300) say(words(result, texts));
    if (result.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    return result.status >= 200 && result.status < 300;
  } finally {
    busy = false;
    last = performance.now();
    document.body.classList.remove("busy");
  }
}

const command = (name, body) => run(`/api/v1/counters/${counter}/${name}`, body);

function openDialog(button) {
  const dialog = document.getElementById(`dialog-${button.dataset.open}`);
  const form = dialog.querySelector("form");
  form.reset();
  if (button.dataset.ticket) {
    form.elements.ticket.value = button.dataset.ticket;
    form.elements.number.value = button.dataset.number;
    form.elements.priority.value = button.dataset.class;
    document.getElementById("ticket-number").textContent = button.dataset.number;
  }
  if (button.dataset.open === "transfer") offerTransfers(form.elements.to);
  dialog.showModal();
}

// Who serves and how many wait, as it is now and not when the page was loaded.
function offerTransfers(select) {
  for (const group of select.querySelectorAll("optgroup")) {
    const rows = [...document.querySelectorAll(`#transfers [data-to^="${group.dataset.kind}:"]`)];
    group.replaceChildren(...rows.map((row) => {
      const option = new Option(row.textContent, row.dataset.to);
      option.disabled = row.hasAttribute("data-closed");
      return option;
    }));
  }
}

const nobodyAt = (to) => document.querySelector(`#transfers [data-to="${CSS.escape(to)}"]`)?.hasAttribute("data-nobody");

// Closing asks first when people are left behind, with their number.
function closeCounter(button) {
  const left = [...document.querySelectorAll("#closing li")];
  if (!left.length) return command(button.dataset.do, {});
  document.getElementById("close-list").replaceChildren(...left.map((line) => line.cloneNode(true)));
  return document.getElementById("dialog-close").showModal();
}

function bodyOf(form) {
  const values = Object.fromEntries(new FormData(form));
  if (form.dataset.command === "transfer") {
    const [kind, id] = values.to.split(/:(.*)/s);
    return { [kind]: id, return_to_sender: "return_to_sender" in values, note: values.note };
  }
  if (form.dataset.command === "call") return { ticket: values.ticket.trim().toUpperCase() };
  return values;
}

function submit(event) {
  const form = event.target;
  if (!form.dataset.command) return;
  const values = bodyOf(form);
  if (values.service && nobodyAt(`service:${values.service}`) && !window.confirm(texts.nobody_there)) {
    event.preventDefault(); // the dialog stays
    return;
  }
  if (form.dataset.command === "priority") {
    const { ticket, priority } = values;
    run("/api/v1/tickets/priority", { ticket, priority });
  } else command(form.dataset.command, values);
}

function press(button) {
  if (!button || button.disabled) return;
  if (button.dataset.open) openDialog(button);
  else if (button.dataset.do === "close") closeCounter(button);
  else if (button.dataset.post) run(button.dataset.post, JSON.parse(button.dataset.body || "{}"));
  else command(button.dataset.do, JSON.parse(button.dataset.body || "{}"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.hasAttribute("data-shut")) button.closest("dialog").close();
  if (button.id === "ticket-cancel") cancelTicket(button.closest("dialog"));
  if (!(button.dataset.do || button.dataset.open || button.dataset.post)) return;
  if (event.detail > 1) return; // the second half of a double click
  press(button);
  if (event.detail > 0) button.blur(); // after a mouse click the space bar is the big button again
});

function cancelTicket(dialog) {
  const number = dialog.querySelector("[name=number]").value;
  if (!window.confirm(texts.cancel.replace("{number}", number))) return;
  dialog.close();
  run(`/api/v1/tickets/by-number/${encodeURIComponent(number)}/cancel`, {});
}

function shortcut(key) {
  const primary = document.getElementById("primary");
  if (key === " " || key === "enter") return primary;
  if (key === "s") return primary.dataset.do === "start" ? primary : null;
  if (key === "g") return document.querySelector("[data-open=call]");
  if (key === "p") return document.getElementById("do-unpause") || (primary.dataset.do === "unpause" ? primary : document.querySelector("[data-open=pause]"));
  return document.getElementById(KEYS[key] || "");
}

document.addEventListener("keydown", (event) => {
  if (!keys.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const at = event.target;
  if (at.closest("input, textarea, select, [contenteditable]")) return;
  if ((key === " " || key === "enter") && at.closest("button, a, summary")) return; // it works by itself
  const button = shortcut(key);
  if (!button) return;
  event.preventDefault();
  if (!event.repeat) press(button);
});

document.addEventListener("submit", submit);

keys.checked = localStorage.getItem("single-keys") !== "off";
keys.addEventListener("change", () => localStorage.setItem("single-keys", keys.checked ? "on" : "off"));
