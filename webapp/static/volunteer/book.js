// The open book: what the app knows while it is unlocked, and every change to what the phone keeps.

import { merged, noted } from "./assignments.js";
import { withPhone } from "./rechecks.js";
import { uuid } from "./bytes.js";
import { seal } from "./seal.js";
import * as storage from "./storage.js";
import { box, unbox } from "./vault.js";

export const book = {
  key: null, // the data key; null while locked
  owner: "",
  partner: "",
  bundle: null,
  drift: 0, // milliseconds by which the server's clock is ahead of this phone's
};

/** Another tab has changed the same door since it was read. */
export class Outdated extends Error {}

export async function open(key) {
  book.key = key;
  book.owner = (await storage.get("facts", "owner")) || "";
  book.partner = (await storage.get("facts", "partner")) || "";
  book.drift = (await storage.get("facts", "drift")) || 0;
  await reread();
}

/** Take over what another tab may have written. */
export async function reread() {
  const stored = await storage.get("boxes", "bundle");
  book.bundle = stored ? await unbox(book.key, "bundle", stored) : null;
}

export function lock() {
  book.key = null;
  book.bundle = null;
}

/** The time by the server's clock, as far as it is known. */
export function now() {
  return new Date(Date.now() + book.drift).toISOString();
}

/** Keep what the server assigns, with what it cannot know yet. */
export async function keepBundle(fresh) {
  const drift = Date.parse(fresh.server_time) - Date.now();
  const rows = await storage.all("queue");
  const attempts = rows.filter(({ kind }) => kind === "attempts");
  const pending = await Promise.all(attempts.map(async (row) => JSON.parse(await bodyOf(row))));
  const doors = await doorsUnderWay();
  const before = book.bundle ? book.bundle.assignments : [];
  const kept = before.filter(({ unit }) => doors.includes(unit));
  const finished = rows.filter(({ kind }) => kind === "interviews").map(({ unit }) => unit);
  const bundle = answered(merged(fresh, pending, kept), finished);
  const confirmed = rows.filter(({ kind }) => kind === "rechecks").map(({ recheck: number }) => number);
  bundle.rechecks = withPhone(fresh.rechecks, rechecks(), confirmed, await rechecksUnderWay());
  if (kept.length || bundle.rechecks.some(({ moved }) => moved)) {
    bundle.waves = bundle.waves.concat(book.bundle.waves.filter(lacking(bundle.waves)));
  }
  const sealing = bundle.waves.find((one) => one.seal);
  const boxed = await box(book.key, "bundle", bundle);
  const idle = await withoutInterview(doors.filter((one) => isDone(bundle, one)));
  await storage.write(["boxes", "facts", "drafts"], (store) => {
    store("boxes").put(boxed, "bundle");
    store("facts").put(fresh.volunteer.name, "owner");
    store("facts").put(drift, "drift");
    if (sealing) store("facts").put({ code: sealing.code, seal: sealing.seal }, "seal");
    for (const { unit, version } of idle) deleteAs(store, unit, version);
  });
  book.owner = fresh.volunteer.name;
  book.drift = drift;
  book.bundle = bundle;
}

const lacking = (waves) => (wave) => !waves.some((other) => other.code === wave.code);

function isDone(bundle, unit) {
  const found = bundle.assignments.find((one) => one.unit === unit);
  return !found || (found.answered && !found.moved);
}

// What the server knows to be answered leaves no trace of the door behind, but for an interview that
// is under way here: only its volunteer ends that.
async function withoutInterview(units) {
  const drafts = await Promise.all(units.map(async (unit) => ({ unit, ...(await door(unit)) })));
  return drafts.filter(({ interview }) => !interview);
}

function deleteAs(store, unit, version) {
  const drafts = store("drafts");
  drafts.get(unit).onsuccess = (event) => {
    if (event.target.result && event.target.result.version === version) drafts.delete(unit);
  };
}

export function assignment(unit) {
  return book.bundle.assignments.find((one) => one.unit === unit);
}

export function wave(code) {
  return book.bundle.waves.find((one) => one.code === code);
}

// ---- what is under way at a door ----

const EMPTY = { version: 0, households: null, selection: null, interview: null };

export async function door(unit) {
  const stored = await storage.get("drafts", unit);
  if (!stored) return { ...EMPTY };
  return { ...(await unbox(book.key, "drafts/" + unit, stored.box)), version: stored.version };
}

/** Units with an interview or a selection under way. */
export async function doorsUnderWay() {
  return (await keysUnderWay()).filter((key) => typeof key === "number");
}

/** Re-checks that are begun; they lie among the drafts under "recheck/<number>". */
export async function rechecksUnderWay() {
  const keys = (await keysUnderWay()).filter((key) => typeof key === "string");
  return keys.map((key) => Number(key.split("/")[1]));
}

/** How much is begun, locked or not. */
export async function doorsBegun() {
  return (await keysUnderWay()).length;
}

function keysUnderWay() {
  return storage.read(["drafts"], (store, give) => {
    store("drafts").getAllKeys().onsuccess = (event) => give(event.target.result);
  });
}

let saving = Promise.resolve();

/** Keep what is under way; one save after the other, for each stands on the version before it. */
export function saveDoor(unit, draft) {
  const save = async () => {
    const boxed = await box(book.key, "drafts/" + unit, draft);
    await changing(unit, draft, [], (store) => {
      store("drafts").put({ version: draft.version + 1, box: boxed }, unit);
    });
    draft.version += 1;
  };
  const done = saving.then(save);
  saving = done.catch(() => null);
  return done;
}

/** Forget what is under way, as its volunteer wishes. */
export async function discard(unit, draft) {
  await saving;
  await changing(unit, draft, [], (store) => store("drafts").delete(unit));
}

/** Write only if no other tab has written this door since it was read. */
async function changing(unit, draft, others, work) {
  const isOurs = await storage.write(["drafts", ...others], (store, give) => {
    store("drafts").get(unit).onsuccess = (event) => {
      const standing = event.target.result ? event.target.result.version : 0;
      give(standing === draft.version);
      if (standing === draft.version) work(store);
    };
  });
  if (!isOurs) throw new Outdated();
}

// ---- what is finished ----

/**
 * Write down an attempt; it goes to the server by itself.
 * `pause` holds it back for so many milliseconds, within which `undo` takes it back.
 */
export async function recordAttempt(unit, draft, { outcome, return_at = null }, pause = 0) {
  const row = await attemptRow(unit, draft, { outcome, return_at, at: now() }, pause);
  const bundle = withAttempt(row.attempt);
  const boxed = await box(book.key, "bundle", bundle);
  const isEnd = bundle.assignments.some((one) => one.unit === unit && one.settled);
  const kept = await storage.write(["queue", "boxes", "drafts"], (store, give) => {
    store("queue").add(row.stored);
    store("boxes").put(boxed, "bundle");
    store("drafts").get(unit).onsuccess = (event) => give(event.target.result);
    if (isEnd) store("drafts").delete(unit);
  });
  const before = book.bundle;
  book.bundle = bundle;
  return { id: row.stored.id, unit, before, kept };
}

/** Take an attempt back; says whether it was still here to be taken back. */
export async function undo({ id, unit, before, kept }) {
  const boxed = await box(book.key, "bundle", before);
  const isBack = await storage.write(["queue", "boxes", "drafts"], (store, give) => {
    store("queue").index("id").get(id).onsuccess = (event) => {
      const row = event.target.result;
      give(Boolean(row) && row.tries === 0);
      if (!row || row.tries !== 0) return;
      store("queue").delete(row.place);
      store("boxes").put(boxed, "bundle");
      if (kept) store("drafts").put(kept, unit);
    };
  });
  if (isBack) book.bundle = before;
  return isBack;
}

/**
 * Seal an interview, queue it, and forget its answers: all in one transaction. The server counts it
 * as an attempt by itself.
 */
export async function finish(unit, draft, answers) {
  await saving;
  const { interview, selection } = draft;
  const { code, seal: current, questionnaire } = wave(assignment(unit).wave);
  const theirs = interview.seal || current;
  const id = interview.instance_id;
  const finished_at = interview.mode === "paper" ? interview.started_at : now();
  const sealed = await seal(theirs.public_jwk, [code, unit, id], {
    instance_id: id,
    wave: code,
    unit,
    language: interview.language,
    seed: interview.seed,
    answers,
    notes: interview.notes,
    started_at: interview.started_at,
    finished_at,
    private: interview.private,
    partner: partnerAt(unit),
    selection,
    questionnaire: questionnaire.name + "/" + questionnaire.version,
  });
  const phone_time = new Date().toISOString();
  const { kid } = theirs;
  const body = JSON.stringify({ id, unit, wave: code, kid, mode: interview.mode, sealed, phone_time });
  const attempt = { unit, outcome: "interview", at: interview.started_at, return_at: null };
  const bundle = answered(withAttempt(attempt), [unit]);
  const boxed = await box(book.key, "bundle", bundle);
  await changing(unit, draft, ["queue", "boxes"], (store) => {
    store("queue").add({ id, kind: "interviews", unit, wave: code, body, ...fresh() });
    store("drafts").delete(unit);
    store("boxes").put(boxed, "bundle");
  });
  book.bundle = bundle;
}

// ---- re-checks ----

/** Those that the office has given; a bundle from before the app knew them has none. */
export function rechecks() {
  return (book.bundle && book.bundle.rechecks) || [];
}

export function recheck(number) {
  return rechecks().find(({ id }) => id === number);
}

export async function recheckDraft(number) {
  const { version, said = {}, seal: theirs = wave(recheck(number).wave).seal } = await door("recheck/" + number);
  return { version, said, seal: theirs };
}

export function saveRecheck(number, draft) {
  return saveDoor("recheck/" + number, draft);
}

/** Seal what was said, queue it, and forget it. */
export async function finishRecheck(number, said) {
  await saving;
  const { seal: theirs } = await recheckDraft(number);
  const code = recheck(number).wave;
  const id = uuid();
  const told = { ...said, id, recheck: number, wave: code, at: now(), partner: book.partner };
  const sealed = await seal(theirs.public_jwk, [code, "recheck", id], told);
  const phone_time = new Date().toISOString();
  const body = JSON.stringify({ id, recheck: number, wave: code, kid: theirs.kid, sealed, phone_time });
  const rest = rechecks().map((other) => (other.id === number ? { ...other, done: true } : other));
  const bundle = { ...book.bundle, rechecks: rest };
  const boxed = await box(book.key, "bundle", bundle);
  await storage.write(["queue", "drafts", "boxes"], (store) => {
    store("queue").add({ id, kind: "rechecks", recheck: number, wave: code, body, ...fresh() });
    store("drafts").delete("recheck/" + number);
    store("boxes").put(boxed, "bundle");
  });
  book.bundle = bundle;
}

function partnerAt(unit) {
  return book.partner || assignment(unit).partner || "";
}

export async function recordShift({ started_at, ended_at }) {
  const id = uuid();
  const body = JSON.stringify({ id, started_at, ended_at, partner: book.partner });
  const row = { id, kind: "shifts", box: await box(book.key, "queue/" + id, body), ...fresh() };
  await storage.write(["queue"], (store) => store("queue").add(row));
}

async function attemptRow(unit, draft, { outcome, return_at, at }, pause = 0) {
  const id = uuid();
  const phone_time = new Date().toISOString();
  const { households } = draft;
  const { wave: code } = assignment(unit);
  const partner = partnerAt(unit);
  const attempt = { id, unit, outcome, at, return_at, households, partner, phone_time };
  const boxed = await box(book.key, "queue/" + id, JSON.stringify(attempt));
  return { attempt, stored: { id, kind: "attempts", unit, wave: code, box: boxed, ...fresh(pause) } };
}

function fresh(pause = 0) {
  return { made_at: new Date().toISOString(), not_before: Date.now() + pause, tries: 0, refusal: null };
}

function withAttempt(attempt) {
  const assignments = book.bundle.assignments.map((one) =>
    one.unit === attempt.unit ? noted(one, attempt, book.bundle.outcomes) : one
  );
  return { ...book.bundle, assignments };
}

function answered(bundle, units) {
  const assignments = bundle.assignments.map((one) =>
    units.includes(one.unit) ? { ...one, answered: true } : one
  );
  return { ...bundle, assignments };
}

/** The bytes that are sent for a queued row, the same at every try. */
export function bodyOf(row) {
  return row.body === undefined ? unbox(book.key, "queue/" + row.id, row.box) : row.body;
}

export async function setPartner(name) {
  await storage.put("facts", "partner", name);
  book.partner = name;
}
