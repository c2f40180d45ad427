// The map comes only with pages that have one, and its library with it.

export function startMaps(htmx) {
  const load = async (root) => {
    const places = [...(root.querySelectorAll?.("[data-map]") ?? [])].filter((each) => !each.dataset.drawn);
    if (!places.length) return;
    for (const place of places) place.dataset.drawn = "1";
    const { draw } = await import("./map.js");
    for (const place of places) draw(place);
  };
  load(document);
  const cases = document.querySelector("[data-case-map]");
  if (cases) import("./casemap.js").then(({ start }) => start(cases));
  htmx.onLoad(load);
}

// Before a part of the page goes: its maps let go of what they hold on to.
export function clearMaps(root) {
  for (const place of root.querySelectorAll("[data-map][data-drawn]")) place.dispatchEvent(new Event("huying:gone"));
}
