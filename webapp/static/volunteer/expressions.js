// Walks the syntax trees that surveys/questionnaires/expressions.py writes as JSON.

import { FUNCTIONS, OPERATORS, boolean } from "./values.js";

const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

/** The value of a tree, given the answers by question and the answer being checked (`.`). */
export function evaluate(tree, answers, here = "") {
  if (!Array.isArray(tree)) return tree;
  const [name, ...operands] = tree;
  if (name === "$") return has(answers, operands[0]) ? answers[operands[0]] : "";
  if (name === ".") return here;
  const value = (operand) => evaluate(operand, answers, here);
  if (name === "and") return boolean(value(operands[0])) && boolean(value(operands[1]));
  if (name === "or") return boolean(value(operands[0])) || boolean(value(operands[1]));
  if (has(OPERATORS, name)) return OPERATORS[name](...operands.map(value));
  if (has(FUNCTIONS, name)) return FUNCTIONS[name](...operands.map(value));
  throw new Error("no such operation: " + name);
}

/** Whether an expression holds; none at all always does. */
export function truth(tree, answers, here = "") {
  return tree === undefined || boolean(evaluate(tree, answers, here));
}

/** The questions that a tree refers to. */
export function references(tree) {
  if (!Array.isArray(tree)) return new Set();
  if (tree[0] === "$") return new Set([tree[1]]);
  const found = new Set();
  for (const part of tree.slice(1)) references(part).forEach((name) => found.add(name));
  return found;
}
