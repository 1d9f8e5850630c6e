// Where the app begins: what this browser lacks, then the PIN, then the screens by their address.

import "./install.js"; // the browser's offer may come at once
import * as gate from "./gate.js";
import * as preferences from "./preferences.js";
import { bar } from "./bar.js";
import { book, reread } from "./book.js";
import { begin, button, h, show } from "./dom.js";
import { explained } from "./faults.js";
import { _ } from "./say.js";
import * as sync from "./sync.js";
import * as updates from "./updates.js";
import { today } from "./today.js";
import { discard, door } from "./door.js";
import { outcome } from "./outcome.js";
import { select } from "./select.js";
import { ask, takenBack } from "./ask.js";
import { finish } from "./finish.js";
import { done, queue } from "./queue.js";
import { more, shift } from "./more.js";
import { askAgain, finishRecheck, nobody, recheck } from "./recheck.js";

// What follows # in the address, and the screen it shows. A screen is a function that gets the parts
// of the address and shows itself; it may say where to go instead.
const SCREENS = [
  [/^$/, today],
  [/^door\/(\d+)$/, door],
  [/^door\/(\d+)\/discard$/, discard],
  [/^door\/(\d+)\/outcome$/, outcome],
  [/^door\/(\d+)\/select(?:\?(paper))?$/, select],
  [/^door\/(\d+)\/ask(?:\/([^/]+))?$/, ask],
  [/^door\/(\d+)\/finish$/, finish],
  [/^door\/(\d+)\/done(?:\?(private))?$/, done],
  [/^recheck\/(\d+)$/, recheck],
  [/^recheck\/(\d+)\/nobody$/, nobody],
  [/^recheck\/(\d+)\/ask(?:\/([^/]+))?$/, askAgain],
  [/^recheck\/(\d+)\/finish$/, finishRecheck],
  [/^queue$/, queue],
  [/^more$/, more],
  [/^shift$/, shift],
];

const { dataset } = document.documentElement; // dataset.screen: the address whose screen is shown
let wasLocked = false;
let turn = 0;

let drawing = Promise.resolve();

/** Show the screen of the present address; one after the other, and only the last that is wanted. */
export function render() {
  const mine = (turn += 1);
  const draw = () => (mine === turn ? drawn(mine) : null);
  if (!book.key) return drawn(mine); // logging in may wait for the network
  drawing = drawing.then(draw, draw);
  return drawing;
}

async function drawn(mine) {
  const address = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  const isNew = address !== dataset.screen || (wasLocked && Boolean(book.key));
  wasLocked = !book.key;
  try {
    if (!book.key) {
      await gate.show(render);
    } else {
      const [pattern, screen] = SCREENS.find(([one]) => one.test(address)) || [/^/, today];
      if (![ask, finish].includes(screen)) takenBack();
      const [, ...parts] = pattern.exec(address);
      const numbers = parts.map((part) => (/^\d+$/.test(part || "") ? Number(part) : part));
      const elsewhere = await screen(...numbers);
      if (elsewhere && mine === turn) location.replace("#/" + elsewhere);
    }
  } catch (error) {
    fault(error);
  }
  if (mine !== turn) return;
  await bar(render);
  if (isNew) begin();
  dataset.screen = address;
}

function fault(error) {
  show({
    title: _("That did not work"),
    body: [
      h("h1", {}, _("That did not work")),
      h("p", {}, explained(error)),
      h("p", { class: "quiet" }, h("code", {}, String(error))),
    ],
    deck: [
      button(_("Back to where I was"), render),
      h("a", { class: "button plain", href: "#/" }, _("To the list")),
    ],
  });
}

async function run() {
  const lack = gate.lacking();
  if (lack) return gate.explain(lack);
  await preferences.load();
  window.addEventListener("hashchange", render);
  window.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fault(event.reason);
  });
  document.addEventListener("visibilitychange", async () => {
    if (document.visibilityState === "visible" && book.key) await reread();
  });
  sync.watch(() => bar(render));
  sync.start();
  updates.start(); // not awaited: without a worker the app works while there is signal
  await render();
  sync.sync();
}

run();
