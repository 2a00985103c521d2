// Sends one command. The same key goes with every attempt, so a repeat after a lost answer does nothing twice.
export function key() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID exists only over HTTPS
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function attempt(path, body, headers) {
  return fetch(path, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
    credentials: "same-origin",
    signal: AbortSignal.timeout(8000),
  });
}

// Gives {status, answer}; status 0 when the server could not be reached.
export async function send(path, body = {}, once = key()) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": once };
  for (const wait of [300, 1200, 0]) {
    try {
      const response = await attempt(path, body, headers);
      const text = await response.text();
      const isJson = (response.headers.get("content-type") || "").includes("json");
      return { status: response.status, answer: text && isJson ? JSON.parse(text) : {} };
    } catch {
      if (wait) await pause(wait);
    }
  }
  return { status: 0, answer: {} };
}

export function words({ status, answer }, texts) {
  if (status === 0) return texts.away;
  if (status === 401) return texts.session;
  const title = document.documentElement.lang === "vi" ? answer.title_vi || answer.title : answer.title;
  return title || texts.failed;
}
