// Everything the page asks of the server, and the live connection that tells it what happened.

const TIMEOUT = 20_000;
const STEP_TIMEOUT = 90_000; // a step of the story waits for what it has caused

async function call(path, options, timeout = TIMEOUT) {
  const response = await fetch(`/_page/${path}`, { ...options, signal: AbortSignal.timeout(timeout) });
  const answer = await response.json().catch(() => null);
  if (answer) return answer;
  return { ok: false, error: `http_${response.status}` };
}

/** A POST; a server that cannot be reached is an ordinary answer with `ok: false`. */
async function post(path, body, timeout) {
  try {
    return await call(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }, timeout);
  } catch (problem) {
    return { ok: false, error: problem.name === "TimeoutError" ? "timeout" : "no_connection" };
  }
}

export const api = {
  state: () => call("state"),
  home: () => call("home"),
  messages(channel, thread) {
    const query = new URLSearchParams(thread ? { channel, thread_ts: thread } : { channel });
    return call(`messages?${query}`);
  },
  send: (channel, text, thread) => post("send", thread ? { channel, text, thread_ts: thread } : { channel, text }),
  action: (body) => post("action", body),
  viewSubmit: (view, values) => post("view_submit", { view_id: view, state: { values } }),
  viewClose: (view) => post("view_close", { view_id: view }),
  options: (body) => post("options", body),
  homeOpened: () => post("home_opened", {}),
  actAs: (user) => post("as", { user }),
  moveClock: (body) => post("clock", body),
  takeStep: (step) => post("story", { step }, STEP_TIMEOUT),
  tellAgain: () => post("story_again", {}),
  closeStory: (closed) => post("story_close", { closed }),
};

const FIRST_WAIT = 400;
const LONGEST_WAIT = 10_000;

/** Keeps the websocket open: `opened` runs after every connect, `lost` while it is away, `received` per event. */
export function live({ opened, lost, received }) {
  let wait = FIRST_WAIT;
  const connect = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/_page/live`);
    socket.onopen = () => {
      wait = FIRST_WAIT;
      opened();
    };
    socket.onmessage = (event) => received(JSON.parse(event.data));
    socket.onclose = () => {
      lost();
      // Spread out, so that many open pages do not return in the same instant.
      setTimeout(connect, wait * (0.8 + Math.random() * 0.4));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  };
  connect();
}
