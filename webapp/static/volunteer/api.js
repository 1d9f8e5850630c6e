// Speaks with the server. XMLHttpRequest rather than fetch: it can time out in every browser of our
// floor.

const BASE = "/api/v1/";
const PATIENCE = 60000; // milliseconds without a sign of life
const SLOWEST = 1; // bytes in a millisecond: the server cuts off below that

/** What the server answered: its status (0: it was not reached) and the JSON it sent, or null. */
function call(method, name, body) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, BASE + name);
    const begun = Date.now();
    const due = PATIENCE + (body ? body.length / SLOWEST : 0);
    request.timeout = due;
    request.onprogress = () => {
      request.timeout = Date.now() - begun + due; // it counts from the beginning
    };
    request.setRequestHeader("Accept", "application/json");
    if (body !== undefined) {
      request.setRequestHeader("Content-Type", "application/json");
      request.setRequestHeader("X-Minyi", "1"); // which a foreign page cannot send
    }
    request.onloadend = () => {
      resolve({
        status: request.status,
        body: parsed(request.responseText),
        wait: Number(request.status && request.getResponseHeader("Retry-After")) || 0,
      });
    };
    request.send(body);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null; // cut short, or the page of some network that wants a login of its own
  }
}

export function getBundle() {
  return call("GET", "bundle");
}

export function post(kind, body) {
  return call("POST", kind, body);
}
