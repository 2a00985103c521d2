// A link /sign-in#<token>&next=/console signs in by itself; the fragment never reaches a log.
const fragment = location.hash.slice(1);
if (fragment) {
  const [token, ...rest] = fragment.split("&");
  const next = rest.join("&").replace(/^next=/, "");
  history.replaceState(null, "", location.pathname + location.search);
  const form = document.getElementById("sign-in");
  form.elements.token.value = decodeURIComponent(token);
  if (next) form.elements.next.value = decodeURIComponent(next);
  form.requestSubmit();
}
