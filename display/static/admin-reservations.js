// The reservations of the form: added, numbered, read.
const list = document.getElementById("reservations");
const fresh = document.getElementById("new-reservation");

const all = () => [...list.querySelectorAll(":scope > .reservation")];

export function renumber() {
  all().forEach((one, place) => {
    one.querySelector(".ordinal").textContent = String(place + 1);
  });
}

export function add() {
  const one = fresh.content.firstElementChild.cloneNode(true);
  list.append(one);
  renumber();
  one.querySelector("select").focus();
}

function chosen(one, part) {
  return [...one.querySelectorAll(`[data-part=${part}] input:checked`)].map((box) => box.value);
}

// A day ends at 24:00, which no clock field can say: 23:59 stands for it.
function hours(one) {
  const begins = one.querySelector("[data-part=begins]").value;
  const ends = one.querySelector("[data-part=ends]").value;
  return `${begins}-${ends === "23:59" ? "24:00" : ends}`;
}

export function reservations() {
  return all().map((one) => ({
    kind: one.querySelector("[data-part=kind]").value,
    counters: chosen(one, "counters"),
    services: chosen(one, "services"),
    classes: chosen(one, "classes"),
    hours: hours(one),
    days: chosen(one, "days"),
  }));
}
