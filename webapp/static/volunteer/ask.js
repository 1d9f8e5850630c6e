// The interview, page by page: the questionnaire, routing and checks of the residents' pages.

import { checkPage } from "./answers.js";
import * as book from "./book.js";
import { alertOf, begin, button, h, link, show } from "./dom.js";
import { explained } from "./faults.js";
import { entered, fields } from "./fields.js";
import { asks, firstUnanswered, following, frozen, preceding, walk } from "./routing.js";
import { _, said, speech, textIn } from "./say.js";

const PAUSE = 400; // milliseconds after the last key before what is typed is kept

let handedOver = null; // the interview that its respondent is holding in their hands
let keeping = null;
let filled = null; // the page on the screen

document.addEventListener("keep", ({ detail }) => {
  if (filled && filled.form.isConnected) detail.push(keepNow(filled.state, filled.form));
});

export async function ask(unit, pageName) {
  const one = book.assignment(unit);
  if (!one) return "";
  const draft = await book.door(unit);
  if (!draft.interview) return "door/" + unit;
  const definition = book.wave(one.wave).questionnaire;
  const { interview } = draft;
  if (!interview.private) handedOver = null;
  const hidden = interview.private && handedOver !== interview.instance_id;
  const first = firstUnanswered(definition, interview.answers, interview.seen);
  const page = hidden ? first && first.name : pageName || (first && first.name);
  if (!page) return "door/" + unit + "/finish";
  const step = walk(definition, interview.answers).steps.find((each) => each.page.name === page);
  if (!step) return first ? "door/" + unit + "/ask/" + first.name : "door/" + unit + "/finish";
  const state = { unit, one, draft, interview, definition, step };
  if (hidden) return handOver(state);
  await note(state);
  lay(state, {});
  return null;
}

// What has been shown decides which earlier answers may still change.
async function note({ unit, draft, interview, step }) {
  const news = step.questions.filter(({ freezes, name }) => freezes && !interview.shown.includes(name));
  if (!news.length) return;
  interview.shown = interview.shown.concat(news.map(({ name }) => name));
  await book.saveDoor(unit, draft);
}

function lay(state, problems) {
  const { unit, interview, definition, step } = state;
  const { page } = step;
  const order = interview.orders[page.name];
  const questions = order
    ? order.map((name) => step.questions.find((one) => one.name === name)).filter(Boolean)
    : step.questions;
  const alone = !page.title && questions.length === 1;
  const title = textIn(page.title) || (alone ? textIn(questions[0].label) : textIn(definition.title));
  const before = preceding(definition, interview.answers, page.name);
  const place = walk(definition, interview.answers).steps.findIndex((each) => each.page === page) + 1;
  const shut = frozen(definition, interview.shown);
  const form = h("form", { id: "answers", novalidate: true },
    !alone && h("h1", {}, title),
    questions.map((question) => fields(question, { alone, interview, problems, isShut: shut.has(question.name), page: page.name })));
  const go = h("button", { form: "answers" });
  const isBusy = { now: false };
  const onward = async (event) => {
    event.preventDefault();
    if (isBusy.now) return;
    isBusy.now = true;
    try {
      await onwards(state, form);
    } catch (error) {
      stay(form, error);
    } finally {
      isBusy.now = false;
    }
  };
  form.addEventListener("submit", onward);
  form.addEventListener("input", () => {
    keepTyped(state, form);
    name(go, state, form);
  });
  filled = { state, form };
  show({
    title,
    isPrivate: interview.private,
    back: before && { href: "#/door/" + unit + "/ask/" + before.name, text: _("Previous page") },
    progress: _("Page %(number)s", { number: place }),
    body: [interview.private && h("p", { class: "note" }, _("You are answering for yourself. When you are done, nobody here can see your answers.")),
      summary(problems, questions), form],
    deck: [go],
    under: lesser(state, questions),
  });
  name(go, state, form);
}

// Passing a question over is a thing that an interviewer does on purpose.
function name(act, { interview, step }, form) {
  const { raw } = entered(form, step.questions);
  const isBare = step.questions.some(asks) && Object.keys(raw).every((one) => raw[one].join("") === "");
  const mayPass = step.questions.every(({ required }) => !required);
  const passes = isBare && mayPass && !interview.private;
  act.textContent = passes ? _("No answer: go on") : _("Continue");
  act.classList[passes ? "add" : "remove"]("plain");
}

function lesser(state, questions) {
  const { unit, interview } = state;
  if (interview.private) {
    if (questions.some(({ required }) => required)) return null;
    return h("p", { class: "hint" }, _("If you would rather not say, just press Continue."));
  }
  return [
    link(_("Pause"), "#/door/" + unit, "link"),
    interview.mode === "door" && button(_("Let them answer alone"), () => handOver(state), "link"),
    link(_("Break off"), "#/door/" + unit + "/finish", "link"),
  ];
}

async function onwards(state, form) {
  const { unit, draft, interview, definition, step } = state;
  clearTimeout(keeping);
  const { raw, notes } = entered(form, step.questions);
  const { values, problems } = checkPage(definition, step.page.name, raw, interview.answers);
  Object.assign(interview.notes, notes);
  for (const name of Object.keys(interview.notes)) if (!interview.notes[name]) delete interview.notes[name];
  const shut = frozen(definition, interview.shown);
  for (const name of shut) delete problems[name];
  if (Object.keys(problems).length) {
    interview.typed = { page: step.page.name, raw };
    lay(state, problems);
    document.querySelector(".problems").focus();
    return;
  }
  for (const name of Object.keys(values)) if (!shut.has(name)) interview.answers[name] = values[name];
  interview.typed = {};
  interview.language = speech.language;
  if (!interview.seen.includes(step.page.name)) interview.seen.push(step.page.name);
  await book.saveDoor(unit, draft);
  const next = following(definition, interview.answers, step.page.name);
  location.hash = "#/door/" + unit + (next ? "/ask/" + next.name : "/finish");
}

// A telephone call or an empty battery takes nothing that was typed.
function keepTyped(state, form) {
  clearTimeout(keeping);
  keeping = setTimeout(() => form.isConnected && keepNow(state, form), PAUSE);
}

async function keepNow(state, form) {
  typed(state, form);
  try {
    await book.saveDoor(state.unit, state.draft);
  } catch (error) {
    stay(form, error);
  }
}

// What could not be stored stays on the screen, to be tried again.
function stay(form, error) {
  if (error instanceof book.Outdated) throw error;
  const standing = form.querySelector(".problems");
  if (standing) standing.remove();
  form.prepend(alertOf(h("p", {}, explained(error))));
}

function typed({ interview, step }, form) {
  const { raw, notes } = entered(form, step.questions);
  interview.typed = { page: step.page.name, raw };
  Object.assign(interview.notes, notes);
}

function summary(problems, questions) {
  const faulty = questions.filter(({ name }) => problems[name]);
  if (!faulty.length) return null;
  const box = alertOf(h("h2", {}, _("Please look at this once more")), h("ul", {}, faulty.map((question) =>
    h("li", {}, h("button", { type: "button", class: "link", onclick: () => document.getElementById("answer-" + question.name).focus() }, said(problems[question.name]))))));
  box.tabIndex = -1;
  return box;
}

// From here on the answers are the respondent's own: going back and pausing shows none of them.
function handOver(state) {
  const { unit, draft, interview } = state;
  const accept = async () => {
    interview.private = true;
    interview.typed = {};
    handedOver = interview.instance_id;
    await book.saveDoor(unit, draft);
    const first = firstUnanswered(state.definition, interview.answers, interview.seen);
    const address = "#/door/" + unit + (first ? "/ask/" + first.name : "/finish");
    if (location.hash === address) await ask(unit, first && first.name);
    else location.hash = address;
    begin();
  };
  show({
    title: _("Give them the phone"),
    back: { href: "#/door/" + unit },
    body: [
      h("h1", {}, _("Give them the phone")),
      h("p", {}, _("From here on the answers are theirs alone: you will not see them again, not even by going back. It cannot be undone.")),
    ],
    deck: [button(_("They have the phone"), accept)],
  });
  return null;
}

/** Whether the respondent is still holding the phone. */
export function isWithRespondent(interview) {
  return interview.private && handedOver === interview.instance_id;
}

/** Whoever sees another screen holds the phone again. */
export function takenBack() {
  handedOver = null;
}
