// Puts each error of the server beside its field; gives back the sentences that belong to no field of this page.
let count = 0;

function holder(form, field) {
  const [section, number, part] = field.split(".");
  if (section === "reservations" && number !== undefined) {
    const one = form.querySelectorAll("#reservations > .reservation")[Number(number)];
    return one?.querySelector(`[data-part=${part}]`) ?? one?.querySelector("fieldset");
  }
  const plain = field.replace(/_(minutes|seconds)$/, "");
  const known = [...form.querySelectorAll("[data-at]")].filter((place) => !place.hidden);
  return (
    known.find((place) => place.dataset.at === plain) ?? known.find((place) => plain.startsWith(`${place.dataset.at}.`))
  );
}

export function clearErrors(form) {
  for (const line of form.querySelectorAll(".wrong")) line.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

export function showErrors(form, errors) {
  const vi = document.documentElement.lang === "vi";
  const rest = [];
  for (const error of errors) {
    const text = (vi && error.message_vi) || error.message;
    const place = holder(form, error.field);
    if (!place) {
      rest.push(text);
      continue;
    }
    const line = document.createElement("p");
    line.className = "wrong";
    line.id = `wrong-${++count}`;
    line.textContent = text;
    if (place.matches("label")) place.after(line);
    else place.append(line);
    const field = place.querySelector("input, select");
    field?.setAttribute("aria-invalid", "true");
    field?.setAttribute("aria-describedby", line.id);
  }
  return rest;
}
