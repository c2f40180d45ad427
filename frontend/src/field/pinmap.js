// The thin adapter around Leaflet for the phone. Outlines are the phone's own; tiles lie under them
// where the installation has some and there is a connection.
import "leaflet/dist/leaflet.css";
import L from "leaflet";

import { config, w } from "./dom.js";

function base(place, outlines) {
  const map = L.map(place, { preferCanvas: true, attributionControl: false, zoomControl: false, zoomAnimation: false });
  L.control.zoom({ zoomInTitle: w("zoom_in"), zoomOutTitle: w("zoom_out"), position: "bottomleft" }).addTo(map);
  if (config.tiles) L.tileLayer(config.tiles, { maxZoom: 19 }).addTo(map);
  const color = getComputedStyle(place).getPropertyValue("--blue").trim() || "#1d5c9e";
  const shapes = L.geoJSON({ type: "FeatureCollection", features: outlines }, { interactive: false, style: { color, weight: 3, fillOpacity: 0.08 } }).addTo(map);
  return { map, box: outlines.length ? shapes.getBounds() : null };
}

export function pinMap(place, start, outlines, told) {
  const { map, box } = base(place, outlines);
  if (start) map.setView([start.lat, start.lon], 17);
  else if (box) map.fitBounds(box);
  else map.setView([22.94, 113.38], 12);
  const pin = L.circleMarker([0, 0], { radius: 11, weight: 4, color: "#fff", fillColor: "#b3261e", fillOpacity: 1 });
  const halo = L.circle([0, 0], { radius: 0, weight: 1, color: "#b3261e", fillOpacity: 0.1, interactive: false });
  const put = (at) => {
    if (!at) return;
    pin.setLatLng([at.lat, at.lon]).addTo(map);
    if (at.accuracy) halo.setLatLng([at.lat, at.lon]).setRadius(at.accuracy).addTo(map);
    else halo.remove();
  };
  put(start);
  map.on("click", ({ latlng }) => told(latlng.lng, latlng.lat));
  // With keys: move the map, and Enter takes its middle.
  place.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== place) return;
    event.preventDefault();
    const { lng, lat } = map.getCenter();
    told(lng, lat);
  });
  return { put, remove: () => map.remove() };
}

const COLOURS = { red: "#b3261e", yellow: "#b07800", green: "#1e6b35", grey: "#4c5b6b" };

// The grid with its open cases; a touch on one tells which.
export function gridMap(place, outlines, cases, chosen) {
  const { map, box } = base(place, outlines);
  if (box) map.fitBounds(box);
  else map.setView([22.94, 113.38], 12);
  for (const each of cases) {
    if (each.lon === null) continue;
    L.circleMarker([each.lat, each.lon], { radius: 10, weight: 3, color: "#fff", fillColor: COLOURS[each.light] ?? "#1d5c9e", fillOpacity: 1 }).on("click", () => chosen(each)).addTo(map);
  }
  return { remove: () => map.remove() };
}
