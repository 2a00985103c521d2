// While the server is away: numbers are called by word of mouth and ticked off here, and told to it afterwards.
// What was ticked off stays in this browser until the server has taken it, also over a reload.
import { clock, serverNow } from "./live.js";
import { key, send, words } from "./send.js";

const texts = JSON.parse(document.body.dataset.words);
const counter = document.body.dataset.counter;
const STORE = `by-mouth:${counter}`;
const part = (name) => document.getElementById(`away-${name}`);
const OFF = "main :is([data-do], [data-post], [data-open]), dialog button.main, #ticket-cancel";
let sending = false;

const kept = () => {
  try {
    return JSON.parse(localStorage.getItem(STORE)) || [];
  } catch {
    return []; // somebody else's text under our name
  }
};

function keep(list) {
  localStorage.setItem(STORE, JSON.stringify(list));
  draw();
}

const plain = (number) => number.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");

function tick(text) {
  const number = plain(text);
  const list = kept();
  if (!number || list.some((item) => item.ticket === number)) return;
  keep([...list, { key: key(), ticket: number, at: serverNow().toISOString(), problem: "" }]);
}

const untick = (once) => keep(kept().filter((item) => item.key !== once));

function row(item) {
  const line = document.createElement("li");
  const number = document.createElement("b");
  const said = document.createElement("span");
  const drop = document.createElement("button");
  number.textContent = item.ticket;
  said.textContent = texts.by_mouth.replace("{time}", clock(new Date(item.at))) + (item.problem ? ` – ${item.problem}` : "");
  drop.type = "button";
  drop.textContent = texts.untick.replace("{number}", item.ticket);
  drop.disabled = sending;
  drop.addEventListener("click", () => untick(item.key));
  line.append(number, said, drop);
  return line;
}

function draw() {
  const list = kept();
  const away = document.body.classList.contains("is-away");
  part("box").hidden = !away && !list.length;
  part("now").hidden = !away;
  part("after").hidden = away;
  part("list").replaceChildren(...list.map(row));
  part("send").disabled = sending;
  const ticked = new Set(list.map((item) => item.ticket));
  for (const button of document.querySelectorAll("[data-served]")) button.disabled = ticked.has(plain(button.dataset.served));
}

// Buttons that cannot work are off, and not refused one by one.
function turnOff() {
  if (!document.body.classList.contains("is-away")) return;
  for (const button of document.querySelectorAll(OFF)) {
    if (button.disabled) continue;
    button.disabled = true;
    button.dataset.off = "";
  }
}

function turnOn() {
  for (const button of document.querySelectorAll("[data-off]")) {
    button.disabled = false;
    delete button.dataset.off;
  }
}

// One command each, under its own key: what was taken once is not taken again.
async function tell() {
  if (sending) return;
  sending = true;
  draw();
  try {
    for (const { key: once, ticket, at } of kept()) {
      const result = await send(`/api/v1/counters/${encodeURIComponent(counter)}/served-by-mouth`, { ticket, at }, once);
      const done = result.status >= 200 && result.status < 300;
      const rest = kept();
      keep(done ? rest.filter((item) => item.key !== once) : rest.map((item) => (item.key === once ? { ...item, problem: words(result, texts) } : item)));
      if (result.status === 0 || result.status === 401) break; // the others would meet the same
    }
  } finally {
    sending = false;
    draw();
  }
}

document.addEventListener("away", ({ detail }) => {
  document.body.classList.add("is-away");
  part("since").textContent = clock(detail.since);
  turnOff();
  draw();
});

document.addEventListener("back", () => {
  document.body.classList.remove("is-away");
  turnOn();
  draw();
});

document.addEventListener("live", draw);
document.addEventListener("click", (event) => {
  const served = event.target.closest("[data-served]");
  if (served && !served.disabled) tick(served.dataset.served);
});
part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  tick(event.target.elements.ticket.value);
  event.target.reset();
});
part("send").addEventListener("click", tell);
draw();
