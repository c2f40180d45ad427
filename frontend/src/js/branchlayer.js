// Branches over the map of cases: each grid with its branch or without one, and the buildings that have one.

import L from "leaflet";

import { ask } from "./live.js";
import { words } from "./menus.js";

const COLOURS = { green: "#2e7d32", red: "#b3261e", building: "#8a4b00" };

export function branchLayer(root, map) {
  const layer = L.featureGroup();
  const chip = root.querySelector('[data-layer="branches"]');
  const side = root.querySelector("[data-branch-list]");

  const draw = (marks) => {
    layer.clearLayers();
    for (const one of marks) {
      const span = document.createElement("span");
      span.textContent = `${one.grid} · ${one.name || words("map-branch-none")}`;
      const square = one.is === "building";
      const mark = L.circleMarker([one.lat, one.lon], { radius: square ? 5 : 8, weight: square ? 1 : 2, color: "#fff", fillColor: COLOURS[one.is], fillOpacity: 1 }).bindTooltip(span);
      if (one.url) mark.on("click", () => location.assign(one.url));
      mark.addTo(layer);
    }
  };

  // Asked for when it is wanted, and once: branches change in days, not in seconds.
  let asked = false;
  const look = async () => {
    if (asked) return;
    asked = true;
    try {
      const answer = await ask(root.dataset.branches);
      if (!answer) return;
      const found = await answer.json();
      draw(found.marks);
      side.querySelector("p").textContent = words("map-branch-says", { covered: found.covered, n: found.grids });
    } catch {
      asked = false; // the cases still lie where they lie
    }
  };

  chip?.addEventListener("click", () => {
    const on = chip.getAttribute("aria-pressed") !== "true";
    chip.setAttribute("aria-pressed", String(on));
    side.hidden = !on;
    if (on) {
      layer.addTo(map);
      look();
    } else layer.remove();
  });
}
