// 我的网格: its outline, and what is open in it.
import { empty, h, w } from "../dom.js";
import { me, state } from "../state.js";
import { lightOf, open, page, cardOf } from "./parts.js";
import { config } from "../dom.js";
import { asOf, pendingOf } from "./tasks.js";

export function grid({ all }) {
  const { outlines, grid: cases } = state.data;
  const place = h("div", { class: "map", role: "application", tabindex: "0", "aria-label": w("grid") });
  let map = null;
  let gone = false;
  return {
    title: w("grid"),
    node: page(
      me().area_name,
      asOf(),
      outlines.length ? place : h("p", { class: "hint" }, w("no_outline")),
      h("h2", null, w("open_here", { n: cases.length })),
      cases.length ? h("div", { class: "cards" }, cases.map((each) => cardOf(each, pendingOf(all, each.number)))) : empty("circle-check", w("nothing_open")),
    ),
    async after() {
      if (!outlines.length) return;
      const { gridMap } = await import("../pinmap.js");
      if (gone) return;
      const shown = cases.map((each) => ({ ...each, light: lightOf(each) }));
      map = gridMap(place, outlines, shown, (each) => open(`${config.home}cases/${each.number}`));
    },
    leave() {
      gone = true;
      map?.remove();
    },
  };
}
