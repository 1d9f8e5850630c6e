// Checking a page, and the form in which answers are kept: surveys/questionnaires/answers.py in
// the browser. A problem is {text, params, own}: words to be translated, or the questionnaire's own.

import { truth } from "./expressions.js";
import { SKIPPED, asks, questionsOf, walk } from "./routing.js";
import { trimmed, words } from "./values.js";
import { N_ } from "./marks.js";

export const LONGEST_TEXT = 5000;
const REFUSED = "-1";
const MISSING = [REFUSED, SKIPPED, "-3"];
const own = (object, name) => (Object.prototype.hasOwnProperty.call(object, name) ? object[name] : "");

/**
 * Check what was entered on a page: a list of texts by question.
 * Gives the values without a problem ("" if unanswered), and the problems of the others.
 */
export function checkPage(definition, pageName, raw, answers) {
  const values = {};
  const problems = {};
  const way = walk(definition, answers);
  const step = way.steps.find(({ page }) => page.name === pageName);
  const questions = step ? step.questions.filter(asks) : [];
  for (const question of questions) {
    const { value, problem } = normalised(question, own(raw, question.name) || []);
    if (problem) problems[question.name] = problem;
    else values[question.name] = value;
  }
  const together = { ...way.given, ...values };
  for (const question of questions.filter(({ name }) => name in values)) {
    const problem = objection(question, together);
    if (problem) {
      problems[question.name] = problem;
      delete values[question.name];
    }
  }
  return { values, problems };
}

/** The answers on the path in the questionnaire's order, and what is wrong with them. */
export function canonical(definition, answers) {
  const questions = questionsOf(definition);
  const clean = {};
  const faults = {};
  for (const name of Object.keys(answers)) {
    const question = questions.get(name);
    const answer = answers[name];
    if (question && asks(question) && answer === REFUSED) {
      clean[name] = REFUSED; // said at the door; a page of our own cannot send it
    } else if (question && asks(question) && answer !== "" && answer !== SKIPPED) {
      const sent = question.type === "select_multiple" ? words(answer) : [answer];
      const { value, problem } = normalised(question, sent);
      clean[name] = problem ? answer : value;
      if (problem) faults[name] = problem;
    }
  }
  const kept = {};
  const problems = {};
  const way = walk(definition, clean);
  for (const step of way.steps) {
    for (const question of step.questions.filter(asks)) {
      const problem = own(faults, question.name) || objection(question, way.given);
      kept[question.name] = own(way.given, question.name) || SKIPPED;
      if (problem) problems[question.name] = problem;
    }
  }
  return { kept, problems };
}

/** What was entered for one question as it is stored. */
export function normalised(question, sent) {
  if (question.type === "select_multiple") return chosen(question, sent.filter((code) => code !== ""));
  const text = sent.length ? cleaned(sent[0]) : "";
  if (text === "") return { value: "" };
  if (question.type === "select_one") return chosen(question, [text]);
  if (question.type === "integer") return integer(text);
  const length = Array.from(text).length;
  if (length > LONGEST_TEXT) {
    return {
      problem: {
        text: N_("Please write at most %(most)d characters; these are %(given)d."),
        params: { most: LONGEST_TEXT, given: length },
      },
    };
  }
  return { value: text };
}

/** A typed text without outer space and control characters, in Unicode's composed form. */
export function cleaned(text) {
  const lines = text.normalize("NFC").replace(/\r\n?/g, "\n").replace(/\t/g, " ");
  let kept = "";
  for (const letter of lines) {
    // A half of a pair that stands alone is a letter by itself here.
    if (letter === "\n" || !/^[\0-\x1f\x7f-\x9f\ud800-\udfff]$/.test(letter)) kept += letter;
  }
  return trimmed(kept);
}

function chosen(question, codes) {
  const known = (question.choices || []).map((choice) => choice.name);
  const unknown = codes.filter((code) => !known.includes(code)).sort();
  if (unknown.length) {
    const text = N_("“%(code)s” is not among the answers; please choose again.");
    return { problem: { text, params: { code: unknown[0].slice(0, 40) } } };
  }
  return { value: known.filter((code) => codes.includes(code)).join(" ") };
}

function integer(text) {
  const plain = text.normalize("NFKC").replace(/−/g, "-");
  if (!/^[+-]?[0-9]{1,15}$/.test(plain)) {
    return { problem: { text: N_("Please enter a whole number, for example 3.") } };
  }
  const value = String(Number(plain));
  if (MISSING.includes(value)) {
    return { problem: { text: N_("%(value)s cannot be entered here."), params: { value } } };
  }
  return { value };
}

/** What the questionnaire itself has against an answer. */
function objection(question, answers) {
  const answer = own(answers, question.name);
  if (answer === "" && question.required) {
    return { text: N_("Please answer this question."), own: question.required_message };
  }
  if (answer === REFUSED) return null;
  if (answer !== "" && !truth(question.constraint, answers, answer)) {
    const text = N_("This answer is not possible; please check it.");
    return { text, own: question.constraint_message };
  }
  return null;
}
