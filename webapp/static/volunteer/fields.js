// One question as fields, and what was entered in them.

import { h } from "./dom.js";
import { asks } from "./routing.js";
import { _, listed, said, speech, textIn } from "./say.js";

// Codes of answers that are there for those who need them, and that nobody reads out.
const UNREAD = ["dontknow", "cannot_recall", "unclear", "-1"];

export function fields(question, { alone, interview, problems, isShut, page }) {
  const text = textIn(question.label);
  const label = alone ? h("h1", {}, text) : text;
  if (!asks(question)) return alone ? h("h1", {}, text) : h("p", { class: "lead" }, text);
  const answer = interview.answers[question.name] || "";
  if (isShut) return readOnly(question, label, answer);
  const typed = interview.typed.page === page ? interview.typed.raw[question.name] : undefined;
  const values = typed || (question.type === "select_multiple" ? answer.split(" ") : [answer]);
  const problem = problems[question.name];
  const hint = textIn(question.hint) || (question.type === "select_multiple" ? _("You may choose several.") : "");
  const id = "answer-" + question.name;
  const about = [problem && id + "-problem", hint && id + "-hint"].filter(Boolean).join(" ") || null;
  const beside = [
    hint && h("p", { class: "hint", id: id + "-hint" }, hint),
    problem && h("p", { class: "problem", id: id + "-problem" }, h("span", { class: "visually-hidden" }, _("Error: ")), said(problem)),
  ];
  const pencil = interview.private || !interview.notes ? null : note(question, interview);
  if (!question.choices) {
    return h("div", { class: "question" },
      alone ? h("h1", {}, h("label", { for: id }, text)) : h("label", { for: id }, text), beside, input(question, id, values[0] || "", about), pencil);
  }
  const marks = !interview.private && interview.mode === "door";
  return h("fieldset", { class: "question", "aria-describedby": about, lang: language(question) },
    h("legend", {}, label), beside,
    question.choices.map((choice, place) => row(question, choice, { id, place, values, marks })), pencil);
}

// A questionnaire may lack the reader's language; then its own is marked as such.
function language({ label }) {
  if (label[speech.language]) return null;
  return Object.keys(label)[0] === "zh" ? "zh-CN" : Object.keys(label)[0];
}

function row(question, choice, { id, place, values, marks }) {
  const type = question.type === "select_multiple" ? "checkbox" : "radio";
  const own = place ? id + "-" + place : id;
  const box = h("input", { type, name: question.name, id: own, value: choice.name });
  box.checked = values.includes(choice.name);
  const isUnread = marks && UNREAD.includes(choice.name);
  return h("div", { class: "choice" }, box,
    h("label", { for: own }, textIn(choice.label), isUnread && h("span", { class: "unread" }, _("do not read out"))));
}

function input(question, id, value, about) {
  const common = { id, name: question.name, "aria-describedby": about, autocomplete: "off" };
  if (question.type === "text") {
    const area = h("textarea", { ...common, rows: 4 });
    area.value = value;
    return area;
  }
  const line = h("input", { ...common, inputmode: "numeric" });
  line.value = value;
  return line;
}

function readOnly(question, label, answer) {
  const labels = (question.choices || []).filter(({ name }) => answer.split(" ").includes(name)).map((one) => textIn(one.label));
  return h("div", { class: "question" },
    h("div", { class: "legend" }, label),
    h("p", { class: "given" }, listed(labels) || answer || _("Not answered")),
    h("p", { class: "hint" }, _("This answer stays as it is, because later questions speak of the same thing.")));
}

// What someone would pencil into the margin.
function note(question, interview) {
  const id = "note-" + question.name;
  const area = h("textarea", { id, name: id, rows: 2, maxlength: 1000 });
  area.value = interview.notes[question.name] || "";
  return h("details", { class: "pencil", open: Boolean(area.value) },
    h("summary", {}, _("Note")), h("label", { for: id, class: "visually-hidden" }, _("Note")), area);
}

/** What stands in the fields of a page: a list of texts by question, and the notes. */
export function entered(form, questions) {
  const raw = {};
  const notes = {};
  for (const { name } of questions.filter(asks)) {
    const boxes = Array.from(form.elements).filter((element) => element.name === name);
    const isList = boxes.some(({ type }) => type === "radio" || type === "checkbox");
    raw[name] = boxes.filter((box) => !isList || box.checked).map((box) => box.value);
    const area = Array.from(form.elements).find((element) => element.name === "note-" + name);
    if (area) notes[name] = area.value.trim();
  }
  return { raw, notes };
}
