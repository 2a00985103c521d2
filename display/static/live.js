// Keeps the regions of a page up to date from one event stream. A region is replaced whole, so a lost frame heals itself.
const body = document.body;
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("motcua", { createHTML: (html) => html })
  : { createHTML: (html) => html };
const silence = Number(body.dataset.silence) * 1000;
const stale = document.getElementById("stale");
let source = null;
let heard = Date.now();
const speed = Number(body.dataset.speed); // office seconds a second
let at = Date.parse(body.dataset.at); // the office's clock, when this one showed `seen`
let seen = Date.now();
let retry = 0;
let failures = 0;
let grace = 0; // a page that comes back to the front has this long to hear something

const officeTime = (here) => new Date(at + (here - seen) * speed);
export const serverNow = () => officeTime(Date.now());

export const clock = (moment) =>
  moment.toLocaleTimeString("vi-VN", { timeZone: body.dataset.zone, hour: "2-digit", minute: "2-digit", hour12: false });

function alive() {
  heard = Date.now();
  failures = 0;
  stale.hidden = true;
  if (!body.classList.contains("is-stale")) return;
  body.classList.remove("is-stale");
  document.dispatchEvent(new CustomEvent("back"));
}

function replace(name, html) {
  const old = document.querySelector(`[data-region="${CSS.escape(name)}"]`);
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  const fresh = template.content.firstElementChild;
  if (!old || !fresh || old.dataset.hash === fresh.dataset.hash) return false;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const opened = [...old.querySelectorAll("details[open]")].map((details) => details.id);
  old.replaceWith(fresh);
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return true;
}

function show(message) {
  alive();
  const { at: told, version, regions } = JSON.parse(message.data);
  if (version !== body.dataset.version) {
    location.reload(); // the server has newer pages
    return;
  }
  at = Date.parse(told);
  seen = Date.now();
  const changed = Object.entries(regions).filter(([name, html]) => replace(name, html)).map(([name]) => name);
  document.dispatchEvent(new CustomEvent("live", { detail: { changed } }));
}

function lost() {
  close();
  heard = Math.min(heard, Date.now() - silence + Math.min(5000, silence)); // a known break shows sooner than a silence
  failures += 1;
  if (failures % 3 === 0) refused();
  const wait = Math.min(15000, 500 * 2 ** Math.min(failures, 5));
  retry = setTimeout(open, wait / 2 + (Math.random() * wait) / 2); // jitter: not all boards at the same moment
}

// An EventSource does not say why it failed: a page that may not be seen any more asks for itself anew.
async function refused() {
  const answer = await fetch(body.dataset.stream, { method: "HEAD" }).catch(() => null);
  if (answer && [401, 403, 404, 410].includes(answer.status)) location.reload();
}

function open() {
  close();
  if (document.visibilityState === "hidden" && !body.dataset.keep) return;
  source = new EventSource(body.dataset.stream);
  source.addEventListener("regions", show);
  source.addEventListener("beat", alive);
  source.addEventListener("gone", () => {
    close();
    location.reload();
  });
  source.addEventListener("error", lost);
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

function look() {
  if (Date.now() - heard <= silence || Date.now() < grace) return;
  if (document.visibilityState === "hidden" && !body.dataset.keep) return;
  stale.textContent = body.dataset.stale.replace("{time}", clock(officeTime(heard)));
  stale.hidden = false;
  if (!body.classList.contains("is-stale")) {
    body.classList.add("is-stale");
    document.dispatchEvent(new CustomEvent("away", { detail: { since: officeTime(heard) } }));
  }
  if (source && Date.now() - heard > 2 * silence) lost(); // open but dead: a half-closed line tells nobody
}

if (body.dataset.stream) {
  open();
  setInterval(look, Math.min(1000, silence / 2));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      grace = Date.now() + Math.min(5000, silence);
      if (!source) open();
    } else if (!body.dataset.keep) close();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
}
