// One address: what was tried, what is left, and what to do now.

import { isOpen } from "./assignments.js";
import * as book from "./book.js";
import { button, h, link, name, show } from "./dom.js";
import { _, listed, moment } from "./say.js";
import { before, community, outcomeWords } from "./today.js";

const TIMES = {
  morning: () => _("morning"),
  afternoon: () => _("afternoon"),
  evening: () => _("evening"),
  weekend: () => _("weekend"),
};

export async function door(unit) {
  const one = book.assignment(unit);
  if (!one) return "";
  const draft = await book.door(unit);
  const here = "#/door/" + unit;
  const isBegun = Boolean(draft.interview);
  const isAnswered = isBegun && one.answered; // meanwhile, on the web or with someone else
  show({
    title: _("Address"),
    back: { href: "#/", text: _("To the list") },
    body: [
      community(one),
      h("h1", {}, name(one.address.text)),
      h("p", { class: "quiet" }, before(one, isBegun)),
      one.moved && h("p", { class: "note" }, _("The office has given this address to someone else meanwhile. What you have begun may be finished: it is kept.")),
      isAnswered && h("p", { class: "note" }, _("This household has answered meanwhile. What you have begun is kept: finish and send it, and the office looks at it first; or throw it away.")),
      facts(one, draft),
      one.attempts.length > 0 && h("section", {}, h("h2", {}, _("What was tried")), h("ul", { class: "tried" }, one.attempts.map(tried))),
    ],
    deck: isOpen(one) || isBegun ? acts(here, isBegun, isAnswered) : [link(_("Record another attempt"), here + "/outcome")],
    under: isOpen(one) && !isBegun && link(_("Type in a paper questionnaire"), here + "/select?paper", "link"),
  });
  return null;
}

function acts(here, isBegun, isAnswered) {
  return [
    link(isBegun ? _("Go on with the interview") : _("Interview"), here + (isBegun ? "/ask" : "/select"), "button"),
    isAnswered ? link(_("Throw this interview away"), here + "/discard") : link(_("No interview this time"), here + "/outcome"),
  ];
}

/** Throwing away what is under way where the household has answered: a second tap, for fingers slip. */
export async function discard(unit) {
  const one = book.assignment(unit);
  const draft = await book.door(unit);
  if (!one || !one.answered || !draft.interview) return "door/" + unit;
  const drop = async () => {
    await book.discard(unit, draft);
    location.hash = "#/";
  };
  show({
    title: _("Throw this interview away"),
    back: { href: "#/door/" + unit },
    body: [
      h("h1", {}, _("Throw this interview away")),
      h("p", { class: "quiet" }, name(one.address.text)),
      h("p", {}, _("The answers of this unfinished interview are deleted from this phone. It cannot be undone.")),
    ],
    deck: [button(_("Delete the answers"), drop), link(_("Keep them"), "#/door/" + unit)],
  });
  return null;
}

function facts(one, draft) {
  const households = one.households || draft.households;
  const untried = one.untried.map((time) => TIMES[time] && TIMES[time]()).filter(Boolean);
  const rows = [
    [_("Attempts left"), isOpen(one) ? String(one.attempts_left) : _("none: it is settled")],
    isOpen(one) && untried.length > 0 && [_("Not tried yet"), listed(untried)],
    households && [_("Households here"), String(households)],
  ];
  return h("dl", { class: "facts" }, rows.filter(Boolean).map(([term, text]) => h("div", {}, h("dt", {}, term), h("dd", {}, text))));
}

function tried({ at, outcome, return_at }) {
  return h("li", {}, moment(at), " · ", outcomeWords(outcome), return_at && [" · ", _("Come back %(when)s", { when: moment(return_at) })]);
}
