// The squares: everything that one does outside, a thumb away.
import { config, h, icon, w } from "../dom.js";
import { isOpen } from "../queue.js";
import { me, state } from "../state.js";
import { toDo } from "./assigned.js";
import { camera } from "./camera.js";
import { dueNow as visitsDue } from "./care.js";
import { dueNow } from "./patrol.js";
import { toFill } from "./surveys.js";

function tile(path, name, words, n = 0, more = {}) {
  const label = n ? `${words}，${w("n_waiting", { n })}` : words;
  return h(
    "a",
    { class: "tile", href: path, "aria-label": label, data: { at: path }, ...more },
    icon(name),
    h("span", { class: "tile-name" }, words),
    n ? h("span", { class: "count", "aria-hidden": "true" }, n > 99 ? "99+" : String(n)) : null,
  );
}

export function home({ all }) {
  const { data } = state;
  const who = me();
  const open = all.filter((entry) => isOpen(entry) && entry.account === who.account).length;
  const late = data.tasks.filter((each) => each.light === "red").length;
  const to = (name) => `${config.home}${name}`;
  // The camera opens with the very touch: a browser lets only that.
  const first = { onclick: camera.open };
  return {
    title: w("home"),
    node: [
      h("div", { class: "who" }, h("h1", null, who.area_name), h("p", null, `${who.name} · ${who.role_word}`, who.office === who.area_name ? "" : ` · ${who.office}`)),
      late ? h("p", { class: "late-line" }, icon("alert-octagon"), w("n_late", { n: late })) : null,
      h(
        "nav",
        { class: "tiles", "aria-label": w("home") },
        tile(to("report"), "camera", w("report"), 0, { ...first, class: "tile tile-main" }),
        who.walks ? tile(to("settle"), "circle-check", w("settle"), 0, first) : null,
        tile(to("tasks"), "list-check", w("tasks"), data.tasks.length),
        who.walks ? tile(to("assigned"), "clipboard-list", w("assigned"), toDo(all).length) : null,
        who.walks ? tile(to("patrol"), "walk", w("patrol"), dueNow(all).length) : null,
        who.walks && data.care?.people.length ? tile(to("care"), "heart-handshake", w("care"), visitsDue(all).length) : null,
        who.walks ? tile(to("surveys"), "address-book", w("surveys_short"), toFill(all)) : null,
        who.walks ? tile(to("grid"), "map-2", w("grid"), data.grid.length) : null,
        who.walks ? tile(to("month"), "list-check", w("month_short")) : null,
        tile(to("inbox"), "bell", w("inbox"), data.unread),
        tile(to("outbox"), "send", w("outbox"), open),
        // Oneself stands in the bar below.
        tile(config.desk, "inbox", w("desk")),
      ),
    ],
  };
}
home.live = true;
