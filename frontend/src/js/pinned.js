// A question for a position is answered by a pin on a map; its two numbers stay for whoever knows
// them, and for pages without scripts. `open(place, start, told)` draws the map where it is used.

export function pinned(box, words, open) {
  for (const pair of box.querySelectorAll(".q-position")) {
    const [lon, lat] = pair.querySelectorAll("input");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = words.pin;
    button.setAttribute("aria-expanded", "false");
    const place = document.createElement("div");
    place.className = "map";
    place.hidden = true;
    place.tabIndex = 0;
    place.setAttribute("role", "application");
    place.setAttribute("aria-label", words.pin);
    pair.before(button, place);
    let map = null;
    const start = () => (lon.value && lat.value ? { lon: Number(lon.value), lat: Number(lat.value) } : null);
    const told = (x, y) => {
      lon.value = x.toFixed(6);
      lat.value = y.toFixed(6);
      lat.dispatchEvent(new Event("input", { bubbles: true }));
      map.put({ lon: x, lat: y });
    };
    button.addEventListener("click", async () => {
      place.hidden = !place.hidden;
      button.setAttribute("aria-expanded", String(!place.hidden));
      if (!place.hidden) map ??= await open(place, start(), told);
    });
  }
}
