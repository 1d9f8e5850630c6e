// The rest: declaring hours, the service record, what the PIN guards, locking.

import { lock, recordShift } from "./book.js";
import { alertOf, button, h, link, show } from "./dom.js";
import * as install from "./install.js";
import { _, forInput, page } from "./say.js";
import { sync } from "./sync.js";

export async function more() {
  show({
    title: _("More"),
    back: { href: "#/", text: _("To the list") },
    body: [
      h("h1", {}, _("More")),
      h("p", {}, _("Completed interviews are sealed for the office; addresses and unfinished ones are encrypted under your PIN. There is no location, no check-in and no ranking of volunteers.")),
      h("ul", { class: "tips" }, tips().map((tip) => h("li", {}, tip))),
      !install.isInstalled() && homeScreen(),
    ],
    deck: [link(_("Declare my hours"), "#/shift", "button"), link(_("My service record"), page("/visits/service"))],
    under: button(_("Lock"), closeBook, "link"),
  });
}

function homeScreen() {
  const ask = () => install.ask().then(more);
  return h("section", {},
    h("h2", {}, _("On the home screen")),
    install.mayAsk()
      ? button(_("Put it on the home screen"), ask, "plain")
      : h("p", { class: "hint" }, _("Choose “Add to home screen” in the browser’s menu; then it opens like any other app.")));
}

function closeBook() {
  lock();
  location.hash = "#/";
  window.dispatchEvent(new Event("hashchange"));
}

function tips() {
  return [
    _("Read the questions as they stand, and every answer but those marked “do not read out”."),
    _("Say nothing about what others answer or what is hoped for."),
    _("Never take the neighbours instead: a household that cannot be reached stays in the sample."),
    _("Ask for no name, telephone or identity number."),
  ];
}

export async function shift() {
  const end = new Date();
  const from = h("input", { type: "datetime-local", id: "from", value: forInput(new Date(end.getTime() - 2 * 3600 * 1000)) });
  const until = h("input", { type: "datetime-local", id: "until", value: forInput(end) });
  const place = h("div");
  const keep = async () => {
    const [started, ended] = [from, until].map((input) => new Date(input.value));
    if (!(started < ended) || ended > new Date() || ended - started > 16 * 3600 * 1000) {
      place.textContent = "";
      place.append(alertOf(h("p", {}, _("The end must come after the beginning, within 16 hours, and not in the future."))));
      return;
    }
    await recordShift({ started_at: started.toISOString(), ended_at: ended.toISOString() });
    sync();
    location.hash = "#/queue";
  };
  show({
    title: _("Declare my hours"),
    back: { href: "#/more" },
    body: [
      h("h1", {}, _("Declare my hours")),
      place,
      h("div", { class: "question" }, h("label", { for: "from" }, _("From")), from),
      h("div", { class: "question" }, h("label", { for: "until" }, _("Until")), until),
      h("p", { class: "hint" }, _("Your word is enough; it makes your service record. Nothing tracks where you are.")),
    ],
    deck: [button(_("Declare"), keep)],
  });
}
