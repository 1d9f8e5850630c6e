// One address: what was tried, what is left, and what to do now.

import { isOpen } from "./assignments.js";
import * as book from "./book.js";
import { h, link, name, show } from "./dom.js";
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
  show({
    title: _("Address"),
    back: { href: "#/", text: _("To the list") },
    body: [
      community(one),
      h("h1", {}, name(one.address.text)),
      h("p", { class: "quiet" }, before(one, isBegun)),
      one.moved && h("p", { class: "note" }, _("The office has given this address to someone else meanwhile. What you have begun may be finished: it is kept.")),
      facts(one, draft),
      one.attempts.length > 0 && h("section", {}, h("h2", {}, _("What was tried")), h("ul", { class: "tried" }, one.attempts.map(tried))),
    ],
    deck: isOpen(one) || isBegun ? acts(here, isBegun) : [link(_("Record another attempt"), here + "/outcome")],
    under: isOpen(one) && !isBegun && link(_("Type in a paper questionnaire"), here + "/select?paper", "link"),
  });
  return null;
}

function acts(here, isBegun) {
  return [
    link(isBegun ? _("Go on with the interview") : _("Interview"), here + (isBegun ? "/ask" : "/select"), "button"),
    link(_("No interview this time"), here + "/outcome"),
  ];
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
