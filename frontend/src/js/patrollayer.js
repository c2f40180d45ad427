// The places to patrol over the map of cases: visited today, due, never visited lately, or at rest.

import L from "leaflet";

import { ask } from "./live.js";
import { words } from "./menus.js";

const COLOURS = { green: "#2e7d32", yellow: "#c98a00", red: "#b3261e", grey: "#6b7280" };

export function patrolLayer(root, map) {
  const layer = L.featureGroup();
  const chip = root.querySelector('[data-layer="patrol"]');
  const side = root.querySelector("[data-patrol-list]");
  const say = (one) => `${one.name} · ${one.grid} · ${one.why}`;

  const draw = (places) => {
    layer.clearLayers();
    for (const one of places) {
      const span = document.createElement("span");
      span.textContent = say(one);
      L.circleMarker([one.lat, one.lon], { radius: 7, weight: 2, color: "#fff", fillColor: COLOURS[one.is], fillOpacity: 1 })
        .bindTooltip(span)
        .on("click", () => location.assign(one.url))
        .addTo(layer);
    }
  };

  chip.addEventListener("click", () => {
    const on = chip.getAttribute("aria-pressed") !== "true";
    chip.setAttribute("aria-pressed", String(on));
    side.hidden = !on;
    if (on) layer.addTo(map);
    else layer.remove();
  });

  return {
    async look() {
      try {
        const answer = await ask(root.dataset.patrol);
        if (!answer) return;
        const found = await answer.json();
        chip.hidden = !found.places.length;
        draw(found.places);
        const rate = found.ratio === null ? words("map-patrol-none") : `${found.ratio}%`;
        const some = found.places.length < found.all ? words("map-patrol-some", { n: found.places.length, all: found.all }) : "";
        side.querySelector("p").textContent = [words("map-patrol-says", { done: found.done, n: found.today, rate }), some].filter(Boolean).join(" · ");
        side.querySelector("ul").replaceChildren(...found.places.filter((one) => one.is === "red").map((one) => {
          const line = document.createElement("li");
          const link = document.createElement("a");
          link.href = one.url;
          link.textContent = `${one.name} · ${one.grid}`;
          line.append(link);
          return line;
        }));
      } catch {
        // Without places the cases still lie where they lie.
      }
    },
  };
}
