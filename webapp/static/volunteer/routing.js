// Which pages a person walks, recomputed from the answers: surveys/questionnaires/routing.py in
// the browser. A definition is the JSON that Questionnaire.to_json writes; empty fields are absent.

import { references, truth } from "./expressions.js";

export const SKIPPED = "-2";

const own = (object, name) => (Object.prototype.hasOwnProperty.call(object, name) ? object[name] : "");

export const asks = (question) => question.type !== "note";

/** Every question by name, notes included. */
export function questionsOf(definition) {
  const found = new Map();
  for (const page of definition.pages) {
    for (const question of page.questions) found.set(question.name, question);
  }
  return found;
}

function screening(definition) {
  return definition.eligible === undefined ? new Set() : references(definition.eligible);
}

function screenedAt(definition) {
  const names = screening(definition);
  const places = definition.pages.map((page, place) =>
    page.questions.some((question) => names.has(question.name)) ? place : -1
  );
  return Math.max(-1, ...places);
}

/**
 * The pages with what they ask, and the answers that count.
 * Whoever is not eligible stops after the screening questions.
 */
export function walk(definition, answers) {
  const steps = [];
  const given = {};
  const last = definition.eligible === undefined ? -1 : screenedAt(definition);
  for (let place = 0; place < definition.pages.length; place += 1) {
    const page = definition.pages[place];
    if (truth(page.relevant, given)) {
      const questions = page.questions.filter((question) => truth(question.relevant, given));
      if (questions.length) steps.push({ page, questions });
      for (const question of questions) {
        const answer = own(answers, question.name);
        if (answer !== "" && answer !== SKIPPED) given[question.name] = answer;
      }
    }
    if (place === last && !truth(definition.eligible, given)) break;
  }
  return { steps, given };
}

/** Where to go on: the first page with a question that awaits its answer; null without one. */
export function firstUnanswered(definition, answers, seen = []) {
  const way = walk(definition, answers);
  for (const { page, questions } of way.steps) {
    for (const question of questions) {
      const awaited = question.required || !seen.includes(page.name);
      if (asks(question) && awaited && own(way.given, question.name) === "") return page;
    }
  }
  return null;
}

/** Whether the person is one of those to be asked; null while a screening answer is due. */
export function isEligible(definition, answers) {
  if (definition.eligible === undefined) return true;
  const names = screening(definition);
  const way = walk(definition, answers);
  for (const { questions } of way.steps) {
    if (questions.some(({ name }) => names.has(name) && own(way.given, name) === "")) return null;
  }
  return truth(definition.eligible, way.given);
}

/** The questions whose answers may no longer change, given those already shown. */
export function frozen(definition, shown) {
  const questions = questionsOf(definition);
  const found = new Set();
  for (const name of shown) {
    const question = questions.get(name);
    if (question) (question.freezes || []).forEach((other) => found.add(other));
  }
  return found;
}

/** For each shuffled page, by its name, its questions' names in the order one person sees. */
export async function orders(definition, seed, digest) {
  const found = {};
  for (const page of definition.pages.filter((one) => one.shuffle)) {
    const lots = [];
    for (const { name } of page.questions) lots.push([await digest(seed + "/" + name), name]);
    lots.sort((one, other) => (one[0] < other[0] ? -1 : 1));
    found[page.name] = lots.map(([, name]) => name);
  }
  return found;
}

/** The page before on the path; null before the first. */
export function preceding(definition, answers, pageName) {
  return neighbour(definition, walk(definition, answers).steps.reverse(), pageName, -1);
}

/** The next page on the path, even where the page itself is off it; null after the last. */
export function following(definition, answers, pageName) {
  return neighbour(definition, walk(definition, answers).steps, pageName, 1);
}

function neighbour(definition, steps, pageName, direction) {
  const places = new Map(definition.pages.map((page, place) => [page.name, place]));
  const here = places.get(pageName);
  const found = steps.find(({ page }) => (places.get(page.name) - here) * direction > 0);
  return found ? found.page : null;
}
