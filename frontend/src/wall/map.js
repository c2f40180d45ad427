// The grids of the area, the lighter the more open cases. Canvas, no base map, nothing to press.
import L from "leaflet";

const RETRY_MS = 10000;

export async function draw(place) {
  const map = L.map(place, {
    preferCanvas: true, attributionControl: false, zoomControl: false, zoomSnap: 0, zoomAnimation: false, fadeAnimation: false,
    dragging: false, keyboard: false, scrollWheelZoom: false, doubleClickZoom: false, boxZoom: false, touchZoom: false, tap: false,
  });
  const [west, south, east, north] = place.dataset.box.split(",").map(Number);
  const bounds = L.latLngBounds([south, west], [north, east]);
  const fit = () => {
    map.invalidateSize({ animate: false });
    map.fitBounds(bounds, { animate: false, padding: [42, 10] });
  };
  map.setView(bounds.getCenter(), 11);
  fit();
  new ResizeObserver(fit).observe(place);

  const css = getComputedStyle(document.body);
  const colours = [0, 1, 2, 3, 4, 5].map((n) => css.getPropertyValue(`--w${n}`).trim());
  const line = css.getPropertyValue("--map-line").trim();
  let warmth = new Map();
  const style = ({ properties: { code } }) => {
    const warm = warmth.get(code) ?? 0;
    return { fillColor: colours[warm], fillOpacity: 1, color: line, weight: 0.6, opacity: 1 };
  };
  const layer = L.geoJSON(null, { style, interactive: false }).addTo(map);
  const names = L.layerGroup().addTo(map);
  const grids = await outlines(place.dataset.map);
  layer.addData(grids);
  name(names, grids, place.dataset.own);
  return {
    warm() {
      const told = document.querySelector("[data-warm]")?.dataset.warm ?? "";
      warmth = new Map(told.split(",").filter(Boolean).map((each) => each.split(":")).map(([code, warm]) => [code, Number(warm)]));
      layer.setStyle(style);
    },
  };
}

// Without outlines there is no map: a screen that started before its server asks until it has them.
async function outlines(url) {
  for (;;) {
    try {
      const answer = await fetch(url, { headers: { "X-Background": "1" } });
      if (answer.ok) return await answer.json();
      if (answer.status === 401) return { type: "FeatureCollection", features: [] };
    } catch {
      // Asked again below.
    }
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

// The parts of the area by name, in the middle of their grids.
function name(layer, grids, own) {
  const length = { 6: 9, 9: 12, 12: 15 }[own.length];
  const parts = new Map();
  for (const { properties, geometry } of grids.features) {
    const code = properties.code.slice(0, length);
    const part = parts.get(code) ?? { x: 0, y: 0, n: 0, text: properties.part ?? "" };
    const ring = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0][0];
    for (const [x, y] of ring) {
      part.x += x;
      part.y += y;
      part.n += 1;
    }
    parts.set(code, part);
  }
  for (const { x, y, n, text } of parts.values()) {
    if (!text) continue;
    const icon = L.divIcon({ className: "map-name", html: "", iconSize: null });
    const mark = L.marker([y / n, x / n], { icon, interactive: false, keyboard: false }).addTo(layer);
    mark.getElement().textContent = text;
  }
}
