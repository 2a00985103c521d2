// Puts changed calling rules in force. Options that this page does not know go back as they came.
import { send, words } from "./send.js";

const texts = JSON.parse(document.body.dataset.words);
const form = document.getElementById("policy");
const message = document.getElementById("message");
let busy = false;
let moved = false;

// A number that the chosen policy does not use is neither shown nor checked, and keeps its value.
function show() {
  const name = form.elements.name.value;
  for (const label of form.querySelectorAll("[data-for]")) {
    label.hidden = !label.dataset.for.split(" ").includes(name);
    label.querySelector("input").disabled = label.hidden;
  }
  const number = Number(form.elements.fair_fast.value);
  document.getElementById("fair-fast").textContent = number.toLocaleString(document.documentElement.lang);
}

function valueOf(field) {
  return Number(field.disabled ? field.defaultValue : field.value);
}

function rules() {
  const { name, ordinary_per_priority, ceiling_multiple, fair_fast } = form.elements;
  const options = JSON.parse(form.dataset.options);
  if (moved && !fair_fast.disabled) options.fair_fast = valueOf(fair_fast);
  return {
    name: name.value,
    options,
    ordinary_per_priority: valueOf(ordinary_per_priority),
    ceiling_multiple: valueOf(ceiling_multiple),
  };
}

form?.addEventListener("input", (event) => {
  if (event.target.name === "fair_fast") moved = true;
  show();
});

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  busy = true;
  message.textContent = "";
  const result = await send("/api/v1/policy", rules());
  busy = false;
  if (result.status >= 200 && result.status < 300) location.reload();
  else message.textContent = words(result, texts);
});

if (form) show();
