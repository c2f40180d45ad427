// The open whistles over the map of cases, and the same ones as a list beside it: who was called, who
// has come, who is missing. A click on a mark opens the whistle.

import L from "leaflet";

import { ask } from "./live.js";
import { Mark } from "./marks.js";
import { words } from "./menus.js";

const CLOSE = 16;

export function whistleLayer(root, map, colour) {
  const layer = L.featureGroup().addTo(map);
  const canvas = L.canvas({ pane: "marks", padding: 0.2 });
  const tip = L.tooltip({ direction: "top", offset: [0, -14] });
  let found = [];

  const how = (one) => {
    const said = [words("map-whistle-says", { a: one.answered, n: one.called, p: one.present })];
    if (one.missing.length) said.push(words("map-whistle-missing", { who: one.missing.join(words("map-list-comma")) }));
    if (one.overdue) said.unshift(words("map-whistle-overdue"));
    if (!one.exact) said.push(words("map-whistle-unplaced"));
    return said.join(" · ");
  };

  const draw = () => {
    tip.remove();
    layer.clearLayers();
    for (const one of found) {
      if (one.lon === null) continue;
      const latlng = [one.lat, one.lon];
      const mark = new Mark(latlng, { renderer: canvas, pane: "marks", half: [15, 15], paint: (ctx, x, y) => paint(ctx, x, y, one, colour()) });
      mark.on("mouseover", () => {
        const span = document.createElement("span");
        span.textContent = `${one.sort} · ${one.title} · ${how(one)}`;
        tip.setLatLng(latlng).setContent(span).addTo(map);
      });
      mark.on("mouseout", () => tip.remove());
      mark.on("click", () => location.assign(one.url));
      layer.addLayer(mark);
    }
  };

  const list = () => {
    const side = root.querySelector("[data-whistle-list]");
    side.hidden = !found.length;
    side.querySelector("h2 span").textContent = words("map-whistles", { n: found.length });
    const focused = side.contains(document.activeElement) ? document.activeElement.getAttribute("href") : "";
    const shape = document.getElementById("map-whistle");
    side.querySelector("ul").replaceChildren(...found.map((one) => {
      const line = shape.content.cloneNode(true);
      const link = line.querySelector("a");
      link.href = one.url;
      link.textContent = one.title;
      const sort = line.querySelector("[data-sort]");
      sort.textContent = one.sort;
      sort.classList.toggle("badge-bad", one.urgent);
      const said = line.querySelector("[data-how]");
      said.textContent = how(one);
      said.classList.toggle("countdown-red", one.overdue);
      const button = line.querySelector("button");
      button.dataset.whistle = one.url;
      button.hidden = one.lon === null;
      return line;
    }));
    if (focused) side.querySelector(`a[href="${focused}"]`)?.focus({ preventScroll: true });
  };

  root.addEventListener("click", (event) => {
    const chip = event.target.closest('[data-layer="whistles"]');
    if (chip) {
      const on = chip.getAttribute("aria-pressed") !== "true";
      chip.setAttribute("aria-pressed", String(on));
      if (on) layer.addTo(map);
      else layer.remove();
    }
    const shown = event.target.closest("[data-whistle]");
    const one = shown && found.find(({ url }) => url === shown.dataset.whistle);
    if (one) map.setView([one.lat, one.lon], Math.max(map.getZoom(), CLOSE), { animate: false });
  });

  return {
    draw,
    async look() {
      try {
        const answer = await ask(root.dataset.whistles);
        if (!answer) return;
        found = (await answer.json()).whistles;
        root.querySelector('[data-layer="whistles"]').hidden = !found.length;
        draw();
        list();
      } catch {
        // Without whistles the cases still lie where they lie.
      }
    },
  };
}

// A shield: no light of a case and no team is one. Filled while somebody is missing.
function paint(ctx, x, y, one, colour) {
  const missing = one.missing.length > 0;
  const main = one.overdue || one.urgent ? colour.alarm : colour.link;
  ctx.save();
  ctx.beginPath();
  ctx.moveTo(x - 11, y - 12);
  ctx.lineTo(x + 11, y - 12);
  ctx.lineTo(x + 11, y + 5);
  ctx.lineTo(x, y + 14);
  ctx.lineTo(x - 11, y + 5);
  ctx.closePath();
  ctx.lineJoin = "round";
  ctx.lineWidth = 2;
  ctx.fillStyle = missing ? main : colour.paper;
  ctx.strokeStyle = missing ? colour.paper : main;
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = missing ? "#fff" : colour.ink;
  ctx.font = `600 12px ${colour.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(words("map-whistle-mark"), x, y - 2);
  ctx.restore();
}
