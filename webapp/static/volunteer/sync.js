// Sends the queue: one upload at a time, in the order of making (what can still be taken back waits),
// the same bytes at every try. A row leaves the phone only when the server has said that it holds it.

import { getBundle, post } from "./api.js";
import { bodyOf, book, keepBundle } from "./book.js";
import { alone } from "./locks.js";
import * as storage from "./storage.js";

const LONGEST = 300; // seconds between two tries
const SPREAD = 3000; // milliseconds over which phones begin that come online together
const RESTS = 3; // times as long as the last upload took, between two of them
const REST = 5000; // milliseconds, the longest
const FRESH = 5 * 60000; // for so long it is taken to be so
const TAKEN = ["stored", "repeated", "held"];

/** How it stands: "idle", "sending", "waiting" (for `until`), "login", "stranger", "forbidden", "full". */
export const status = { state: "idle", until: 0 };

let failures = 0;
let verified = 0; // when the server last said that it is this phone's owner who is logged in
let timer = null;
let running = false;
let isAwaited = false; // somebody has asked for it and looks on
let goOn = () => {}; // ends a rest
const listeners = new Set();

/** Call `listener` after every change; gives a function that ends it. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(change) {
  Object.assign(status, change);
  listeners.forEach((listener) => listener());
}

/** Three honest numbers, and how many of those sent the office looks at before they count. */
export async function counts() {
  const rows = await storage.all("queue");
  const sent = (await storage.get("facts", "sent")) || { taken: 0, held: 0 };
  const refused = rows.filter((row) => row.refusal).length;
  return { here: rows.length, sent: sent.taken, held: sent.held, refused, rows };
}

/** Send what can be sent, unless it is being done already; at once if somebody asks to `refresh`. */
export async function sync({ refresh = false } = {}) {
  if (refresh) {
    isAwaited = true;
    goOn();
  }
  if (running) return;
  running = true;
  clearTimeout(timer);
  let at = null;
  try {
    await alone("upload", (renew) => pass(renew, refresh));
    at = await nextTry();
  } catch (error) {
    at = stumbled(error);
  }
  running = isAwaited = false;
  if (at !== null) timer = setTimeout(sync, Math.max(at - Date.now(), 0));
}

// The storage is busy, or there is a fault in here: that passes, as a rule. A full phone takes longer.
function stumbled(error) {
  const isFull = storage.isFull(error);
  failed({ status: 0, wait: isFull ? LONGEST : 0 });
  if (isFull) tell({ state: "full" });
  return status.until;
}

async function pass(renew, refresh) {
  tell({ state: "sending" });
  if (!(await known(refresh))) return;
  let row = await next();
  while (row && (await renew())) {
    const begun = Date.now();
    if (!(await deliver(row))) return;
    const took = Date.now() - begun;
    if (!isAwaited && (await next())) await rest(Math.min(RESTS * took, REST));
    row = await next();
  }
  tell({ state: "idle" });
}

// A server that answers slowly has many others to answer: three of four phones leave it alone.
function rest(length) {
  return new Promise((resolve) => {
    goOn = resolve;
    setTimeout(resolve, length);
  });
}

// Whether the session is the one of this phone's owner. What is recorded here must not be sent in
// somebody else's name.
async function known(refresh) {
  if (Date.now() - verified < FRESH && !refresh) return true;
  verified = 0;
  const answer = await getBundle();
  if (answer.status !== 200 || !answer.body || !answer.body.assignments) return failed(answer);
  const owner = (await storage.get("facts", "owner")) || "";
  if (owner && owner !== answer.body.volunteer.name) {
    tell({ state: "stranger" });
    return false;
  }
  if (book.key) await keepBundle(answer.body);
  verified = Date.now();
  return true;
}

// The first row that may go now. While the app is locked, only what is sealed can be read.
async function next() {
  const rows = await storage.all("queue");
  return rows.find(
    (row) => !row.refusal && row.not_before <= Date.now() && (book.key || row.body !== undefined)
  );
}

async function deliver(row) {
  const tries = row.tries + 1;
  const isHere = await storage.write(["queue"], (store, give) => again(store, row, { tries }, give));
  if (!isHere) return true; // taken back at the last moment
  const answer = await post(row.kind, await bodyOf(row));
  if (answer.body && TAKEN.includes(answer.body.status)) {
    await acknowledged(row, answer.body.status === "held");
    failures = 0;
    tell({});
    return true;
  }
  // A body may arrive cut short once; what is refused again and again waits for its owner.
  if ([413, 415, 422].includes(answer.status) || (answer.status === 400 && row.tries >= 3)) {
    const refusal = { status: answer.status, detail: (answer.body && answer.body.detail) || "" };
    await storage.write(["queue"], (store) => again(store, row, { refusal }));
    tell({});
    return true;
  }
  return failed(answer);
}

// A row that another tab has finished with meanwhile stays away.
function again(store, row, change, give = () => {}) {
  const queue = store("queue");
  queue.get(row.place).onsuccess = (event) => {
    give(Boolean(event.target.result));
    if (event.target.result) queue.put({ ...event.target.result, ...change });
  };
}

function acknowledged(row, isHeld) {
  return storage.write(["queue", "facts"], (store) => {
    const queue = store("queue");
    queue.get(row.place).onsuccess = (event) => {
      if (!event.target.result) return;
      queue.delete(row.place);
      store("facts").get("sent").onsuccess = (found) => {
        const { taken, held } = found.target.result || { taken: 0, held: 0 };
        store("facts").put({ taken: taken + 1, held: held + (isHeld ? 1 : 0) }, "sent");
      };
    };
  });
}

function failed({ status: code, wait }) {
  if (code === 401 || code === 403) verified = 0;
  if (code === 401) {
    tell({ state: "login" });
  } else if (code === 403) {
    tell({ state: "forbidden" });
  } else {
    failures += 1;
    const seconds = Math.min(Math.max(2 ** Math.min(failures, 9), wait), LONGEST);
    tell({ state: "waiting", until: Date.now() + seconds * 1000 });
  }
  return false;
}

// When to try again without being asked; null: not before somebody asks.
async function nextTry() {
  if (status.state === "waiting") return status.until;
  if (status.state === "sending") tell({ state: "idle" });
  if (status.state !== "idle") return null;
  const rows = await storage.all("queue");
  const due = rows.filter((row) => !row.refusal && (book.key || row.body !== undefined));
  const soonest = Math.min(...due.map((row) => row.not_before));
  return due.length ? Math.max(soonest, Date.now() + 2000) : null;
}

/** Let the server's refusals be tried once more. */
export async function retryRefused() {
  const rows = (await storage.all("queue")).filter((row) => row.refusal);
  await storage.write(["queue"], (store) => rows.forEach((row) => again(store, row, { refusal: null })));
  await sync();
}

/** From now on, send whenever there is reason to hope. */
export function start() {
  window.addEventListener("online", () => {
    failures = 0;
    if (running || status.state === "stranger") return;
    if (status.state === "waiting") tell({ state: "idle" });
    clearTimeout(timer);
    timer = setTimeout(sync, Math.random() * SPREAD); // others come out of the same dead spot
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    failures = 0;
    if (status.state !== "stranger") sync();
  });
}
