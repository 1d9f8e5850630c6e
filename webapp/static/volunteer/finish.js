// The end of an interview: what is still open, then sealing. Afterwards this phone cannot read it.

import { canonical } from "./answers.js";
import { isWithRespondent, takenBack } from "./ask.js";
import * as book from "./book.js";
import { button, h, link, show } from "./dom.js";
import { SKIPPED, firstUnanswered, isEligible, walk } from "./routing.js";
import { _, said, textIn } from "./say.js";
import { sync } from "./sync.js";

export async function finish(unit) {
  const one = book.assignment(unit);
  if (!one) return "";
  const draft = await book.door(unit);
  if (!draft.interview) return "door/" + unit;
  const { interview } = draft;
  const definition = book.wave(one.wave).questionnaire;
  const { kept, problems } = canonical(definition, interview.answers);
  const isWhole = !firstUnanswered(definition, interview.answers, interview.seen);
  const eligible = isEligible(definition, interview.answers);
  const state = { unit, draft, definition, kept, problems, eligible };
  if (isWhole && !Object.keys(problems).length) return complete(state);
  if (interview.private && !isWithRespondent(interview)) return brokenOff(state, false);
  return brokenOff(state, eligible && !Object.keys(problems).length);
}

function complete(state) {
  const { unit, draft, kept, eligible } = state;
  const { interview } = draft;
  const last = walk(state.definition, interview.answers).steps.slice(-1)[0].page.name;
  const act = h("button", { type: "button" }, _("Finish and seal"));
  act.addEventListener("click", () => seal(state, act));
  const isHidden = interview.private && !isWithRespondent(interview);
  show({
    title: _("The end"),
    isPrivate: interview.private,
    back: isHidden ? { href: "#/door/" + unit } : { href: "#/door/" + unit + "/ask/" + last, text: _("Previous page") },
    body: [
      h("h1", {}, eligible === false ? _("This person is not asked") : _("The end")),
      eligible === false && h("p", {}, _("The survey is for residents of 18 or over. Thank them; this too is handed in.")),
      eligible !== false && h("p", {}, _("Thank you for answering.")),
      !interview.private && eligible !== false && skipped(state, kept),
      h("p", { class: "hint" }, _("Sealing closes the answers for this phone and for everyone but the office’s server. They can be changed no more.")),
    ],
    deck: [act],
  });
  return null;
}

// The questions passed over, each with its way back.
function skipped({ unit, definition, draft }, kept) {
  const open = [];
  for (const { page, questions } of walk(definition, draft.interview.answers).steps) {
    for (const question of questions) {
      if (kept[question.name] === SKIPPED) open.push(h("li", {}, link(textIn(question.label), "#/door/" + unit + "/ask/" + page.name, "")));
    }
  }
  if (!open.length) return h("p", { class: "quiet" }, _("Every question has its answer."));
  return h("section", {}, h("h2", {}, _("Without an answer: %(count)d", { count: open.length })), h("ul", { class: "tried" }, open));
}

// What someone leaves half-way may be handed in as far as it goes, if they let it.
function brokenOff(state, mayKeep) {
  const { unit, problems } = state;
  const act = h("button", { type: "button" }, _("Hand in what was answered"));
  act.addEventListener("click", () => seal(state, act));
  const drop = async () => {
    await book.recordAttempt(unit, state.draft, { outcome: "broke_off" });
    takenBack();
    sync();
    location.hash = "#/";
  };
  show({
    title: _("They break off"),
    back: { href: "#/door/" + unit + "/ask", text: _("Go on after all") },
    body: [
      h("h1", {}, _("They break off")),
      h("p", {}, mayKeep
        ? _("May what they answered be kept? Ask them. Questions not reached count as not answered.")
        : _("What was answered so far cannot be handed in; the attempt is recorded.")),
      Object.keys(problems).length > 0 && !state.draft.interview.private &&
        h("ul", { class: "tried" }, Object.keys(problems).map((name) => h("li", {}, said(problems[name])))),
    ],
    deck: [mayKeep && act, button(_("Delete the answers: broken off"), drop, mayKeep ? "plain" : "")],
  });
  return null;
}

async function seal({ unit, draft, kept }, act) {
  act.disabled = true;
  try {
    await book.finish(unit, draft, kept);
  } finally {
    act.disabled = false;
  }
  const isPrivate = draft.interview.private;
  takenBack();
  sync();
  location.hash = "#/door/" + unit + "/done" + (isPrivate ? "?private" : "");
}
