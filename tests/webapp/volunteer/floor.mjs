// What a script uses that the oldest browsers of our floor (Chrome 61, Safari 11.3) do not know.
// `scripts` maps a name to its text.
import { parse } from "./acorn/acorn.mjs";

// By the version of Chrome that brought them; the floor has 61.
const LATE_METHODS = new Map(Object.entries({
  allSettled: 76, any: 85, arrayBuffer: 76, at: 92, findLast: 97, flat: 69,
  flatMap: 69, finally: 63, fromEntries: 73, groupBy: 117, hasOwn: 93, matchAll: 73,
  randomUUID: 92, replaceAll: 85, replaceChildren: 86, requestSubmit: 76, stream: 76,
  toggleAttribute: 69, toSorted: 110, trimEnd: 66, trimStart: 66, withResolvers: 119,
}));
const LATE_NAMES = new Map(Object.entries({
  AbortController: 66, BigInt: 67, BroadcastChannel: 54, CompressionStream: 80, FinalizationRegistry: 84,
  globalThis: 71, queueMicrotask: 71, ResizeObserver: 64, structuredClone: 98, WeakRef: 84,
}));
export default async function (scripts) {
  const faults = [];
  for (const name of Object.keys(scripts)) {
    let tree;
    try {
      tree = parse(scripts[name], { ecmaVersion: 2018, sourceType: "module", locations: true });
    } catch (error) {
      faults.push(`${name}: ${error.message}`);
      continue;
    }
    for (const node of nodes(tree)) {
      const fault = objection(node);
      if (fault) faults.push(`${name}:${node.loc.start.line}: ${fault}`);
    }
  }
  return faults;
}

function* nodes(node) {
  if (Array.isArray(node)) for (const one of node) yield* nodes(one);
  if (!node || typeof node.type !== "string") return;
  yield node;
  for (const key of Object.keys(node)) if (typeof node[key] === "object" && key !== "loc") yield* nodes(node[key]);
}

function objection(node) {
  switch (node.type) {
    case "ForOfStatement":
      return node.await && "for await (Chrome 63)";
    case "FunctionDeclaration":
    case "FunctionExpression":
      return node.async && node.generator && "an async generator (Chrome 63)";
    case "CallExpression": {
      const { object, property, computed } = node.callee;
      const name = property && !computed && property.name;
      // A service worker's clients had it from the beginning, texts only later.
      if (name === "matchAll" && object.property && object.property.name === "clients") return "";
      return LATE_METHODS.has(name) && `.${name} (Chrome ${LATE_METHODS.get(name)})`;
    }
    case "Identifier":
      return LATE_NAMES.has(node.name) && `${node.name} (Chrome ${LATE_NAMES.get(node.name)})`;
    case "Literal":
      return node.regex && regexFault(node.regex);
    default:
      return "";
  }
}

function regexFault({ pattern, flags }) {
  if (/\(\?<[=!]/.test(pattern)) return "a look-behind (Chrome 62, Safari 16.4)";
  if (/\(\?<[A-Za-z]/.test(pattern)) return "a named group (Chrome 64)";
  if (/\\[pP]\{/.test(pattern)) return "a Unicode property (Chrome 64)";
  return /[sdv]/.test(flags) && `the flag ${flags} (Chrome 62)`;
}
