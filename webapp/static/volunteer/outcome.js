// What came of standing at a door, in one tap; coming back takes a time as well.

import * as book from "./book.js";
import { button, h, link, name, show } from "./dom.js";
import { _, forInput, sentence, textIn } from "./say.js";
import { sync } from "./sync.js";

const GRACE = 8000; // milliseconds in which a slip of the finger can be taken back
const SETTLED = 2;
const LATER = ["come_back"]; // outcomes that ask when

export async function outcome(unit) {
  const one = book.assignment(unit);
  if (!one) return "";
  const outcomes = book.book.bundle.outcomes.filter(({ code }) => code !== "interview");
  const rows = (settles) => outcomes.filter((each) => (each.settles === SETTLED) === settles).map(row);
  const row = ({ code, words }) => h("li", {}, button(sentence(textIn(words)), () => choose(unit, code), "answer"));
  show({
    title: _("What came of it"),
    back: { href: "#/door/" + unit },
    body: [
      h("h1", {}, _("What came of it")),
      h("p", { class: "quiet" }, name(one.address.text)),
      h("h2", {}, _("Another attempt may help")),
      h("ul", { class: "answers-list" }, rows(false)),
      h("h2", {}, _("This settles the address")),
      h("ul", { class: "answers-list" }, rows(true)),
    ],
  });
  return null;
}

async function choose(unit, code) {
  if (LATER.includes(code)) return when(unit, code);
  return keep(unit, { outcome: code });
}

function when(unit, code) {
  const evening = new Date();
  evening.setHours(19, 0, 0, 0);
  const tomorrow = new Date(evening.getTime() + 24 * 3600 * 1000);
  const saturday = new Date(evening.getTime() + ((6 - evening.getDay() + 7) % 7 || 7) * 24 * 3600 * 1000);
  saturday.setHours(10);
  const at = h("input", { type: "datetime-local", id: "return", value: forInput(tomorrow), "aria-label": _("When to come back") });
  const soon = [[_("This evening"), evening], [_("Tomorrow evening"), tomorrow], [_("Saturday morning"), saturday]];
  const keepAt = (date) => keep(unit, { outcome: code, return_at: date.toISOString() });
  const typed = () => {
    const date = new Date(at.value);
    if (date > new Date()) keepAt(date);
    else at.focus();
  };
  show({
    title: _("When to come back"),
    back: { href: "#/door/" + unit },
    body: [
      h("h1", {}, _("When to come back")),
      h("ul", { class: "answers-list" }, soon.filter(([, date]) => date > new Date()).map(([text, date]) =>
        h("li", {}, button(text, () => keepAt(date), "answer")))),
      h("div", { class: "question" }, h("label", { for: "return" }, _("Another time")), at),
    ],
    deck: [button(_("Keep this time"), typed), button(_("They named no time"), () => keep(unit, { outcome: code }), "plain")],
  });
}

async function keep(unit, attempt) {
  const draft = await book.door(unit);
  const kept = await book.recordAttempt(unit, draft, attempt, GRACE);
  sync();
  const takeBack = async () => {
    const isBack = await book.undo(kept);
    location.hash = "#/door/" + unit;
    if (!isBack) window.dispatchEvent(new Event("hashchange"));
  };
  const text = textIn(book.book.bundle.outcomes.find(({ code }) => code === attempt.outcome).words);
  const back = button(_("Take it back"), takeBack, "plain");
  setTimeout(() => (back.hidden = true), GRACE);
  show({
    title: _("Recorded"),
    body: [
      h("h1", {}, _("Recorded")),
      h("p", { class: "given", role: "status" }, sentence(text)),
      h("p", { class: "quiet" }, name(book.assignment(unit).address.text)),
      h("p", { class: "hint" }, _("It is stored on this phone and goes to the server by itself.")),
    ],
    deck: [link(_("To the list"), "#/", "button"), back],
  });
}
