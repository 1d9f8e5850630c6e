// The home screen: offered where the browser lets a page ask for it, told where it does not.

let offer = null;

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // it is asked for where its owner looks for it, not in the middle of a visit
  offer = event;
});

/** Whether the app was opened from the home screen. */
export function isInstalled() {
  return window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
}

/** Whether the browser lets us ask. */
export function mayAsk() {
  return Boolean(offer);
}

/** Ask, once; the browser has its own question. */
export async function ask() {
  const event = offer;
  offer = null;
  event.prompt();
  await event.userChoice;
}
