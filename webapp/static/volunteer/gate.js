// Before the list: what this browser lacks, logging in, choosing a PIN, unlocking with it.

import { getBundle } from "./api.js";
import { doorsBegun, keepBundle, open } from "./book.js";
import { alertOf, button, h, link, name, show as frame } from "./dom.js";
import { _, page } from "./say.js";
import * as storage from "./storage.js";
import * as sync from "./sync.js";
import { create, unlock } from "./vault.js";

const SHORTEST = 4;
const FREE_TRIES = 5; // wrong PINs before each costs a wait
const LOGIN = "/login?next=/volunteer/";

/** What is missing here: "https", "storage", or nothing. */
export function lacking() {
  if (!window.isSecureContext || !window.crypto || !crypto.subtle) return "https";
  return window.indexedDB ? "" : "storage";
}

export function explain(lack) {
  const text = lack === "https"
    ? _("This page must be opened over https: without it a browser gives it neither storage nor encryption.")
    : _("This browser stores nothing, perhaps because it is in private mode. Open the page in the ordinary browser.");
  frame({
    title: _("This cannot work here"),
    body: [
      h("h1", {}, _("This cannot work here")),
      h("p", {}, text),
      lack === "https" && h("code", { class: "address" }, "https://" + location.host + "/volunteer/"),
      h("p", { class: "hint" }, _("Visits can be written down without the app, too, while there is signal.")),
    ],
    deck: [link(_("Without the app"), page("/visits/"))],
  });
}

/** Show what must come first; `enter` shows the list once the book is open. */
export async function show(enter) {
  const record = await storage.get("facts", "pin");
  if (record) return unlocking(record, enter);
  frame({ title: _("One moment"), body: [h("h1", {}, _("One moment"))] });
  const answer = await getBundle();
  if (answer.status === 200 && answer.body) return settingUp(answer.body, enter);
  if (answer.status === 401) return loggingIn();
  if (answer.status === 403) return stranger();
  return unreachable(enter);
}

function loggingIn() {
  frame({
    title: _("Door to door"),
    body: [
      h("h1", {}, _("Door to door")),
      h("p", {}, _("Log in once while you have signal. After that the work goes on without it.")),
      chatNote(),
    ],
    deck: [link(_("Log in"), page(LOGIN), "button")],
  });
}

function stranger() {
  frame({
    title: _("For volunteers"),
    body: [h("h1", {}, _("For volunteers")), h("p", {}, _("This account does not go door to door. Log in with a volunteer’s account."))],
    deck: [link(_("Log in as someone else"), page(LOGIN), "button")],
  });
}

function unreachable(enter) {
  frame({
    title: _("No connection"),
    body: [h("h1", {}, _("No connection")), h("p", {}, _("The first time needs signal: the addresses come from the office’s server."))],
    deck: [button(_("Try again"), enter)],
  });
}

// A browser inside a chat app keeps nothing for long and installs nothing.
function chatNote() {
  if (!/MicroMessenger|DingTalk|QQ\//.test(navigator.userAgent)) return null;
  return h(
    "div",
    { class: "note" },
    h("p", {}, _("You are inside a chat app. To work without signal, copy this address and open it in the phone’s own browser:")),
    h("code", { class: "address" }, location.origin + "/volunteer/"),
    h("p", { class: "hint" }, _("While you have signal it works here as well."))
  );
}

function pinField(label, autocomplete, about = null) {
  const input = h("input", {
    id: "pin", type: "password", inputmode: "numeric", autocomplete, required: true, "aria-describedby": about,
  });
  const letters = button(_("Letters instead of digits"), () => {
    input.setAttribute("inputmode", input.getAttribute("inputmode") === "text" ? "numeric" : "text");
    input.focus();
  }, "link");
  const place = h("div");
  return { input, place, node: h("div", { class: "question" }, h("label", { for: "pin" }, label), place, input, letters) };
}

function settingUp(bundle, enter) {
  const field = pinField(_("Choose a PIN of at least %(count)d digits", { count: SHORTEST }), "new-password", "pin-worth");
  const accept = async () => {
    if (field.input.value.length < SHORTEST) {
      return complain(field, _("Please choose at least %(count)d digits.", { count: SHORTEST }));
    }
    waitFor(go);
    const { key, record } = await create(field.input.value);
    await storage.put("facts", "pin", record);
    await open(key);
    await keepBundle(bundle);
    await storage.askToKeep();
    return enter();
  };
  const go = h("button", { form: "gate" }, _("Use this PIN"));
  frame({
    title: _("Choose a PIN"),
    body: [
      h("h1", {}, _("Choose a PIN")),
      form(accept, field.node),
      h("p", { class: "hint", id: "pin-worth" }, _("What it is worth: four digits stop a curious finder, not someone who copies the phone’s storage and lets a computer try them all, which takes a second. Six digits take half a minute, four random words years. Finished interviews need no PIN: they are sealed, and this phone cannot open them itself.")),
      h("p", { class: "hint" }, _("Nobody can tell you a forgotten PIN. What is unfinished would be lost.")),
      chatNote(),
    ],
    deck: [go],
  });
  field.input.focus();
}

async function unlocking(record, enter) {
  const owner = (await storage.get("facts", "owner")) || "";
  const field = pinField(_("PIN"), "current-password");
  const accept = async () => {
    const wrong = (await storage.get("facts", "wrong")) || { tries: 0, until: 0 };
    if (wrong.until > Date.now()) {
      const seconds = Math.ceil((wrong.until - Date.now()) / 1000);
      return complain(field, _("Please wait %(seconds)d seconds.", { seconds }));
    }
    waitFor(go);
    const key = await unlock(field.input.value, record);
    if (!key) {
      const tries = wrong.tries + 1;
      const pause = tries < FREE_TRIES ? 0 : Math.min(2 ** (tries - FREE_TRIES), 64) * 15000;
      await storage.put("facts", "wrong", { tries, until: Date.now() + pause });
      field.input.value = "";
      go.disabled = false;
      return complain(field, _("That is not the PIN."));
    }
    await storage.remove("facts", "wrong");
    await open(key);
    await enter();
    await storage.askToKeep();
    return sync.sync();
  };
  const go = h("button", { form: "gate" }, _("Unlock"));
  frame({
    title: _("Door to door"),
    body: [
      h("h1", {}, _("Door to door")),
      owner && h("p", { class: "quiet" }, _("The work of "), name(owner)),
      form(accept, field.node),
      h("details", { class: "more" }, h("summary", {}, _("Forgotten?")), await forgotten(enter)),
    ],
    deck: [go],
  });
  field.input.focus();
}

async function forgotten(enter) {
  const { drafts, unsent, sealed } = await lost();
  const forget = async () => {
    await storage.write(["facts", "boxes", "drafts", "queue"], (store) => {
      for (const fact of ["pin", "owner", "wrong"]) store("facts").delete(fact);
      store("boxes").clear();
      store("drafts").clear();
      store("queue").openCursor().onsuccess = (event) => {
        const cursor = event.target.result;
        if (!cursor) return;
        if (cursor.value.body === undefined) cursor.delete();
        cursor.continue();
      };
    });
    location.hash = "#/";
    await enter();
  };
  return [
    h("p", { class: "hint" }, _("Without the PIN, what is encrypted under it cannot be read any more. The addresses come back from the server.")),
    h("ul", { class: "tips" },
      h("li", {}, _("Lost: begun and not finished %(drafts)d; visits or hours not sent %(unsent)d.", { drafts, unsent })),
      h("li", {}, _("Kept: sealed %(sealed)d; they will still be sent.", { sealed }))),
    button(_("Delete them and begin anew"), forget, "plain"),
  ];
}

// What would go with the PIN, and what would not: so that nobody is surprised.
async function lost() {
  const rows = await storage.all("queue");
  const sealed = rows.filter((row) => row.body !== undefined).length;
  const drafts = await doorsBegun();
  return { drafts, unsent: rows.length - sealed, sealed };
}

function form(accept, ...content) {
  const onsubmit = (event) => {
    event.preventDefault();
    accept();
  };
  return h("form", { id: "gate", novalidate: true, onsubmit }, ...content);
}

function waitFor(go) {
  go.disabled = true; // the stretching of a PIN takes its time
}

function complain(field, text) {
  field.place.textContent = "";
  field.place.append(alertOf(h("p", {}, text)));
  field.input.focus();
}
