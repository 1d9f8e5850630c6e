// A new version is fetched in the background and waits, complete, until nobody is in the middle of
// anything: it takes over at the lock screen, or when the owner says so from the list.

import { book } from "./book.js";

let registration = null;
let reloading = false;

/** Register the worker; a version that already waits takes over while the app is still locked. */
export async function start() {
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // The first worker takes charge of a page that needs no other version.
    if (reloading) location.reload();
  });
  try {
    registration = await navigator.serviceWorker.register("/volunteer/sw.js", { scope: "/volunteer/" });
  } catch (error) {
    return; // some browsers inside other apps refuse; online it works all the same
  }
  if (isWaiting() && !book.key) take();
}

export function isWaiting() {
  return Boolean(registration && registration.waiting && navigator.serviceWorker.controller);
}

/** Let the waiting version take over; the page starts anew with it. */
export function take() {
  reloading = true;
  registration.waiting.postMessage("take over");
}

/** Whether this page will open without signal. */
export function worksOffline() {
  return Boolean(navigator.serviceWorker && navigator.serviceWorker.controller) ||
    Boolean(registration && registration.active);
}
