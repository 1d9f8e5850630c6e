// The bar on top of every screen: language, size of print, and what waits to be sent.

import { book } from "./book.js";
import { button, h } from "./dom.js";
import * as preferences from "./preferences.js";
import { _, speech } from "./say.js";
import { counts } from "./sync.js";

/** Show the bar; `again` shows the screen anew after a change. */
export async function bar(again) {
  const { here } = book.key ? await counts() : { here: 0 };
  const other = speech.language === "zh" ? "en" : "zh";
  const turn = async (different) => {
    const keep = new CustomEvent("keep", { detail: [] }); // a screen with a form adds a promise
    document.dispatchEvent(keep);
    await Promise.all(keep.detail);
    await preferences.change(different);
    await again();
  };
  const language = button(other === "en" ? "English" : "中文", () => turn({ language: other }), "switch");
  language.lang = other === "en" ? "en" : "zh-CN";
  const size = button(
    speech.elder ? _("Usual text") : _("Large text"),
    () => turn({ elder: !speech.elder }),
    "switch"
  );
  const waiting = book.key && h("a", { class: "switch waiting", href: "#/queue" }, _("To send: %(count)d", { count: here }));
  const place = document.getElementById("bar");
  place.textContent = "";
  if (waiting) place.append(waiting);
  place.append(h("div", { class: "switches" }, language, size));
}
