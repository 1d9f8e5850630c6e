// XPath values and the functions that expressions may call: surveys/questionnaires/functions.py
// in the browser. A value is a string, a number or a boolean. Both run the same test vectors.

// What Python calls white space. The two must split, and trim, alike.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const OUTER = new RegExp("^[" + SPACE + "]+|[" + SPACE + "]+$", "g");
const BETWEEN = new RegExp("[" + SPACE + "]+");
const NUMBER = /^[ \t-\r]*-?([0-9]+(\.[0-9]*)?|\.[0-9]+)[ \t-\r]*$/;

export function trimmed(text) {
  return text.replace(OUTER, "");
}

export function words(text) {
  const inner = trimmed(text);
  return inner === "" ? [] : inner.split(BETWEEN);
}

export function number(value) {
  if (typeof value !== "string") return Number(value);
  return NUMBER.test(value) ? Number(value.trim()) : NaN;
}

// Whole numbers have no decimal point, and none has an exponent.
export function string(value) {
  if (typeof value !== "number") return String(value);
  const text = String(value);
  const parts = /^(-?)([0-9])\.?([0-9]*)e([+-][0-9]+)$/.exec(text);
  if (!parts) return text;
  const digits = parts[2] + parts[3];
  const point = 1 + Number(parts[4]);
  if (point <= 0) return parts[1] + "0." + "0".repeat(-point) + digits;
  return parts[1] + digits + "0".repeat(point - digits.length);
}

export function boolean(value) {
  return Boolean(value); // of the numbers, 0 and NaN are false; of the texts, the empty one
}

function equal(left, right) {
  if (typeof left === "string" && typeof right === "string") return left === right;
  if (typeof left === "boolean" || typeof right === "boolean") return boolean(left) === boolean(right);
  return number(left) === number(right);
}

function rounded(value, places = 0) {
  const exact = number(value);
  const digits = number(places);
  if (!(Math.abs(digits) <= 15)) return exact;
  const shift = Number("1e" + Math.trunc(digits)); // exact, which older engines' powers are not
  const scaled = exact * shift;
  return Number.isFinite(scaled) ? Math.floor(scaled + 0.5) / shift : exact;
}

function whole(value) {
  return Math.trunc(number(value)) + 0; // never minus zero
}

// As C has it: NaN where there is no power or it is too large.
function power(base, exponent) {
  const one = number(base);
  const other = number(exponent);
  if (one === 1 || (one === -1 && Math.abs(other) === Infinity)) return 1;
  const result = Math.pow(one, other);
  const isFaulty = Number.isFinite(one) && Number.isFinite(other) && !Number.isFinite(result);
  return isFaulty ? NaN : result;
}

function extreme(choose) {
  return (...values) => choose(...values.map(number));
}

function selectedAt(chosen, place) {
  const codes = words(string(chosen));
  const wanted = number(place);
  return wanted >= 0 && wanted < codes.length ? codes[Math.trunc(wanted)] : "";
}

function letters(text) {
  return Array.from(string(text)); // characters, where JavaScript counts halves of some
}

function substr(text, start, end = Infinity) {
  const all = letters(text);
  const places = [number(start), number(end)].map((at) => (at < 0 ? at + all.length : at));
  if (places.some(Number.isNaN)) return "";
  const [first, last] = places.map((at) => Math.trunc(Math.max(Math.min(at, all.length), 0)));
  return all.slice(first, last).join("");
}

function matches(text, pattern) {
  const whole_ = "^(?:" + string(pattern) + ")$";
  for (const flags of ["u", ""]) {
    try {
      return new RegExp(whole_, flags).test(string(text));
    } catch (error) {
      // A pattern that is faulty with this flag may be right without it; if not, it matches nothing.
    }
  }
  return false;
}

function coalesce(...values) {
  const found = values.find((value) => string(value) !== "");
  return found === undefined ? "" : found;
}

// Functions of numbers take any values.
function numeric(call) {
  return (...values) => call(...values.map(number));
}

export const OPERATORS = {
  "=": equal,
  "!=": (left, right) => !equal(left, right),
  "<": numeric((left, right) => left < right),
  "<=": numeric((left, right) => left <= right),
  ">": numeric((left, right) => left > right),
  ">=": numeric((left, right) => left >= right),
  "+": numeric((left, right) => left + right),
  "-": numeric((left, right) => left - right),
  "*": numeric((left, right) => left * right),
  div: numeric((left, right) => left / right),
  mod: numeric((left, right) => left % right),
  neg: numeric((value) => -value),
};

export const FUNCTIONS = {
  abs: numeric(Math.abs),
  boolean,
  "boolean-from-string": (value) => string(value) === "1" || string(value) === "true",
  coalesce,
  concat: (...values) => values.map(string).join(""),
  contains: (text, part) => string(text).includes(string(part)),
  "count-selected": (chosen) => words(string(chosen)).length,
  "ends-with": (text, end) => string(text).endsWith(string(end)),
  false: () => false,
  if: (test, then, other) => (boolean(test) ? then : other),
  int: whole,
  max: extreme(Math.max),
  min: extreme(Math.min),
  "normalize-space": (text) => words(string(text)).join(" "),
  not: (value) => !boolean(value),
  number,
  pow: power,
  regex: matches,
  round: rounded,
  selected: (chosen, code) => words(string(chosen)).includes(trimmed(string(code))),
  "selected-at": selectedAt,
  "starts-with": (text, start) => string(text).startsWith(string(start)),
  string,
  "string-length": (text) => letters(text).length,
  substr,
  true: () => true,
};
