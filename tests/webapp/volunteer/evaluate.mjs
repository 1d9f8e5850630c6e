// The value of each expression, as text.
export default async function (vectors, load) {
  const { evaluate } = await load("expressions.js");
  const { string } = await load("values.js");
  return vectors.map(({ tree, answers, here }) => string(evaluate(tree, answers, here)));
}
