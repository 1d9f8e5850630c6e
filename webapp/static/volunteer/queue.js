// What is on this phone and what the server has: three honest numbers, and the way out for a phone
// that dies.

import { assignment, bodyOf, book, recheck } from "./book.js";
import { uuid } from "./bytes.js";
import { button, h, link, name, show } from "./dom.js";
import { _, moment } from "./say.js";
import { seal } from "./seal.js";
import * as storage from "./storage.js";
import { counts, retryRefused, status, sync, watch } from "./sync.js";
import { worksOffline } from "./updates.js";

const KINDS = {
  attempts: () => _("Attempt"),
  interviews: () => _("Interview"),
  shifts: () => _("Hours"),
  rechecks: () => _("Re-check"),
};

export async function done(unit, isPrivate) {
  show({
    title: _("Sealed"),
    body: [
      h("h1", {}, _("Sealed")),
      isPrivate && h("p", { class: "lead" }, _("Thank you. Please give the phone back; your answers can no longer be seen on it.")),
      h("p", {}, _("It is stored on this phone and goes to the server by itself.")),
    ],
    deck: [link(_("To the list"), "#/", "button")],
  });
}

let unwatch = () => {};

export async function queue() {
  unwatch();
  await lay();
  unwatch = watch(async () => {
    if (location.hash === "#/queue") await lay();
    else unwatch();
  });
}

async function lay() {
  const { here, sent, held, refused, rows } = await counts();
  const persisted = await storage.get("facts", "persisted");
  // A phone that was never sent anywhere has been told no key to seal a file with.
  const sealing = rows.length > 0 && (await storage.get("facts", "seal"));
  if (location.hash !== "#/queue") return; // somebody has gone on meanwhile
  const number = (count, text, hint) => h("div", {}, h("dt", {}, text), h("dd", {}, h("b", {}, String(count)), hint && h("span", { class: "hint" }, hint)));
  show({
    title: _("On this phone"),
    back: { href: "#/", text: _("To the list") },
    body: [
      h("h1", {}, _("On this phone")),
      h("dl", { class: "numbers-three" },
        number(here, _("Stored on this phone")),
        number(sent, _("Sent"), held > 0 && _("%(count)d of them the office looks at first", { count: held })),
        number(refused, _("Refused by the server"), refused > 0 && _("kept on this phone"))),
      h("p", { class: "quiet", role: "status" }, standing(here)),
      rows.length > 0 && h("ul", { class: "tried" }, rows.map(item)),
      h("h2", {}, _("This phone")),
      h("p", { class: "hint" }, persisted ? _("The browser has promised not to clear this storage by itself.") : _("The browser has not promised to keep this storage: send soon, and do not clear its data.")),
      h("p", { class: "hint" }, worksOffline() ? _("The app opens without signal.") : _("In this browser the app does not open without signal.")),
      sealing && h("p", { class: "hint" }, _("If this phone is failing, save what is unsent as an encrypted file and bring it to the office.")),
    ],
    deck: [
      button(status.state === "sending" ? _("Sending…") : _("Send now"), () => sync({ refresh: true })),
      refused > 0 && button(_("Try the refused ones again"), retryRefused, "plain"),
      sealing && button(_("Save an encrypted file"), () => save(sealing), "plain"),
    ],
  });
}

function standing(here) {
  if (status.state === "login") return _("Your login has ended. What you record is kept; log in again to send it.");
  if (status.state === "stranger") return _("Someone else is logged in on this phone. Nothing is sent until you log in yourself.");
  if (status.state === "forbidden") return _("This account may not send. What you recorded is kept; ask the office.");
  if (status.state === "waiting" && here) return _("It could not be sent yet. Next try: %(when)s.", { when: moment(status.until) });
  return here ? _("Waiting to be sent.") : _("The server has everything.");
}

function item({ kind, unit, recheck: number, made_at, tries, refusal }) {
  const one = (unit && assignment(unit)) || (number && recheck(number));
  return h("li", {}, KINDS[kind](), one && [" · ", name(one.address.text)], " · ", moment(made_at),
    tries > 0 && [" · ", _("tries: %(count)d", { count: tries })],
    refusal && [" · ", _("not accepted"), " ", h("code", {}, refusal.status + " " + refusal.detail)]);
}

// Sealed for the office with the key it told last; nobody on the way can open it.
async function save({ code, seal: theirs }) {
  const { rows } = await counts();
  const uploads = await Promise.all(rows.map(async (row) => ({ kind: row.kind, body: await bodyOf(row) })));
  const id = uuid();
  const sealed = await seal(theirs.public_jwk, [code, "queue", id], { owner: book.owner, uploads });
  const file = new Blob([JSON.stringify({ format: "minyi-queue/1", id, wave: code, kid: theirs.kid, sealed })], { type: "application/json" });
  const address = URL.createObjectURL(file);
  const anchor = h("a", { href: address, download: "minyi-" + code + "-" + id.slice(0, 8) + ".json" });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
