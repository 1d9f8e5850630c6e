// Elements, and the one frame in which every screen is shown.

import { _, speech } from "./say.js";

/** An element: attributes by name, functions as listeners; children are nodes, texts or lists. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(element, child);
    else if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

export function button(text, onclick, look = "") {
  return h("button", { type: "button", class: look, onclick }, text);
}

export function link(text, address, look = "button plain") {
  return h("a", { class: look, href: address }, text);
}

/** A place, a person, a street: the same in every language. */
export function name(text) {
  return h("span", { translate: "no", lang: "zh-CN" }, text);
}

/** Where something may be said that a screen reader reads out at once. */
export function alertOf(...content) {
  return h("div", { class: "problems", role: "alert" }, ...content);
}

/**
 * Show a screen.
 *
 * title: what the window is called; body: nodes, with one h1; deck: the acts, in reach of the thumb;
 * under: lesser acts, at the end of the sheet, so that large print leaves room to read; back: where the link on top leads; progress: words beside it; isPrivate: a respondent holds the
 * phone, and needs no way out of the interview.
 */
export function show({ title, body, deck = [], under = null, back = null, progress = "", isPrivate = false }) {
  document.documentElement.lang = speech.language === "zh" ? "zh-CN" : "en";
  document.documentElement.classList[speech.elder ? "add" : "remove"]("elder");
  document.body.classList[isPrivate ? "add" : "remove"]("private");
  document.title = title + " · " + _("Minyi");
  const main = document.getElementById("main");
  const where = back || progress
    ? h(
        "div",
        { class: "where" },
        back && h("a", { class: "back", href: back.href }, back.text || _("Back")),
        progress && h("p", { class: "progress" }, progress)
      )
    : null;
  const sheet = h("div", { class: "sheet" }, where, body);
  const held = deck.filter(Boolean);
  const acts = h("div", { class: "deck" }, held);
  const lesser = under && h("div", { class: "small-acts" }, under);
  main.textContent = "";
  add(main, [sheet, lesser, held.length ? acts : null]);
}

/** Let keyboards and screen readers begin at the top of a new screen. */
export function begin() {
  document.getElementById("main").focus();
  window.scrollTo(0, 0); // old browsers scroll to what has the focus
}
