// A browser with nothing but what sending needs: a clock that is turned by hand, a storage, a server.

const settle = setImmediate;

/** Time passes only while `pass` is awaited; timers then ring in their order. */
export function clock() {
  const timers = new Map();
  let now = Date.parse("2026-11-20T08:00:00Z");
  const begun = now;
  let last = 0;
  Date.now = () => now;
  globalThis.setTimeout = (work, delay = 0) => {
    timers.set((last += 1), { work, at: now + delay });
    return last;
  };
  globalThis.clearTimeout = (number) => timers.delete(number);
  const rest = async () => {
    for (let round = 0; round < 60; round += 1) await new Promise((done) => settle(done));
  };
  return {
    seconds: () => (now - begun) / 1000,
    async pass(seconds) {
      const end = now + seconds * 1000;
      await rest();
      for (;;) {
        const [number, next] = [...timers].sort(([, a], [, b]) => a.at - b.at)[0] || [];
        if (!next || next.at > end) break;
        timers.delete(number);
        now = Math.max(now, next.at);
        next.work();
        await rest();
      }
      now = end;
    },
  };
}

/** Stores in memory; `trouble(stores, mode)` may name the error that a transaction ends with. */
export function storage() {
  const stores = { facts: new Map(), boxes: new Map(), drafts: new Map(), queue: new Map() };
  const kept = { stores, trouble: () => null };
  const ask = (transaction, work) => {
    const request = {};
    transaction.open += 1;
    settle(() => {
      request.result = work();
      if (request.onsuccess) request.onsuccess({ target: request });
      transaction.open -= 1;
      if (!transaction.open) transaction.end();
    });
    return request;
  };
  const begin = (names, mode) => {
    const error = kept.trouble(names, mode);
    const transaction = { open: 0, error };
    transaction.end = () => (error ? transaction.onabort() : transaction.oncomplete());
    transaction.objectStore = (name) => ({
      get: (key) => ask(transaction, () => stores[name].get(key)),
      getAll: () => ask(transaction, () => [...stores[name].values()]),
      put: (value, key = value.place) => ask(transaction, () => error || stores[name].set(key, value)),
      delete: (key) => ask(transaction, () => error || stores[name].delete(key)),
    });
    return transaction;
  };
  globalThis.indexedDB = {
    open() {
      const request = { result: { transaction: begin } };
      settle(() => request.onsuccess());
      return request;
    },
  };
  return kept;
}

/** Requests as they are made; `answer(request)` says what comes back, after how many seconds. */
export function server(time, answer) {
  const asked = [];
  globalThis.XMLHttpRequest = class {
    open(method, url) {
      Object.assign(this, { method, url, status: 0, responseText: "" });
    }

    setRequestHeader() {}

    getResponseHeader() {
      return null;
    }

    set timeout(milliseconds) {
      this.limit = milliseconds;
      if (this.begun !== undefined) this.wait();
    }

    wait() {
      clearTimeout(this.alarm);
      this.alarm = setTimeout(() => this.end(0, ""), this.begun + this.limit - Date.now());
    }

    send(body) {
      this.begun = Date.now();
      const request = { at: time.seconds(), kind: this.url.split("/").pop(), body };
      asked.push(request);
      const { status, said, after = 0.1, signs = [] } = answer(request);
      signs.forEach((second) => setTimeout(() => this.ended || this.onprogress(), second * 1000));
      setTimeout(() => this.end(status, JSON.stringify(said)), after * 1000);
      this.wait();
      this.over = () => (request.over = time.seconds());
    }

    end(status, text) {
      if (this.ended) return;
      clearTimeout(this.alarm);
      Object.assign(this, { ended: true, status, responseText: text });
      this.over();
      this.onloadend();
    }
  };
  return asked;
}

/** What the page itself tells: `tell("online")`. */
export function page() {
  const listeners = {};
  const listen = (name, work) => (listeners[name] = work);
  globalThis.window = { addEventListener: listen };
  globalThis.document = { addEventListener: listen, visibilityState: "visible" };
  const locks = { request: (_name, _options, work) => work({}) };
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
  return (name) => listeners[name]();
}
