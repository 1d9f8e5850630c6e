// The list: today's addresses by building and floor, with what happened before.

import { byBuilding, expected, isOpen, returnAt } from "./assignments.js";
import { book, doorsUnderWay, now, rechecks, rechecksUnderWay, setPartner, wave } from "./book.js";
import { button, h, name, show } from "./dom.js";
import { _, moment, page, textIn } from "./say.js";
import { status, sync } from "./sync.js";
import * as updates from "./updates.js";

export async function today() {
  const { assignments, waves } = book.bundle || { assignments: [], waves: [] };
  const begun = new Set(await doorsUnderWay());
  const isLeft = (one) => isOpen(one) || (one.answered && begun.has(one.unit));
  const open = assignments.filter(isLeft);
  const settled = assignments.filter((one) => !isLeft(one));
  const waiting = expected(assignments, Date.parse(now()));
  const row = (one) => doorRow(one, begun.has(one.unit));
  const again = rechecks().filter(({ done }) => !done);
  const confirmed = rechecks().filter(({ done }) => done);
  const isBegun = new Set(await rechecksUnderWay());
  show({
    title: _("Today’s addresses"),
    body: [
      h("h1", {}, _("Today’s addresses")),
      standing(),
      partner(),
      waiting.length > 0 && h("section", {}, h("h2", {}, _("They wait for you today")), h("ul", { class: "doors-list" }, waiting.map(row))),
      byBuilding(open).map((one) => building(one, row, waves.length > 1)),
      again.length > 0 && h("section", { class: "rechecks" },
        h("h2", {}, _("Re-checks")),
        h("p", { class: "hint" }, _("Others interviewed here; you only confirm it.")),
        h("ul", { class: "doors-list" }, again.map((one) => recheckRow(one, isBegun.has(one.id))))),
      assignments.length === 0 && again.length === 0 && h("p", {}, _("No addresses are assigned to you. The office assigns them; they appear here by themselves.")),
      assignments.length > 0 && open.length === 0 && again.length === 0 && h("p", {}, _("Everything is done. Thank you.")),
      settled.length + confirmed.length > 0 &&
        h(
          "details",
          { class: "more" },
          h("summary", {}, _("Settled: %(count)d", { count: settled.length + confirmed.length })),
          h("ul", { class: "doors-list" }, settled.map(row), confirmed.map((one) => recheckRow(one, false)))
        ),
    ],
    deck: [
      h("div", { class: "pair" },
        button(_("Refresh"), ask, "plain"),
        h("a", { class: "button plain", href: "#/more" }, _("More"))),
    ],
  });
}

// Whoever has gone elsewhere meanwhile stays there.
async function ask() {
  await sync({ refresh: true });
  window.dispatchEvent(new Event("hashchange"));
}

function standing() {
  if (status.state === "login") {
    return note(_("Your login has ended. What you record is kept; log in again to send it."), [_("Log in"), page("/login?next=/volunteer/")]);
  }
  if (status.state === "stranger") {
    return note(_("Someone else is logged in on this phone. Nothing is sent until you log in yourself."), [_("Log in"), page("/login?next=/volunteer/")]);
  }
  if (status.state === "full") return note(_("This phone is full. Delete photos or films to make room."));
  if (updates.isWaiting()) {
    return h("div", { class: "note" }, h("p", {}, _("A new version is ready.")), button(_("Use it now"), updates.take, "plain"));
  }
  if (Math.abs(book.drift) > 5 * 60000) {
    const minutes = Math.round(Math.abs(book.drift) / 60000);
    return note(_("This phone’s clock is %(minutes)d minutes off. Times are corrected; please set it.", { minutes }));
  }
  return null;
}

function note(text, [words, address] = []) {
  return h("div", { class: "note", role: "status" }, h("p", {}, text), address && h("a", { class: "button plain", href: address }, words));
}

function partner() {
  const options = ["", ...(book.bundle ? book.bundle.partners : [])];
  const onchange = (event) => setPartner(event.target.value);
  return h(
    "div",
    { class: "partner" },
    h("label", { for: "partner" }, _("Going with")),
    h("select", { id: "partner", onchange }, options.map((one) =>
      h("option", { value: one, selected: one === book.partner }, one || _("nobody today"))))
  );
}

function building({ wave: code, community, building: text, floors }, row, namesWave) {
  return h(
    "section",
    {},
    h("h2", {}, name(textIn(community)), text && [" · ", name(text)]),
    namesWave && h("p", { class: "hint" }, name(textIn(wave(code).title))),
    floors.map(({ floor, doors }) => [
      floor !== null && h("h3", {}, _("Floor %(floor)s", { floor })),
      h("ul", { class: "doors-list" }, doors.map(row)),
    ])
  );
}

function doorRow(one, isBegun) {
  return h("li", {}, h(
    "a",
    { class: "doorway", href: "#/door/" + one.unit },
    h("strong", {}, name(doorName(one.address))),
    h("span", { class: "hint" }, before(one, isBegun))
  ));
}

function recheckRow(one, isBegun) {
  const state = one.done ? _("confirmed") : one.moved ? _("moved to someone else") : isBegun ? _("under way on this phone") : _("not yet confirmed");
  return h("li", {}, h(
    "a",
    { class: "doorway", href: "#/recheck/" + one.id },
    h("strong", {}, name(one.address.text)),
    h("span", { class: "hint" }, _("Re-check"), " · ", name(textIn(one.community)), " · ", state)
  ));
}

/** A door as it is called in front of its building. */
export function doorName({ entrance, door, text }) {
  return (entrance ? entrance + "单元" : "") + (door ? door + "室" : "") || text;
}

/** The community that a screen's address lies in, above its name. */
export function community(one) {
  return h("p", { class: "hint" }, name(textIn(one.community)));
}

/** What happened before, in one line. */
export function before(one, isBegun = false) {
  const last = one.attempts[one.attempts.length - 1];
  if (one.answered && isBegun) return _("under way on this phone") + " · " + _("answered meanwhile");
  if (one.answered) return _("interview done");
  if (isBegun) return _("under way on this phone");
  if (one.moved) return _("moved to someone else");
  if (returnAt(one)) return _("Come back %(when)s", { when: moment(returnAt(one)) });
  if (!last) return _("not yet visited");
  return moment(last.at) + " · " + outcomeWords(last.outcome);
}

export function outcomeWords(code) {
  const found = book.bundle.outcomes.find((one) => one.code === code);
  return found ? textIn(found.words) : code;
}
