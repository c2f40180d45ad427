// The outlines of the grids in view: without a base map they say where one is.
import L from "leaflet";

export function outlines(map, url, style) {
  const shapes = L.geoJSON(null, { style, interactive: false }).addTo(map);
  let asked = "";
  const fill = async () => {
    const box = map.getBounds().pad(0.1);
    const query = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((n) => n.toFixed(4)).join(",");
    if (query === asked) return;
    asked = query;
    try {
      const answer = await fetch(`${url}?box=${query}&zoom=${map.getZoom()}`, { headers: { "X-Background": "1" } });
      const found = answer.ok ? await answer.json() : null;
      // The map has moved on meanwhile, or is gone.
      if (found && query === asked) shapes.clearLayers().addData(found);
    } catch {
      // Without outlines the pin still stands where it stands.
    }
  };
  map.on("moveend", fill);
  map.on("unload", () => {
    asked = "";
  });
  fill();
  return shapes;
}
