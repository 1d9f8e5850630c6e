// The PIN and what it guards. A random key encrypts everything that could be read; the PIN only
// wraps that key (PBKDF2), so that it can be slow to try and need not be long to be typed.

import { fromUtf8, random, utf8 } from "./bytes.js";

const FEWEST = 100000; // rounds of PBKDF2, however slow the phone
const MOST = 2000000;
const PATIENCE = 700; // milliseconds that unlocking may take
const TRIAL = 20000;

/** A new data key, and the record that gives it back to whoever knows the PIN. */
export async function create(pin) {
  const raw = random(32);
  const salt = random(16);
  const rounds = await affordable();
  const iv = random(12);
  const wrapper = await imported(await stretched(pin, salt, rounds));
  const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, wrapper, raw);
  return { key: await imported(raw), record: { salt, rounds, iv, wrapped } };
}

/** The data key, or null if it is not the PIN. */
export async function unlock(pin, { salt, rounds, iv, wrapped }) {
  const wrapper = await imported(await stretched(pin, salt, rounds));
  try {
    return imported(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, wrapper, wrapped));
  } catch (error) {
    return null;
  }
}

/** A value as a box that only the key opens, and only under the same name. */
export async function box(key, name, value) {
  const iv = random(12);
  const how = { name: "AES-GCM", iv, additionalData: utf8(name) };
  return { iv, data: await crypto.subtle.encrypt(how, key, utf8(JSON.stringify(value))) };
}

export async function unbox(key, name, { iv, data }) {
  const how = { name: "AES-GCM", iv, additionalData: utf8(name) };
  return JSON.parse(fromUtf8(await crypto.subtle.decrypt(how, key, data)));
}

function imported(raw) {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function stretched(pin, salt, iterations) {
  const typed = utf8(pin.normalize("NFKC"));
  const base = await crypto.subtle.importKey("raw", typed, "PBKDF2", false, ["deriveBits"]);
  return crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, base, 256);
}

// As many rounds as this phone does in the time its owner will wait at every unlocking.
async function affordable() {
  await stretched("", random(16), 1000);
  const begun = performance.now();
  await stretched("", random(16), TRIAL);
  const rounds = Math.round((TRIAL * PATIENCE) / Math.max(performance.now() - begun, 1));
  return Math.min(Math.max(rounds, FEWEST), MOST);
}
