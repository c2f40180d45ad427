// Where it is: the phone's position with how good it is, the grid that holds it, and a map on which
// the pin can be put right.
import { button, h, icon, w } from "../dom.js";
import { gridOf } from "../grids.js";
import { follow } from "../place.js";
import { state } from "../state.js";

const POOR_M = 50;

// `value` is { lon, lat, accuracy, pinned } or null; `told` hears of each change.
export function spot(value, told) {
  let now = value;
  let map = null;
  const said = h("p", { class: "spot-said", role: "status" });
  const canvas = h("div", { class: "map", tabindex: "0", role: "application", "aria-label": w("map_hint"), hidden: true });
  const again = button("map-pin", w("use_position"), () => take(null), { hidden: true });
  const adjust = button("map-2", w("adjust_pin"), () => show());

  function take(next) {
    now = next;
    told(now);
    say();
  }

  function say(trouble = "") {
    const grid = now ? gridOf(now.lon, now.lat, state.data?.outlines ?? []) : null;
    const outlines = state.data?.outlines?.length;
    const poor = now && !now.pinned && now.accuracy > POOR_M;
    said.className = `spot-said${!now || poor || (outlines && !grid) ? " spot-poor" : ""}`;
    const where = grid ? grid.properties.name : outlines ? w("outside_grid") : "";
    const how = now ? (now.pinned ? w("pinned") : w("accuracy", { n: now.accuracy })) : w(trouble || "searching");
    said.replaceChildren(icon(now ? "map-pin" : "refresh"), [how, now && where].filter(Boolean).join(" · "), poor ? h("small", null, w("poor_position")) : "");
    again.hidden = !now?.pinned;
    map?.put(now);
  }

  async function show() {
    canvas.hidden = false;
    adjust.hidden = true;
    const { pinMap } = await import("../pinmap.js");
    map = pinMap(canvas, now, state.data?.outlines ?? [], (lon, lat) => take({ lon, lat, accuracy: null, pinned: true }));
  }

  const stop = follow((fix) => {
    if (now?.pinned) return;
    if (fix.lon !== null) {
      now = { lon: fix.lon, lat: fix.lat, accuracy: fix.accuracy, pinned: false };
      told(now);
    }
    say(fix.trouble);
  });
  return {
    node: h("section", { class: "spot" }, said, h("div", { class: "row" }, adjust, again), canvas),
    leave() {
      stop();
      map?.remove();
    },
  };
}

export const asInput = (place) => (place ? { lon: place.lon, lat: place.lat } : {});
