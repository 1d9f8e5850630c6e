// Language and size of print, kept in the clear: they are needed before the PIN.

import * as storage from "./storage.js";
import { LANGUAGES, speech } from "./say.js";

export async function load() {
  const kept = (await storage.get("facts", "speech")) || {};
  if (LANGUAGES.includes(kept.language)) speech.language = kept.language;
  speech.elder = Boolean(kept.elder);
}

export async function change(different) {
  Object.assign(speech, different);
  await storage.put("facts", "speech", { ...speech });
}
