// A small map for one pin, on a page that has questions: its centre is that of the page's own map.
import "leaflet/dist/leaflet.css";
import L from "leaflet";

import { words } from "./menus.js";
import { outlines } from "./outlines.js";

const SHAPE = { color: "#1d5c9e", weight: 1, fillOpacity: 0.04 };

export function pinOn(place, start, told) {
  const near = document.querySelector("[data-map]")?.dataset ?? {};
  const map = L.map(place, { preferCanvas: true, attributionControl: false, zoomControl: false, zoomAnimation: false });
  L.control.zoom({ zoomInTitle: words("zoom-in"), zoomOutTitle: words("zoom-out") }).addTo(map);
  if (near.tiles) L.tileLayer(near.tiles, { maxZoom: 19 }).addTo(map);
  const pin = L.circleMarker([0, 0], { radius: 8, weight: 3, color: "#fff", fillColor: "#b3261e", fillOpacity: 1 });
  const put = (at) => pin.setLatLng([at.lat, at.lon]).addTo(map);
  const [lon, lat] = [Number(near.lon || near.centreLon || 113.38), Number(near.lat || near.centreLat || 22.94)];
  map.setView(start ? [start.lat, start.lon] : [lat, lon], start || near.lon ? 16 : Number(near.zoom || 12));
  if (start) put(start);
  if (near.map) outlines(map, near.map, SHAPE);
  map.on("click", ({ latlng }) => told(latlng.lng, latlng.lat));
  // With keys: move the map, and Enter takes its middle.
  place.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== place) return;
    event.preventDefault();
    told(map.getCenter().lng, map.getCenter().lat);
  });
  return { put };
}
