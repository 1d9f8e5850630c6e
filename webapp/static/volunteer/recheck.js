// A re-check: others interviewed here. Whether that took place, with whom, and a few of its questions
// once more. What was answered then is on no phone.

import * as book from "./book.js";
import { alertOf, button, h, link, name, show } from "./dom.js";
import { entered, fields } from "./fields.js";
import { _, sentence, textIn } from "./say.js";
import { sync } from "./sync.js";

const REACHED = "reached";

export async function recheck(number) {
  const one = book.recheck(number);
  if (!one) return "";
  const draft = await book.recheckDraft(number);
  const isBegun = Object.keys(draft.said).length > 0;
  const acts = one.done ? [link(_("To the list"), "#/", "button")] : [
    draft.seal && link(isBegun ? _("Go on with the re-check") : _("They are here: begin"), "#/recheck/" + number + "/ask", "button"),
    draft.seal && link(_("Nobody to speak with"), "#/recheck/" + number + "/nobody"),
  ];
  show({
    title: _("Re-check"),
    back: { href: "#/", text: _("To the list") },
    body: [
      h("p", { class: "hint" }, _("Re-check, no new interview"), " · ", name(textIn(one.community))),
      h("h1", {}, name(one.address.text)),
      one.done && h("p", { class: "note" }, _("Done. It goes to the server by itself.")),
      one.moved && h("p", { class: "note" }, _("The office has given this re-check to someone else meanwhile. What you have begun may be finished: it is kept.")),
      household(one),
      h("p", {}, _("Others were here before you. Ask whether that was so, who answered, and put a few questions once more to the same person. Nobody sees what they said the first time, and it is no second interview: it is only compared.")),
      !draft.seal && keyless(),
    ],
    deck: acts,
  });
  return null;
}

function household(one) {
  const { households: count, chosen_household: chosen } = one;
  if (!count || count === 1) return null;
  return h("p", { class: "note" }, _("Ask household %(chosen)d of %(count)d, counted from the entrance.", { chosen, count }));
}

/** What is said where the office's key is missing: nothing could be sealed. */
export function keyless() {
  return h("p", { class: "note", role: "alert" }, _("The office’s key for this survey is missing, so nothing can be sealed now. Tell the office. Visits can be recorded all the same."));
}

// ---- nobody to speak with ----

export async function nobody(number) {
  const one = book.recheck(number);
  if (!one || one.done) return "";
  const results = book.book.bundle.recheck_results.filter(({ code }) => code !== REACHED);
  const keep = (result) => finished(number, { result });
  show({
    title: _("Nobody to speak with"),
    back: { href: "#/recheck/" + number },
    body: [
      h("h1", {}, _("Nobody to speak with")),
      h("p", { class: "quiet" }, name(one.address.text)),
      h("p", { class: "hint" }, _("Come at another time first. Record this only when you go no more: it ends the re-check.")),
    ],
    deck: results.map(({ code, words }) => button(sentence(textIn(words)), () => keep(code), "plain")),
  });
  return null;
}

// ---- asking ----

// What is asked, one a page: the two claims first, then the questions, if there was an interview.
function pages(one, said) {
  const { questionnaire, recheck_questions, selection } = book.wave(one.wave);
  const choices = book.book.bundle.recheck_claims.map(({ code, words }) => ({ name: code, label: { zh: words.zh, en: sentence(words.en) } }));
  const claim = (code, text) => ({ name: code, type: "select_one", label: { zh: text, en: text }, choices, required: true });
  const whom = selection === "kish"
    ? _("Did the adult answer whom the phone had drawn by age?")
    : _("Was it the adult whose birthday came next who answered?");
  const found = [claim("took_place", _("Were you asked by volunteers for this survey, at your door, of late?"))];
  if (said.took_place !== "yes") return found;
  return found.concat([claim("right_person", whom)], recheck_questions.map((code) => questionOf(questionnaire, code)));
}

function questionOf({ pages: every }, code) {
  return every.reduce((found, { questions }) => found.concat(questions), []).find((one) => one.name === code);
}

export async function askAgain(number, code) {
  const one = book.recheck(number);
  if (!one || one.done) return "";
  const draft = await book.recheckDraft(number);
  const asked = pages(one, draft.said);
  const open = asked.find(({ name: each }) => draft.said[each] === undefined);
  const question = asked.find(({ name: each }) => each === code) || open;
  if (!question) return "recheck/" + number + "/finish";
  lay({ number, draft, asked, question }, {});
  return null;
}

function lay(state, problems) {
  const { number, draft, asked, question } = state;
  const place = asked.indexOf(question);
  const interview = { answers: draft.said, typed: {}, mode: "door" };
  const form = h("form", { id: "answers", novalidate: true },
    fields(question, { alone: true, interview, problems, isShut: false, page: question.name }));
  const go = h("button", { form: "answers" });
  const naming = () => {
    const passes = !question.required && !entered(form, [question]).raw[question.name].join("");
    go.textContent = passes ? _("No answer: go on") : _("Continue");
    go.classList[passes ? "add" : "remove"]("plain");
  };
  form.addEventListener("input", naming);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(state, entered(form, [question]).raw[question.name].join(""));
  });
  show({
    title: _("Re-check"),
    back: { href: place ? "#/recheck/" + number + "/ask/" + asked[place - 1].name : "#/recheck/" + number, text: _("Previous page") },
    progress: _("Re-check, page %(number)s", { number: place + 1 }),
    body: [
      problems[question.name] && alertOf(h("p", {}, _("Please choose one of them; “cannot say” is one."))),
      form,
    ],
    deck: [go],
    under: link(_("Pause"), "#/recheck/" + number, "link"),
  });
  naming();
}

async function keep(state, value) {
  const { number, draft, question } = state;
  if (question.required && !value) {
    lay(state, { [question.name]: { text: "Please answer this question.", params: {} } });
    window.scrollTo(0, 0);
    return;
  }
  draft.said[question.name] = value;
  await book.saveRecheck(number, draft);
  const asked = pages(book.recheck(number), draft.said);
  const next = asked[asked.indexOf(asked.find((one) => one.name === question.name)) + 1];
  location.hash = "#/recheck/" + number + (next ? "/ask/" + next.name : "/finish");
}

// ---- the end ----

export async function finishRecheck(number) {
  const one = book.recheck(number);
  if (!one || one.done) return "";
  const draft = await book.recheckDraft(number);
  const asked = pages(one, draft.said);
  if (asked.some(({ name: each }) => draft.said[each] === undefined)) return "recheck/" + number + "/ask";
  const { took_place, right_person = "", ...rest } = draft.said;
  const answers = {};
  for (const { name: each } of asked.slice(2)) if (rest[each]) answers[each] = rest[each];
  const said = { result: REACHED, took_place, right_person: took_place === "yes" ? right_person : "", answers };
  show({
    title: _("The end of the re-check"),
    back: { href: "#/recheck/" + number + "/ask/" + asked[asked.length - 1].name, text: _("Previous page") },
    body: [
      h("h1", {}, _("The end of the re-check")),
      h("p", {}, _("Thank them. It stands as it is written down.")),
      h("p", { class: "hint" }, _("Sealing closes the answers for this phone and for everyone but the office’s server. They can be changed no more.")),
    ],
    deck: [button(_("Finish and seal"), () => finished(number, said))],
  });
  return null;
}

async function finished(number, said) {
  await book.finishRecheck(number, said);
  sync();
  location.hash = "#/recheck/" + number;
}
