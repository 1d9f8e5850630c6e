// What routing and checking make of each set of answers.
import { createHash } from "node:crypto";

const digest = async (text) => createHash("sha256").update(text).digest("hex");

export default async function ({ definition, cases }, load) {
  const routing = await load("routing.js");
  const { canonical, checkPage } = await load("answers.js");
  return Promise.all(
    cases.map(async ({ answers, seen, raw, page, seed }) => {
      const way = routing.walk(definition, answers);
      const next = routing.firstUnanswered(definition, answers, seen);
      const { kept, problems } = canonical(definition, answers);
      const checked = checkPage(definition, page, raw, answers);
      return {
        steps: way.steps.map((step) => [step.page.name, step.questions.map((one) => one.name)]),
        given: way.given,
        next: next && next.name,
        eligible: routing.isEligible(definition, answers),
        frozen: [...routing.frozen(definition, Object.keys(answers))].sort(),
        orders: await routing.orders(definition, seed, digest),
        kept: Object.keys(problems).length ? null : kept,
        problems: said(problems),
        checked: { values: checked.values, problems: said(checked.problems) },
      };
    })
  );
}

// A problem as Python says it: its template, what is filled in, the questionnaire's own words.
function said(problems) {
  const found = {};
  for (const name of Object.keys(problems)) {
    const { text, params, own } = problems[name];
    found[name] = [text, params || {}, own || {}];
  }
  return found;
}
