// What went wrong on this phone, said so that one knows what to do.

import { Outdated } from "./book.js";
import { _ } from "./say.js";
import { isFull } from "./storage.js";

export function explained(error) {
  if (isFull(error)) {
    return _("This phone is full. Delete photos or films to make room, then try again: nothing is stored until there is room.");
  }
  if (error instanceof Outdated) {
    return _("This address was changed in another window. Open it again to see how it stands.");
  }
  return _("Something went wrong on this phone. What was stored is safe.");
}
