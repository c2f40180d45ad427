// The words of a page by how they are painted: colour on colour, size, weight. See test_pages.py.
//
// axe looks under every word for what lies behind it, which lasts as long as all its other rules
// together; and nearly all words of a page are painted as those of another page were. This puts
// them in groups without asking axe, so that axe is asked about the groups it does not know.
(part) => {
  const groups = new Map();
  const behind = new Map();
  // What lies behind an element's words: the backgrounds up to the first that nothing shines through.
  const backgrounds = (element) => {
    if (!element) return "";
    if (behind.has(element)) return behind.get(element);
    const { backgroundColor, backgroundImage, opacity, filter, position, mixBlendMode } = getComputedStyle(element);
    const clear = backgroundColor === "rgba(0, 0, 0, 0)" && backgroundImage === "none" && opacity === "1" && filter === "none" && mixBlendMode === "normal" && position === "static";
    const own = [backgroundColor, backgroundImage, opacity, filter, mixBlendMode, position === "static" ? "" : position].join();
    const opaque = backgroundColor.startsWith("rgb(") && backgroundImage === "none" && opacity === "1" && position === "static";
    const all = clear ? backgrounds(element.parentElement) : opaque ? own : `${own}/${backgrounds(element.parentElement)}`;
    behind.set(element, all);
    return all;
  };
  const WRITTEN = "input, select, textarea, button";
  for (const element of ((part && document.querySelector(part)) || document.body).querySelectorAll("*")) {
    const words = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!words && !element.matches(WRITTEN)) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight, textShadow, textDecorationLine, borderBottomStyle } = getComputedStyle(element);
    // Of words axe asks whether they are large (18 points, bold ones 14); what a link looks like, and
    // the words around it, tells it from them.
    const points = Math.ceil(parseFloat(fontSize) * 72) / 96;
    const large = points >= (parseFloat(fontWeight) >= 700 ? 14 : 18);
    const kind = element.localName === "a"
      ? ["a", fontSize, fontWeight, textDecorationLine, borderBottomStyle, getComputedStyle(element.parentElement).color].join()
      : element.matches(WRITTEN) ? element.localName : "";
    const painted = [kind, color, large, textShadow, element.matches(":disabled, [aria-disabled=true]"), backgrounds(element)].join("|");
    if (!groups.has(painted)) groups.set(painted, []);
    if (groups.get(painted).length < 3) groups.get(painted).push(element);
  }
  window.painted = groups;
  return [...groups.keys()];
}
