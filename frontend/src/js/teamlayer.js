// The layers over the map of cases: teams on duty where they were last seen, and every open
// emergency, also where the cases are shown as numbers. What a team is stands in a list beside it.

import L from "leaflet";

import { ask } from "./live.js";
import { Mark, paintCase } from "./marks.js";
import { words } from "./menus.js";

const CLOSE = 16;

export function teamLayer(root, map, colour, choose) {
  const layers = { teams: L.featureGroup().addTo(map), emergencies: L.featureGroup().addTo(map) };
  const canvas = L.canvas({ pane: "marks", padding: 0.2 });
  const tip = L.tooltip({ direction: "top", offset: [0, -12] });
  let found = { teams: [], emergencies: [], items: {} };

  const said = (team) => {
    const seen = team.seen ? words("map-team-seen", { at: team.seen }) : words("map-team-unseen");
    return `${words("map-team-says", { name: team.name, n: team.on_duty, load: team.load })} · ${seen}`;
  };
  const hint = (latlng, text) => {
    const span = document.createElement("span");
    span.textContent = text;
    tip.setLatLng(latlng).setContent(span).addTo(map);
  };
  const add = (layer, latlng, half, paint, text, act) => {
    const mark = new Mark(latlng, { renderer: canvas, pane: "marks", half, paint });
    mark.on("mouseover", () => hint(latlng, text));
    mark.on("mouseout", () => tip.remove());
    mark.on("click", act);
    layer.addLayer(mark);
  };

  const draw = () => {
    tip.remove();
    for (const layer of Object.values(layers)) layer.clearLayers();
    for (const team of found.teams) {
      if (team.lon === null) continue;
      add(layers.teams, [team.lat, team.lon], [13, 13], (ctx, x, y) => paintTeam(ctx, x, y, team, colour()), said(team), () => location.assign(team.url));
    }
    for (const [number, lon, lat, item] of found.emergencies) {
      const one = { light: "red", emergency: 1 };
      const text = `${words("map-emergency")} · ${found.items[item] ?? words("map-unclassified")} · …${number.slice(17)}`;
      add(layers.emergencies, [lat, lon], [20, 20], (ctx, x, y) => paintCase(ctx, x, y, one, colour()), text, () => choose(number));
    }
  };

  const list = () => {
    const side = root.querySelector("[data-team-list]");
    side.hidden = !found.teams.length;
    side.querySelector("h2 span").textContent = words("map-teams", { n: found.teams.length });
    const shape = document.getElementById("map-team");
    const focused = side.contains(document.activeElement) ? document.activeElement.dataset.code : "";
    side.querySelector("ul").replaceChildren(...found.teams.map((team) => {
      const line = shape.content.cloneNode(true);
      const link = line.querySelector("a");
      link.href = team.url;
      link.textContent = team.name;
      link.dataset.code = team.code;
      line.querySelector(".muted").textContent = ` ${team.sort} · ${said(team).slice(team.name.length + 1)}`;
      const button = line.querySelector("button");
      button.dataset.team = team.code;
      button.hidden = team.lon === null;
      return line;
    }));
    if (focused) side.querySelector(`[data-code="${focused}"]`)?.focus({ preventScroll: true });
  };

  root.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-layer]");
    if (chip && layers[chip.dataset.layer]) {
      const on = chip.getAttribute("aria-pressed") !== "true";
      chip.setAttribute("aria-pressed", String(on));
      if (on) layers[chip.dataset.layer].addTo(map);
      else layers[chip.dataset.layer].remove();
    }
    const shown = event.target.closest("[data-team]");
    const team = shown && found.teams.find(({ code }) => code === shown.dataset.team);
    if (team) map.setView([team.lat, team.lon], Math.max(map.getZoom(), CLOSE), { animate: false });
  });

  return {
    draw,
    async look() {
      try {
        const answer = await ask(root.dataset.teams);
        if (!answer) return;
        found = await answer.json();
        for (const kind of ["teams", "emergencies"]) root.querySelector(`[data-layer="${kind}"]`).hidden = !found[kind].length;
        draw();
        list();
      } catch {
        // Without teams the cases still lie where they lie.
      }
    },
  };
}

// A square: no light of a case is one. Dashed where nobody was seen.
function paintTeam(ctx, x, y, team, colour) {
  ctx.save();
  ctx.fillStyle = team.seen ? colour.link : colour.paper;
  ctx.strokeStyle = team.seen ? colour.paper : colour.link;
  ctx.lineWidth = 2;
  if (!team.seen) ctx.setLineDash([4, 2]);
  ctx.fillRect(x - 10, y - 10, 20, 20);
  ctx.strokeRect(x - 10, y - 10, 20, 20);
  ctx.fillStyle = team.seen ? colour.paper : colour.link;
  ctx.font = `600 12px ${colour.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(words("map-team-mark"), x, y + 0.5);
  ctx.restore();
}
