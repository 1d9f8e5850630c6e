// One tab at a time. Where the browser has no locks, a lease in the database does: whoever dies
// holding it lets it run out.

import { write } from "./storage.js";
import { uuid } from "./bytes.js";

const LEASE = 90000; // milliseconds; longer than an upload takes (two at once are stored once)
const holder = uuid();

/**
 * Run `work(renew)` unless another tab is at it; says whether it ran.
 * `renew()` tells whether the lock is still ours, and keeps it for another while.
 */
export async function alone(name, work) {
  if (navigator.locks) {
    return navigator.locks.request("minyi-" + name, { ifAvailable: true }, async (lock) => {
      if (lock) await work(async () => true);
      return Boolean(lock);
    });
  }
  const key = "lease-" + name;
  if (!(await lease(key, LEASE))) return false;
  try {
    await work(() => lease(key, LEASE));
  } finally {
    await lease(key, 0);
  }
  return true;
}

function lease(key, length) {
  return write(["facts"], (store, give) => {
    const facts = store("facts");
    facts.get(key).onsuccess = (event) => {
      const standing = event.target.result;
      const isFree = !standing || standing.holder === holder || standing.until < Date.now();
      if (isFree) facts.put({ holder, until: Date.now() + length }, key);
      give(isFree);
    };
  });
}
