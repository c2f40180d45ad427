// Which grid holds a point, by the outlines that the phone keeps. Pure; the server decides again.

function within(lon, lat, ring) {
  let inside = false;
  for (let here = 0, before = ring.length - 1; here < ring.length; before = here, here += 1) {
    const [x1, y1] = ring[here];
    const [x2, y2] = ring[before];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

// The outer ring holds it and none of the holes does.
const held = (lon, lat, [outer, ...holes]) => within(lon, lat, outer) && !holes.some((hole) => within(lon, lat, hole));

export function gridOf(lon, lat, features) {
  return (
    features.find(({ geometry }) => {
      const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      return polygons.some((polygon) => held(lon, lat, polygon));
    }) ?? null
  );
}

const RADIUS_M = 6371000;
const rad = (degrees) => (degrees * Math.PI) / 180;

// Metres between two points that are near each other.
export function metres(a, b) {
  const x = rad(b.lon - a.lon) * Math.cos(rad((a.lat + b.lat) / 2));
  return Math.hypot(x, rad(b.lat - a.lat)) * RADIUS_M;
}
