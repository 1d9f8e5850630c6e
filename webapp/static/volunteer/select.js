// Whom to ask: the household, where there are several; the adult, by the rule of the wave; then the
// consent. What has been counted stays: another count takes a reason, and both are handed in.

import { chosenAdult, chosenHousehold } from "./assignments.js";
import * as book from "./book.js";
import { random, sha256, uuid } from "./bytes.js";
import { begin, button, h, link, name, show } from "./dom.js";
import { keyless } from "./recheck.js";
import { orders } from "./routing.js";
import { _, forInput, speech, textIn } from "./say.js";

const MANY = 12; // households that the table provides for
const ADULTS = 6; // the last means "or more"

export async function select(unit, how) {
  const one = book.assignment(unit);
  if (!one) return "";
  const draft = await book.door(unit);
  if (draft.interview) return "door/" + unit + "/ask";
  const wave = book.wave(one.wave);
  if (!wave.seal) return noKey(one);
  const step = { unit, one, draft, wave, how, again: () => select(unit, how) };
  const households = one.households || draft.households;
  if (!households) return countHouseholds(step);
  if (!draft.selection || (wave.selection === "kish" && !draft.selection.chosen)) {
    const selection = { rule: wave.selection, households, adults: null, chosen: null, corrections: [] };
    if (wave.selection === "kish") return countAdults({ ...step, selection });
    draft.selection = selection;
    await book.saveDoor(unit, draft);
  }
  return person({ ...step, households });
}

function noKey(one) {
  return frame({ unit: one.unit, one }, _("No interview can be begun now"), [keyless()], [
    link(_("No interview this time"), "#/door/" + one.unit + "/outcome"),
  ]);
}

// The screens of this step share their frame: the address on top, the way back.
function frame({ unit, one }, title, body, deck) {
  show({
    title,
    back: { href: "#/door/" + unit },
    body: [h("p", { class: "hint" }, name(one.address.text)), h("h1", {}, title), body],
    deck,
  });
  begin();
  return null;
}

function numbers(first, last, choose, more = "") {
  return h("div", { class: "numbers" }, Array.from({ length: last - first + 1 }, (_none, place) =>
    button(String(first + place) + (first + place === last ? more : ""), () => choose(first + place), "plain")));
}

function countHouseholds(step) {
  const choose = async (count) => {
    step.draft.households = count;
    await book.saveDoor(step.unit, step.draft);
    step.again();
  };
  const title = _("How many households live at this address?");
  const hint = h("p", { class: "hint" }, _("A household eats and keeps house together: landlord and tenants are several. The count stands once it is given, because the choice follows from it."));
  const several = () => frame(step, title, hint, [numbers(2, MANY, choose)]);
  return frame(step, title, hint, [button(_("One"), () => choose(1)), button(_("Several"), several, "plain")]);
}

function countAdults(step) {
  const keep = async (adults) => {
    const chosen = chosenAdult(step.one, adults);
    step.draft.selection = { ...step.selection, adults, chosen };
    await book.saveDoor(step.unit, step.draft);
    step.again();
  };
  return frame(step, _("How many people of 18 or over live in this household?"), [
    h("p", { class: "hint" }, _("Count those who usually live here, whether they are at home now or not.")),
    household(step.one, step.selection.households),
  ], [numbers(1, ADULTS, keep, "+")]);
}

function household(one, count) {
  if (count === 1) return null;
  const chosen = chosenHousehold(one, count);
  return h("p", { class: "note" }, chosen
    ? _("Ask household %(chosen)d of %(count)d, counted from the entrance.", { chosen, count })
    : _("Ask the office which of the %(count)d households is chosen.", { count }));
}

function person(step) {
  const { one, draft, wave, households, unit } = step;
  const { rule, adults, chosen } = draft.selection;
  const isKish = rule === "kish";
  const whom = isKish
    ? adults === 1
      ? _("The only adult answers.")
      : chosen === 1
        ? _("Of the %(adults)d adults, the oldest answers.", { adults })
        : _("Of the %(adults)d adults, number %(chosen)d by age answers, the oldest being number 1.", { adults, chosen })
    : _("Of the adults living here, the one whose birthday comes next answers.");
  return frame(step, _("Who answers"), [
    household(one, households),
    h("p", { class: "whom" }, whom),
    h("p", { class: "hint" }, _("Nobody else can take their place, not even willingly. If they are out, come back when they are in.")),
    isKish && correction(step),
  ], [
    button(_("This person is here"), () => (step.how === "paper" ? paper(step) : consent(step))),
    link(_("Not now"), "#/door/" + unit + "/outcome"),
  ]);
}

// A wrong count can be put right, but not quietly: the first stands beside it, with the reason.
function correction(step) {
  const reason = h("input", { id: "reason", autocomplete: "off" });
  const again = () => {
    const { adults, chosen, corrections, ...rest } = step.draft.selection;
    const why = reason.value.trim();
    if (!why) return reason.focus();
    const known = corrections.concat([{ adults, chosen, reason: why, at: book.now() }]);
    return countAdults({ ...step, selection: { ...rest, corrections: known } });
  };
  return h("details", { class: "more" },
    h("summary", {}, _("The count was wrong")),
    h("div", { class: "question" }, h("label", { for: "reason" }, _("What was wrong with it")), reason),
    h("p", { class: "hint" }, _("Both counts and the reason go to the office.")),
    button(_("Count again"), again, "plain"));
}

function consent(step) {
  const { wave, unit } = step;
  const body = [
    h("p", { class: "lead" }, textIn(wave.consent)),
    h("p", { class: "hint" }, [
      wave.sponsor && [_("Set by"), _(": "), name(wave.sponsor)],
      wave.approval_number && [" · ", _("approval number"), _(": "), name(wave.approval_number)],
      wave.contact && [" · ", name(wave.contact)],
    ]),
  ];
  frame(step, _("Read this out"), body, [
    button(_("They agree: begin"), () => start(step, { mode: "door", started_at: book.now() })),
    link(_("They decline"), "#/door/" + unit + "/outcome"),
  ]);
}

function paper(step) {
  const at = h("input", { type: "datetime-local", id: "filled", value: forInput(new Date()) });
  const go = () => {
    const date = new Date(at.value);
    if (!(date <= new Date())) return at.focus();
    return start(step, { mode: "paper", started_at: date.toISOString() });
  };
  frame(step, _("A paper questionnaire"), [
    h("p", { class: "hint" }, _("It is marked as paper. Type in what was written; leave blank what was left blank.")),
    h("div", { class: "question" }, h("label", { for: "filled" }, _("When was it filled in?")), at),
  ], [button(_("Begin typing"), go)]);
}

async function start({ unit, draft, wave }, { mode, started_at }) {
  const seed = new DataView(random(4).buffer).getUint32(0) >>> 1;
  draft.interview = {
    instance_id: "uuid:" + uuid(),
    mode,
    seed,
    seal: wave.seal, // what is begun can be sealed, whatever befalls the office meanwhile
    orders: await orders(wave.questionnaire, seed, sha256),
    language: speech.language,
    answers: {},
    notes: {},
    typed: {},
    shown: [],
    seen: [],
    private: false,
    started_at,
  };
  await book.saveDoor(unit, draft);
  location.hash = "#/door/" + unit + "/ask";
}
