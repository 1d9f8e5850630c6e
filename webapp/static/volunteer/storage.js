// What this phone keeps, in IndexedDB:
//   facts   small things in the clear: the PIN's record, the owner, counts, preferences
//   boxes   encrypted: what the server assigned
//   drafts  encrypted, by unit: what is under way at a door
//   queue   finished work that the server has not yet acknowledged, in the order of making
//
// Work inside a transaction is written with callbacks, not promises: the oldest browsers end a
// transaction before a promise goes on.

const NAME = "minyi-volunteer";
const VERSION = 1;
let opening = null;

function open() {
  opening = opening || new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const db = request.result;
      for (const name of ["facts", "boxes", "drafts"]) db.createObjectStore(name);
      db.createObjectStore("queue", { keyPath: "place", autoIncrement: true })
        .createIndex("id", "id", { unique: true });
    };
    request.onsuccess = () => {
      // Closed by the browser or wanted by a newer version: the next transaction opens it again.
      request.result.onclose = forget;
      request.result.onversionchange = () => {
        request.result.close();
        forget();
      };
      resolve(request.result);
    };
    request.onerror = () => {
      forget();
      reject(request.error);
    };
  });
  return opening;
}

function forget() {
  opening = null;
}

async function begin(stores, mode) {
  try {
    return (await open()).transaction(stores, mode);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    forget(); // the connection was lost unnoticed
    return (await open()).transaction(stores, mode);
  }
}

async function transact(stores, mode, work) {
  const transaction = await begin(stores, mode);
  return new Promise((resolve, reject) => {
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error || new Error("aborted"));
    try {
      work((name) => transaction.objectStore(name), (value) => (result = value), transaction);
    } catch (error) {
      reject(error);
      transaction.abort();
    }
  });
}

/** Run `work(store, give)` in one reading transaction; resolves with what was last given. */
export function read(stores, work) {
  return transact(stores, "readonly", work);
}

/** Run `work(store, give, transaction)` in one writing transaction: all of it is kept, or none. */
export function write(stores, work) {
  return transact(stores, "readwrite", work);
}

export function get(store, key) {
  return read([store], (of, give) => {
    of(store).get(key).onsuccess = (event) => give(event.target.result);
  });
}

export function all(store) {
  return read([store], (of, give) => {
    of(store).getAll().onsuccess = (event) => give(event.target.result);
  });
}

export function put(store, key, value) {
  return write([store], (of) => of(store).put(value, key));
}

export function remove(store, key) {
  return write([store], (of) => of(store).delete(key));
}

/** Ask the browser not to clear all this by itself, and note what it answers. */
export async function askToKeep() {
  const { storage } = navigator;
  if (!storage || !storage.persist) return;
  await put("facts", "persisted", (await storage.persisted()) || (await storage.persist()));
}

/** Whether an error says that the phone is full. */
export function isFull(error) {
  return Boolean(error) && error.name === "QuotaExceededError";
}
