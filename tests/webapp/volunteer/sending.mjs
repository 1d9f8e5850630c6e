// What the app asks of the server and when, in the situations that `test_sending.py` names.
import { clock, page, server, storage } from "./phone.mjs";

const time = clock();
const kept = storage();
const tell = page();
const BUNDLE = { assignments: [], volunteer: { name: "" } };

function queue(count) {
  for (let place = 1; place <= count; place += 1) {
    kept.stores.queue.set(place, { place, id: "row" + place, kind: "shifts", body: "{}", not_before: 0, tries: 0, refusal: null });
  }
}

// Answers every upload with "stored" after so many seconds.
const storing = (after) => ({ kind }) =>
  kind === "bundle" ? { status: 200, said: BUNDLE } : { status: 200, said: { status: "stored" }, after };

const busy = (stores, mode) => mode === "readwrite" && stores.includes("queue");

const SITUATIONS = {
  // The storage refuses every change to the queue for so many seconds.
  async trouble({ error, seconds }, { sync, status }) {
    const asked = server(time, storing(0.1));
    const tries = [];
    const states = [];
    queue(1);
    kept.trouble = (stores, mode) => {
      if (!busy(stores, mode)) return null;
      tries.push(time.seconds());
      states.push(status.state);
      return time.seconds() < seconds ? Object.assign(new Error("busy"), { name: error }) : null;
    };
    sync();
    await time.pass(2);
    const standing = status.state;
    await time.pass(1000);
    return { tries, standing, sent: asked.filter(({ kind }) => kind === "shifts").length, left: kept.stores.queue.size };
  },

  // Signal comes back where so many wait to be sent.
  async online({ count, random, after, press }, { start, status, sync }) {
    const asked = server(time, storing(after));
    queue(count);
    Math.random = () => random;
    start();
    status.state = "waiting"; // for a server that could not be reached
    tell("online");
    const standing = status.state;
    if (press !== undefined) {
      await time.pass(press);
      sync({ refresh: true });
    }
    await time.pass(100);
    return { standing, asked: asked.map(({ kind, at, over }) => [kind, at, over]) };
  },

  // The second of two is taken back at a moment, or just before the n-th change to the queue.
  async taken_back({ at, change }, { sync }) {
    const asked = server(time, storing(1));
    let changes = 0;
    queue(2);
    kept.trouble = (stores, mode) => {
      if (busy(stores, mode) && (changes += 1) === change) kept.stores.queue.delete(2);
      return null;
    };
    sync();
    await time.pass(at);
    if (!change) kept.stores.queue.delete(2);
    await time.pass(100);
    return asked.filter(({ kind }) => kind === "shifts").length;
  },

  // A server that says nothing, or a sign of life now and then.
  async silence({ bytes, signs }, _sync, { post }) {
    server(time, () => ({ status: 200, said: {}, after: 1e6, signs }));
    let over = null;
    post("interviews", "x".repeat(bytes)).then(({ status }) => (over = [time.seconds(), status]));
    await time.pass(9000);
    return over;
  },
};

export default async function ({ situation, given }, load) {
  return SITUATIONS[situation](given, await load("sync.js"), await load("api.js"));
}
