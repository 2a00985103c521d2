// Puts changed calling rules in force.
import { send, words } from "./send.js";

const texts = JSON.parse(document.body.dataset.words);
const form = document.getElementById("policy");
const message = document.getElementById("message");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const result = await send("/api/v1/policy", {
    name: form.dataset.name,
    options: JSON.parse(form.dataset.options),
    ordinary_per_priority: Number(form.elements.ordinary_per_priority.value),
    ceiling_multiple: Number(form.elements.ceiling_multiple.value),
  });
  if (result.status >= 200 && result.status < 300) location.reload();
  else message.textContent = words(result, texts);
});
