// Where the phone is: asked for only while a form needs it.

export const fix = { lon: null, lat: null, accuracy: null, at: 0, trouble: "" };
let watching = null;
const told = new Set();

function tell() {
  for (const each of told) each(fix);
}

function watch() {
  if (!("geolocation" in navigator) || !window.isSecureContext) {
    fix.trouble = "position_none";
    return tell();
  }
  watching ??= navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      Object.assign(fix, { lon: coords.longitude, lat: coords.latitude, accuracy: Math.round(coords.accuracy), at: timestamp, trouble: "" });
      tell();
    },
    (error) => {
      fix.trouble = error.code === error.PERMISSION_DENIED ? "position_denied" : "position_weak";
      tell();
    },
    { enableHighAccuracy: true, maximumAge: 10000, timeout: 30000 },
  );
  return undefined;
}

// Calls back with each better knowledge, until the given stop.
export function follow(listener) {
  told.add(listener);
  watch();
  listener(fix);
  return () => {
    told.delete(listener);
    if (told.size || watching === null) return;
    navigator.geolocation.clearWatch(watching);
    watching = null;
  };
}

// The position as a form begins with it: none that is older than ten minutes.
export const here = () => (fix.at && Date.now() - fix.at < 600000 ? { lon: fix.lon, lat: fix.lat, accuracy: fix.accuracy } : null);
