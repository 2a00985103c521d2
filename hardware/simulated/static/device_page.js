"use strict";
// The server sends the whole state each time, so a lost message heals itself with the next one.
const news = new EventSource("/events");

function show(state) {
  for (const [id, text] of Object.entries(state.texts)) {
    const place = document.getElementById(id);
    if (place && place.textContent !== text) place.textContent = text;
  }
  for (const [id, bad] of Object.entries(state.bad)) document.getElementById(id)?.classList.toggle("bad", bad);
  for (const [id, pressed] of Object.entries(state.pressed)) document.getElementById(id)?.setAttribute("aria-pressed", pressed);
  for (const [id, picture] of Object.entries(state.pictures)) {
    const image = document.getElementById(id);
    if (!image) continue;
    if (image.getAttribute("src") !== picture.src) image.src = picture.src;
    image.alt = picture.alt;
    if (picture.calls && picture.calls !== (image.dataset.calls ?? picture.calls)) {
      image.classList.remove("called");
      void image.offsetWidth; // lets the animation begin anew
      image.classList.add("called");
    }
    image.dataset.calls = picture.calls ?? "";
    image.hidden = !picture.src;
  }
}

news.onmessage = (message) => { document.body.classList.remove("stale"); show(JSON.parse(message.data)); };
news.onerror = () => document.body.classList.add("stale");

document.addEventListener("submit", (event) => {
  event.preventDefault();
  fetch(event.target.action, { method: "POST" }).catch(() => document.body.classList.add("stale"));
});
