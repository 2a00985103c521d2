// A past day with a change: one request that may take a minute, shown as a small table. The server takes one at a time.
import { words } from "./send.js";

const texts = JSON.parse(document.body.dataset.words);
const form = document.getElementById("replay");
const PATIENCE = 75_000; // the server gives up after 60 seconds and says so
let running = null;

const at = (id) => document.getElementById(id);

function made(name, text, className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

// A field that the chosen change does not need is neither shown nor checked.
function show() {
  const change = form.elements.change.value;
  for (const part of form.querySelectorAll("[data-for]")) {
    part.hidden = !part.dataset.for.split(" ").includes(change);
    part.querySelector("input, select").disabled = part.hidden;
  }
}

function wanted() {
  const body = { change: form.elements.change.value, language: document.documentElement.lang };
  const days = form.elements.days.value;
  if (days.startsWith("last:")) body.last = Number(days.slice(5));
  else body.day = days;
  for (const name of ["policy", "counter", "at", "until", "minutes"]) {
    const field = form.elements[name];
    if (!field.disabled && field.value !== "") body[name] = name === "minutes" ? Number(field.value) : field.value;
  }
  return body;
}

function title(page, body) {
  if (body.change !== "policy") return page.title;
  const chosen = form.elements.policy.selectedOptions[0].textContent;
  return texts.if_policy.replace("{policy}", () => chosen);
}

function table(rows, caption) {
  const found = made("table", "");
  found.append(made("caption", caption));
  const head = found.createTHead().insertRow();
  for (const text of ["", texts.before_after, texts.difference]) {
    const cell = made(text ? "th" : "td", text);
    if (text) cell.scope = "col";
    if (text === texts.before_after) cell.className = "count";
    head.append(cell);
  }
  const body = found.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    const name = made("th", row.name);
    name.scope = "row";
    line.append(name, made("td", `${row.before} → ${row.after}`, "count"), made("td", row.change, `tone ${row.tone}`));
  }
  return found;
}

function folded(rows, caption) {
  const found = document.createElement("details");
  found.append(made("summary", caption), table(rows, caption));
  return found;
}

function draw(page, body) {
  const part = (name) => page.rows.filter((row) => row.part === name);
  const answer = at("replay-answer");
  const notes = made("ul", "", "facts");
  for (const note of page.notes) notes.append(made("li", note));
  const heading = made("h3", `${title(page, body)} – ${form.elements.days.selectedOptions[0].textContent}`);
  answer.replaceChildren(heading, made("p", page.headline, `headline ${page.tone}`), table(part("all"), texts.everybody));
  if (part("services").length) answer.append(folded(part("services"), texts.by_service));
  if (part("classes").length) answer.append(folded(part("classes"), texts.by_class));
  answer.append(notes);
  answer.hidden = false;
  answer.focus({ preventScroll: true });
  answer.scrollIntoView({ block: "nearest" });
}

async function ask(body, signal) {
  try {
    const response = await fetch("/api/v1/replay", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
      signal,
    });
    return { status: response.status, answer: await response.json() };
  } catch {
    return { status: 0, answer: {} };
  }
}

function busy(controller) {
  running = controller;
  at("replay-stop").hidden = !controller;
  at("replay-go").disabled = Boolean(controller);
  at("replay-status").textContent = controller ? texts.replaying : "";
}

async function replay() {
  const body = wanted();
  const controller = new AbortController();
  busy(controller);
  at("replay-message").textContent = "";
  at("replay-answer").hidden = true;
  const late = setTimeout(() => controller.abort(), PATIENCE);
  const result = await ask(body, controller.signal);
  clearTimeout(late);
  const stopped = controller.signal.aborted && controller.signal.reason === "stopped";
  busy(null);
  if (stopped) at("replay-status").textContent = texts.replay_stopped;
  else if (result.status === 200) draw(result.answer.page, body);
  else at("replay-message").textContent = words(result, texts);
  if (result.status !== 200) at("replay-go").focus();
}

if (form) {
  form.addEventListener("change", (event) => event.target.name === "change" && show());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!running) replay();
  });
  at("replay-stop").addEventListener("click", () => running?.abort("stopped"));
  show();
}
