// The thin adapter around Leaflet. Outlines of grids are ours and need no base map; a tile URL, if
// the installation has one, lies under them.

import "leaflet/dist/leaflet.css";
import L from "leaflet";

import { words } from "./menus.js";
import { outlines } from "./outlines.js";

export function draw(place) {
  const map = L.map(place, {
    preferCanvas: true,
    attributionControl: false,
    zoomControl: false,
    scrollWheelZoom: "pick" in place.dataset,
    zoomAnimation: false,
    keyboard: true,
  });
  L.control.zoom({ zoomInTitle: words("zoom-in"), zoomOutTitle: words("zoom-out") }).addTo(map);
  if (place.dataset.tiles) L.tileLayer(place.dataset.tiles, { maxZoom: 19 }).addTo(map);
  const lon = Number.parseFloat(place.dataset.lon);
  const lat = Number.parseFloat(place.dataset.lat);
  const pinned = Number.isFinite(lon) && Number.isFinite(lat);
  const centre = [Number.parseFloat(place.dataset.centreLat), Number.parseFloat(place.dataset.centreLon)];
  map.setView(pinned ? [lat, lon] : centre, pinned ? 16 : Number(place.dataset.zoom || 12));

  const grids = outlines(map, place.dataset.map, (shape) => outline(place, shape, map.getZoom()));
  const gone = new AbortController();
  place.addEventListener("huying:gone", () => {
    gone.abort();
    map.remove();
  }, { once: true });
  document.addEventListener("huying:theme", () => grids.setStyle((shape) => outline(place, shape, map.getZoom())), { signal: gone.signal });

  let pin = null;
  const put = (latlng) => {
    if (pin) pin.setLatLng(latlng);
    else pin = L.circleMarker(latlng, { radius: 8, weight: 3, color: "#fff", fillColor: "#b3261e", fillOpacity: 1 }).addTo(map);
  };
  // Many positions, as of a topic's reports: all of them are seen at once.
  const points = JSON.parse(place.dataset.points ?? "[]").map(([x, y]) => [y, x]);
  const dot = { radius: 7, weight: 2, color: "#fff", fillColor: "#b3261e", fillOpacity: 0.75, interactive: false };
  for (const point of points) L.circleMarker(point, dot).addTo(map);
  if (points.length) map.fitBounds(L.latLngBounds(points).pad(0.3), { maxZoom: 17, animate: false });
  else if (pinned) put([lat, lon]);
  if ("pick" in place.dataset) picking(place, map, put, () => {
    pin?.remove();
    pin = null;
  });
  // A map that was drawn while its dialog was opening learns its size afterwards.
  const sized = new ResizeObserver(() => map.invalidateSize());
  sized.observe(place);
  gone.signal.addEventListener("abort", () => sized.disconnect());
}

function outline(place, shape, zoom) {
  const color = getComputedStyle(place).getPropertyValue("--tblr-link-color").trim() || "#1d5c9e";
  const here = shape.properties.code === place.dataset.grid;
  return { color, weight: here ? 3 : zoom < 13 ? 0.4 : 1, fillOpacity: here ? 0.14 : 0.04 };
}

// Click sets the pin; with the keyboard, move the map and press Enter for its centre.
function picking(place, map, put, clear) {
  const form = place.closest("form");
  const { lon, lat } = form.elements;
  const told = (latlng) => {
    lon.value = latlng.lng.toFixed(6);
    lat.value = latlng.lat.toFixed(6);
    lon.dispatchEvent(new Event("change", { bubbles: true }));
    put(latlng);
  };
  // Within the circle one is, as far as the browser knows; a pin set by hand has none.
  let around = null;
  const byHand = (latlng) => {
    around?.remove();
    around = null;
    told(latlng);
  };
  map.on("click", (event) => byHand(event.latlng));
  place.addEventListener("huying:position", ({ detail }) => {
    const here = [Number(lat.value), Number(lon.value)];
    put(here);
    around?.remove();
    around = L.circle(here, { radius: detail.accuracy, weight: 1, fillOpacity: 0.08, interactive: false }).addTo(map);
    map.fitBounds(around.getBounds().pad(0.5), { maxZoom: 17, animate: false });
  });
  place.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === place) {
      event.preventDefault();
      byHand(map.getCenter());
    }
  });
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-unpin]")) return;
    around?.remove();
    lon.value = lat.value = "";
    lon.dispatchEvent(new Event("change", { bubbles: true }));
    clear();
  });
  form.addEventListener("input", (event) => {
    if (event.target !== lon && event.target !== lat) return;
    const [x, y] = [Number.parseFloat(lon.value), Number.parseFloat(lat.value)];
    if (Number.isFinite(x) && Number.isFinite(y)) {
      put([y, x]);
      map.setView([y, x], Math.max(map.getZoom(), 15));
    }
  });
}
