// The rules of calling as a form: shows what would change, puts it in force. Options that this page does not know go back as they came.
import { clearErrors, showErrors } from "./admin-errors.js";
import { add, renumber, reservations } from "./admin-reservations.js";
import { send, words } from "./send.js";

const PAUSE = 400; // after the last key, before the server is asked what would change
const texts = JSON.parse(document.body.dataset.words);
const form = document.getElementById("policy");
const message = document.getElementById("message");
const preview = document.getElementById("preview");
let busy = false;
let moved = false;
let timer = 0;
let asked = 0;

// A number that the chosen policy does not use is neither shown nor checked, and keeps its value.
function show() {
  const name = form.elements.name.value;
  for (const part of form.querySelectorAll("[data-for]")) {
    part.hidden = !part.dataset.for.split(" ").includes(name);
    const input = part.querySelector("input");
    if (input) input.disabled = part.hidden;
  }
  const number = Number(form.elements.fair_fast.value);
  document.getElementById("fair-fast").textContent = number.toLocaleString(document.documentElement.lang);
  const multiple = valueOf(form.elements.ceiling_multiple);
  for (const terms of form.querySelectorAll("[data-class]")) {
    const target = Number(terms.querySelector("[data-term=target_minutes]").value);
    terms.querySelector("[data-term=ceiling_minutes]").placeholder = String(target * multiple);
  }
}

function valueOf(field) {
  return Number(field.disabled ? field.defaultValue : field.value);
}

function classes() {
  const found = {};
  for (const terms of form.querySelectorAll("[data-class]")) {
    const term = (name) => terms.querySelector(`[data-term=${name}]`);
    const ceiling = term("ceiling_minutes").value;
    found[terms.dataset.class] = {
      target_minutes: valueOf(term("target_minutes")),
      ceiling_minutes: ceiling === "" ? null : Number(ceiling),
      weight: valueOf(term("weight")),
    };
  }
  return found;
}

function rules() {
  const fields = form.elements;
  const options = JSON.parse(form.dataset.options);
  if (moved && !fields.fair_fast.disabled) options.fair_fast = valueOf(fields.fair_fast);
  return {
    name: fields.name.value,
    options,
    ordinary_per_priority: valueOf(fields.ordinary_per_priority),
    ceiling_multiple: valueOf(fields.ceiling_multiple),
    classes: classes(),
    reservations: reservations(),
    own_first: fields.own_first.checked,
    least_flexible_first: fields.least_flexible_first.checked,
    grace_seconds: valueOf(fields.grace_seconds),
    appointment_early_minutes: valueOf(fields.appointment_early_minutes),
    appointment_late_minutes: valueOf(fields.appointment_late_minutes),
  };
}

function line(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}

function say(changes) {
  const vi = document.documentElement.lang === "vi";
  const list = document.createElement("ul");
  list.append(...changes.map((one) => line("li", vi ? one.vi : one.en)));
  preview.replaceChildren(changes.length ? list : line("p", texts.unchanged));
}

// Puts errors beside their fields; what belongs to no field is said in one place.
function refused(result) {
  const errors = result.answer.errors ?? [];
  const rest = showErrors(form, errors).join(" ");
  if (rest || (errors.length && result.status < 300)) return rest;
  if (errors.length) return texts.refused;
  return result.status >= 200 && result.status < 300 ? "" : words(result, texts);
}

async function tryOut() {
  const mine = ++asked;
  if (!form.checkValidity()) return; // half a number is no question; the browser says so when the button is pressed
  const result = await send("/api/v1/policy/check", rules());
  if (mine !== asked || busy) return; // something else was typed meanwhile
  clearErrors(form);
  message.textContent = refused(result);
  say(result.answer.changes ?? []);
}

function changed() {
  show();
  clearTimeout(timer);
  timer = setTimeout(tryOut, PAUSE);
}

form?.addEventListener("input", (event) => {
  if (event.target.name === "fair_fast") moved = true;
  changed();
});

form?.addEventListener("click", (event) => {
  const place = event.target.closest(".remove")?.closest(".reservation");
  if (!place) return;
  place.remove();
  renumber();
  document.getElementById("add-reservation").focus();
  changed();
});

document.getElementById("add-reservation")?.addEventListener("click", () => {
  add();
  changed();
});

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  busy = true;
  asked += 1;
  clearTimeout(timer);
  message.textContent = "";
  clearErrors(form);
  const result = await send("/api/v1/policy", rules());
  busy = false;
  if (result.status >= 200 && result.status < 300) {
    location.reload();
    return;
  }
  message.textContent = refused(result);
  form.querySelector("[aria-invalid]")?.focus();
});

document.getElementById("take-clock")?.addEventListener("click", async (event) => {
  event.target.disabled = true;
  const result = await send("/api/v1/clock/take");
  if (result.status >= 200 && result.status < 300) {
    location.reload();
    return;
  }
  document.getElementById("clock-message").textContent = words(result, texts);
  event.target.disabled = false;
});

if (form) {
  renumber();
  show();
}
