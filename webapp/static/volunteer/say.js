// Words in the reader's language. Texts in the code are English; words.js holds their Chinese, made
// from the same catalogue as the site's pages.

import { CHINESE } from "./words.js";

export const speech = { language: "zh", elder: false };
export const LANGUAGES = ["zh", "en"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY = 24 * 3600 * 1000;

export function _(text, params = {}) {
  const said = speech.language === "zh" ? CHINESE[text] || text : text;
  return said.replace(/%\((\w+)\)[a-z]|%%/g, (found, name) => (name ? String(params[name]) : "%"));
}

/** A text that comes in several languages; the first is the default. */
export function textIn(text) {
  if (!text) return "";
  return text[speech.language] || text[Object.keys(text)[0]];
}

/** Words of the record, which begin small, where they stand alone. */
export function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The address of a page outside the app, in the reader's language. */
export function page(address) {
  return address + (address.includes("?") ? "&" : "?") + "lang=" + speech.language;
}

/** Several things in one line. */
export function listed(items) {
  return items.join(speech.language === "zh" ? "、" : ", ");
}

/** What is wrong with an answer: in the questionnaire's own words, where it has some. */
export function said({ own, text, params }) {
  return textIn(own) || _(text, params);
}

/** A moment as people say it: the day, unless it is today, and the time. */
export function moment(stamp) {
  const date = new Date(stamp);
  const time = two(date.getHours()) + ":" + two(date.getMinutes());
  const days = Math.round((midnight(date) - midnight(new Date())) / DAY);
  if (days === 0) return _("today %(time)s", { time });
  if (days === 1) return _("tomorrow %(time)s", { time });
  if (days === -1) return _("yesterday %(time)s", { time });
  return dayOf(date) + " " + time;
}

function dayOf(date) {
  if (speech.language === "zh") return date.getMonth() + 1 + "月" + date.getDate() + "日";
  return date.getDate() + " " + MONTHS[date.getMonth()];
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Local date and time as an input of the type datetime-local takes it. */
export function forInput(date) {
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return day + "T" + two(date.getHours()) + ":" + two(date.getMinutes());
}

function two(number) {
  return String(number).padStart(2, "0");
}
