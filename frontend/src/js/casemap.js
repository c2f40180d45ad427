// The map of open cases and its list: what is chosen in one is chosen in the other. The list comes
// from the server as lines, the map as points, or as numbers where the points would be too many.

import "leaflet/dist/leaflet.css";
import L from "leaflet";

import { branchLayer } from "./branchlayer.js";
import { ask, repeat } from "./live.js";
import { Mark, colours, layOut, paintArea, paintCase, paintName } from "./marks.js";
import { words } from "./menus.js";
import { patrolLayer } from "./patrollayer.js";
import { teamLayer } from "./teamlayer.js";
import { whistleLayer } from "./whistlelayer.js";

const KEPT = "huying.map";
const CLOSE = 16; // where one case is looked at
const EXACT = 14; // from here on outlines are fetched for the view alone
const NAMES_FROM = 15;

export function start(root) {
  const place = root.querySelector(".casemap-canvas");
  const rows = root.querySelector("[data-rows]");
  const home = root.dataset.box ? boundsOf(root.dataset.box.split(",").map(Number)) : L.latLngBounds([22.85, 113.2], [23.1, 113.6]);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(place, {
    preferCanvas: true,
    attributionControl: false,
    zoomControl: false,
    zoomAnimation: !still,
    fadeAnimation: false,
    inertia: !still,
    zoomSnap: 0.5,
    minZoom: 9,
    maxZoom: 19,
    maxBounds: home.pad(1.5),
  });
  L.control.zoom({ zoomInTitle: words("zoom-in"), zoomOutTitle: words("zoom-out") }).addTo(map);
  map.createPane("marks").style.zIndex = 450;
  let colour = colours(place);
  let homing = false;
  const view = { moved: false, many: 50, chosen: "", version: "" };

  // On a phone the legend lies over the map's foot.
  const room = () => ({ animate: false, paddingTopLeft: [8, 8], paddingBottomRight: [8, 8 + root.querySelector(".casemap-foot").offsetHeight] });
  const whole = () => {
    view.moved = false;
    homing = true;
    map.fitBounds(home, room());
    homing = false;
  };
  const kept = recall(root);
  if (kept?.zoom) {
    map.setView([kept.lat, kept.lng], kept.zoom);
    view.moved = true;
  } else map.fitBounds(home, room());

  const away = switchable(root);
  const grids = gridLayer(root, map, () => colour);
  const marks = L.featureGroup().addTo(map);
  const teams = teamLayer(root, map, () => colour, (number) => chooseOnMap(number));
  const whistles = whistleLayer(root, map, () => colour);
  const patrol = patrolLayer(root, map);
  branchLayer(root, map);
  const canvas = L.canvas({ pane: "marks", padding: 0.2 }).addTo(map);
  const measure = document.createElement("canvas").getContext("2d");
  const rings = { chosen: ring(6), hint: ring(3) };
  let drawn = null;

  // --- what is drawn

  const box = () => {
    const { _southWest: from, _northEast: to } = map.getBounds();
    return [from.lng, from.lat, to.lng, to.lat].map((side, n) => Math.max(n % 2 ? -90 : -180, Math.min(n % 2 ? 90 : 180, side)).toFixed(5)).join(",");
  };

  const add = (latlng, half, paint, more) => {
    const mark = new Mark(latlng, { renderer: canvas, pane: "marks", half, paint });
    Object.assign(mark, more);
    marks.addLayer(mark);
  };

  const tip = L.tooltip({ direction: "top", offset: [0, -12] });
  const unhint = () => {
    tip.remove();
    for (const row of rows.querySelectorAll(".hinted")) row.classList.remove("hinted");
  };
  const draw = () => {
    unhint(); // a mark that is gone is never left by the pointer
    marks.clearLayers();
    if (drawn.mode === "cases") {
      // Emergencies lie on top, then what is late.
      const rank = (one) => one.emergency * 4 + ["", "grey", "green", "yellow", "red"].indexOf(one.light);
      const all = drawn.cases.map(([number, lon, lat, light, emergency, item]) => ({ number, lon, lat, light, emergency, item }));
      all.sort((one, other) => rank(one) - rank(other));
      for (const one of all) {
        add([one.lat, one.lon], one.emergency ? [20, 20] : [13, 13], (ctx, x, y) => paintCase(ctx, x, y, one, colour), { one });
      }
    } else {
      for (const area of drawn.areas) {
        if (area.lon === null) continue;
        const layout = layOut(measure, area, colour);
        add([area.lat, area.lon], [layout.width / 2, layout.height / 2], (ctx, x, y) => paintArea(ctx, x, y, area, layout, colour), { area });
      }
    }
    grids.name(drawn.mode === "cases");
    listAreas();
    tell();
  };

  // The list holds what lies in view: the numbers of areas too, the most urgent first.
  const areasInView = () => {
    const seen = map.getBounds();
    const some = drawn.areas.filter(({ lat, lon }) => !view.moved || lon === null || seen.contains([lat, lon]));
    return some.sort((one, other) => other.emergencies - one.emergencies || other.overdue - one.overdue || other.n - one.n);
  };
  const sum = (some) => some.reduce((total, area) => total + area.n, 0);

  const tell = () => {
    const note = root.querySelector("[data-note]");
    const total = drawn.mode === "cases" ? drawn.cases.length : sum(areasInView());
    let said = words(drawn.mode === "cases" ? "map-in-view" : `map-${drawn.level}`, { n: total });
    if (drawn.unplaced) said += ` · ${words("map-unplaced", { n: drawn.unplaced > 1000 ? "1000+" : drawn.unplaced })}`;
    note.hidden = false;
    if (note.textContent !== said) note.textContent = said;
  };

  const listAreas = () => {
    const side = root.querySelector("[data-areas]");
    const list = side.querySelector("ul");
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.code : "";
    const some = drawn.mode === "cases" ? [] : areasInView();
    side.hidden = !some.length;
    if (!some.length) return list.replaceChildren();
    side.querySelector("h2").textContent = words(`map-${drawn.level}`, { n: sum(some) });
    const shape = document.getElementById("map-area");
    list.replaceChildren(...some.map((area) => {
      const line = shape.content.cloneNode(true);
      const button = line.querySelector("[data-code]");
      button.dataset.code = area.code;
      button.querySelector(".area-name").textContent = area.name;
      button.querySelector(".area-n").textContent = area.n;
      for (const kind of ["emergencies", "overdue", "unplaced"]) {
        const badge = button.querySelector(`[data-${kind}]`);
        badge.hidden = !area[kind];
        badge.querySelector("b").textContent = area[kind];
      }
      return line;
    }));
    if (focused) list.querySelector(`[data-code="${focused}"]`)?.focus({ preventScroll: true });
  };

  // --- asking the server

  let turn = 0;
  const look = async () => {
    teams.look();
    whistles.look();
    patrol.look();
    turn += 1;
    const mine = turn;
    const answers = await Promise.all([ask(`${root.dataset.cases}&box=${box()}&zoom=${Math.floor(map.getZoom())}`), askList()]);
    const found = answers[0] ? await answers[0].json() : null;
    const list = answers[1] ? await answers[1].text() : null;
    if (mine !== turn) return; // the map has moved on meanwhile
    if (found) {
      drawn = found;
      draw();
    }
    if (list !== null) fill(list, answers[1].headers.get("X-Version") ?? "");
    mark();
    root.dataset.looked = String(turn);
  };
  const askList = () => {
    const query = [view.moved && `box=${box()}`, `many=${view.many}`, view.chosen && `chosen=${view.chosen}`].filter(Boolean).join("&");
    return ask(`${root.dataset.list}&${query}`, { "X-Seen": view.version });
  };
  const fill = (html, version) => {
    view.version = version;
    const row = rows.contains(document.activeElement) ? document.activeElement.closest("[data-row]") : null;
    const kind = document.activeElement?.matches("[data-show]") ? "[data-show]" : "[data-open]";
    const draft = document.createElement("template");
    draft.innerHTML = html;
    rows.replaceChildren(draft.content);
    if (row) rowOf(row.dataset.row)?.querySelector(kind)?.focus({ preventScroll: true });
  };
  const soon = debounce(() => look().catch(() => {}), 200);

  // --- choosing, in the one or in the other

  const rowOf = (number) => rows.querySelector(`[data-row="${number}"]`);
  const pointOf = (row) => (row.dataset.lon ? [Number(row.dataset.lat), Number(row.dataset.lon)] : null);

  function ring(weight) {
    return L.circleMarker([0, 0], { renderer: canvas, pane: "marks", radius: 17, weight, fill: false, interactive: false });
  }
  const show = (one, latlng) => {
    if (!latlng) return one.remove();
    one.setLatLng(latlng).setStyle({ color: colour.link }).addTo(map).bringToFront();
  };
  const mark = () => {
    const row = view.chosen && rowOf(view.chosen);
    for (const each of rows.querySelectorAll("[aria-current]")) if (each !== row) each.removeAttribute("aria-current");
    if (row) row.setAttribute("aria-current", "true");
    const dot = drawn?.cases?.find(([number]) => number === view.chosen);
    show(rings.chosen, dot ? [dot[2], dot[1]] : row ? pointOf(row) : null);
    grids.point(row && !pointOf(row) ? row.dataset.area : "");
  };
  const choose = (number) => {
    view.chosen = number;
    mark();
  };
  const chooseOnMap = async (number) => {
    choose(number);
    if (!rowOf(number)) await look().catch(() => {});
    const row = rowOf(number);
    if (!row) return;
    mark();
    row.querySelector("[data-open]").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest", behavior: still ? "instant" : "smooth" });
  };
  const enter = (area) => {
    const level = { town: EXACT, community: NAMES_FROM, grid: CLOSE + 1 }[drawn.level];
    const bounds = area.box ? boundsOf(area.box) : null;
    view.moved = true;
    const zoom = Math.min(19, Math.max(level, map.getZoom() + 1, bounds ? map.getBoundsZoom(bounds) : 0));
    map.setView(bounds ? bounds.getCenter() : [area.lat, area.lon], zoom, { animate: false });
  };

  // Where marks lie upon each other, each further click goes to the next one below.
  marks.on("click", (event) => {
    const { one, area } = event.propagatedFrom ?? event.layer;
    if (area) return enter(area);
    const at = event.layerPoint;
    const here = marks.getLayers().filter((each) => each.one && each._point.distanceTo(at) <= 14).reverse();
    const found = here.length ? here.map((each) => each.one.number) : [one.number];
    chooseOnMap(found[(found.indexOf(view.chosen) + 1) % found.length]);
  });
  marks.on("mouseover", (event) => {
    const { one } = event.propagatedFrom ?? event.layer;
    if (!one) return;
    const said = document.createElement("span");
    said.textContent = spoken(one, drawn.items);
    tip.setLatLng([one.lat, one.lon]).setContent(said).addTo(map);
    rowOf(one.number)?.classList.add("hinted");
  });
  marks.on("mouseout", unhint);

  const hint = (row) => {
    show(rings.hint, row && pointOf(row));
    if (row && !pointOf(row)) grids.point(row.dataset.area);
    else mark();
  };
  rows.addEventListener("mouseover", (event) => hint(event.target.closest("[data-row]")));
  rows.addEventListener("mouseleave", () => hint(null));
  rows.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) choose(row.dataset.row);
  });
  const areas = root.querySelector("[data-areas]");
  const pointTo = (event) => grids.point(event.target.closest("[data-code]")?.dataset.code ?? "");
  areas.addEventListener("mouseover", pointTo);
  areas.addEventListener("focusin", pointTo);
  areas.addEventListener("mouseleave", mark);
  areas.addEventListener("focusout", mark);
  root.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    const row = pressed.closest("[data-row]");
    if (pressed.matches("[data-show]")) {
      away(false);
      choose(row.dataset.row);
      view.moved = true;
      map.setView(pointOf(row), Math.max(map.getZoom(), CLOSE), { animate: false });
    } else if (pressed.matches("[data-whole]")) whole();
    else if (pressed.matches("[data-more-rows]")) {
      view.many += 50;
      const before = rows.querySelectorAll("[data-row]").length;
      look().then(() => rows.querySelectorAll("[data-open]")[before]?.focus(), () => {});
    } else if (pressed.matches("[data-code]")) {
      const area = drawn.areas.find(({ code }) => code === pressed.dataset.code);
      if (area.lon === null) return;
      enter(area);
      root.querySelector("[data-list-head]").focus({ preventScroll: true });
    }
  });

  // --- moving, and what stays

  const moved = () => {
    const { lat, lng } = map.getCenter();
    keep(root, view.moved ? { lat, lng, zoom: map.getZoom() } : { zoom: 0 });
    grids.fetch();
    soon();
  };
  map.on("dragstart zoomstart", () => {
    if (!homing) view.moved = true;
  });
  place.addEventListener("keydown", (event) => {
    if (/^Arrow|^[+=-]$/.test(event.key)) view.moved = true;
  });
  map.on("moveend", moved);
  document.addEventListener("huying:theme", () => {
    colour = colours(place);
    grids.style();
    if (drawn) draw();
    mark();
    teams.draw();
    whistles.draw();
    legend(root, colour);
  });
  new ResizeObserver(() => map.invalidateSize({ pan: false, debounceMoveend: true })).observe(place);
  legend(root, colour);
  grids.fetch();
  look().catch(() => {});
  repeat(look, Number(root.dataset.every) * 1000);
}

function spoken({ number, light, emergency, item }, items) {
  const parts = [items[item] ?? words("map-unclassified"), `…${number.slice(17)}`];
  if (emergency) parts.unshift(words("map-emergency"));
  if (light) parts.unshift(words(`map-${light}`));
  return parts.join(" · ");
}

// The outlines: those of one's own area plain, the neighbours' faint.
function gridLayer(root, map, colour) {
  let pointed = "";
  let names = [];
  let named = false;
  let have = { bounds: null, exact: false };
  let turn = 0;
  const style = ({ properties: { code } }) => {
    const { link, faint } = colour();
    const near = map.getZoom() >= EXACT;
    if (pointed && code.startsWith(pointed)) return { color: link, weight: 2.5, fillOpacity: 0.25, stroke: true };
    const own = code.startsWith(root.dataset.own);
    return { color: own ? link : faint, weight: own && near ? 1.25 : 0.5, fillOpacity: own ? 0.05 : 0 };
  };
  const layer = L.geoJSON(null, { style, interactive: false }).addTo(map);
  const label = () => {
    for (const each of names) each.remove();
    names = [];
    const zoom = map.getZoom();
    if (zoom < NAMES_FROM || !named) return;
    const middles = new Map();
    layer.eachLayer((each) => {
      const { name, community } = each.feature.properties;
      const text = zoom > NAMES_FROM ? name : community;
      const centre = each.getBounds().getCenter();
      middles.set(text, [...(middles.get(text) ?? []), centre]);
    });
    for (const [text, some] of middles) {
      const lat = some.reduce((sum, each) => sum + each.lat, 0) / some.length;
      const lng = some.reduce((sum, each) => sum + each.lng, 0) / some.length;
      const paint = (ctx, x, y) => paintName(ctx, x, y, text, colour());
      names.push(new Mark([lat, lng], { half: [80, 10], paint, interactive: false }).addTo(map));
    }
  };
  const restyle = () => layer.setStyle(style);
  return {
    style: restyle,
    // Where numbers stand with the names of their areas, names without numbers would lie under them.
    name(wanted) {
      if (wanted === named) return;
      named = wanted;
      label();
    },
    point(code) {
      // A whole district pointed to would say nothing.
      const now = code && code.length > 6 ? code : "";
      if (now === pointed) return;
      pointed = now;
      restyle();
    },
    async fetch() {
      const exact = map.getZoom() >= EXACT;
      const seen = map.getBounds();
      if (have.bounds?.contains(seen) && have.exact === exact) {
        restyle();
        return label();
      }
      turn += 1;
      const mine = turn;
      const bounds = seen.pad(exact ? 0.5 : 0.25);
      const query = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((side) => side.toFixed(4)).join(",");
      try {
        const answer = await ask(`${root.dataset.grids}?box=${query}`);
        if (!answer) return;
        const shapes = await answer.json();
        if (mine !== turn) return;
        layer.clearLayers();
        layer.addData(shapes);
        have = { bounds, exact };
        label();
      } catch {
        // Without outlines the cases still lie where they lie.
      }
    },
  };
}

function boundsOf([west, south, east, north]) {
  return L.latLngBounds([south, west], [north, east]);
}

function legend(root, colour) {
  const sharp = Math.max(1, Math.round(devicePixelRatio));
  for (const canvas of root.querySelectorAll("[data-mark]")) {
    const urgent = canvas.dataset.mark === "emergency";
    canvas.width = (urgent ? 36 : 28) * sharp;
    canvas.height = 28 * sharp;
    const ctx = canvas.getContext("2d");
    ctx.scale(sharp, sharp);
    if (!urgent) paintCase(ctx, 14, 14, { light: canvas.dataset.mark, emergency: 0 }, colour);
    else {
      ctx.scale(0.8, 0.8);
      paintCase(ctx, 16, 20, { light: "green", emergency: 1 }, colour);
    }
  }
}

// On a phone the map may make room for the list.
function switchable(root) {
  const button = document.querySelector("[data-map-away]");
  const set = (away) => {
    button.setAttribute("aria-pressed", String(away));
    root.classList.toggle("away-map", away);
    keep(root, { away });
  };
  set(Boolean(recall(root)?.away));
  button.addEventListener("click", () => set(button.getAttribute("aria-pressed") !== "true"));
  return set;
}

// The part looked at outlasts a change of filters and a look at a case, for this tab of the browser.
function recall(root) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    return kept?.area === root.dataset.area ? kept : null;
  } catch {
    return null;
  }
}

function keep(root, more) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ ...recall(root), ...more, area: root.dataset.area }));
  } catch {
    // Storage is off: the map begins anew each time.
  }
}

function debounce(act, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
}
