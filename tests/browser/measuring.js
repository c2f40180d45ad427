// What is wrong with the sizes of a page: scrolling sideways, words cut off, things too small to hit.
// Each fault is one line. Of a part alone it is told what is wrong inside it. See test_pages.py.
(part) => {
  const root = (part && document.querySelector(part)) || document.body;
  const LEAST = 24;
  const faults = [];
  const name = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 150);
  const style = (element) => getComputedStyle(element);
  const modal = document.querySelector("dialog:modal"); // behind it nothing can be pressed
  const seen = (element) =>
    (!modal || modal.contains(element)) &&
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !element.closest(".visually-hidden, .away, .skip, [inert], .leaflet-container");
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide + 1) {
    faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} > ${wide}`);
  }

  // Words: inside the window, inside what would clip them, inside the button or cell they stand in.
  const BOXES = "button, .btn, .chip, .badge-s, summary, td, th, .tabs a, .top-nav a";
  const beyond = (words, box) =>
    words.left < box.left - 2 || words.right > box.right + 2 || words.top < box.top - 4 || words.bottom > box.bottom + 4;
  // What could clip an element's words, up to the first that scrolls or says with dots that more is
  // there: found once for each element, from what was found for the one around it.
  const SCROLL = ["auto", "scroll"];
  const known = new Map([[document.body, { scrolls: false, boxes: [] }]]);
  const around = (element) => {
    if (!element) return known.get(document.body);
    if (known.has(element)) return known.get(element);
    const { overflowX, overflowY, textOverflow, webkitLineClamp, display } = style(element);
    let found;
    if (SCROLL.includes(overflowX) || SCROLL.includes(overflowY) || textOverflow === "ellipsis" || (webkitLineClamp && webkitLineClamp !== "none")) {
      found = { scrolls: true, boxes: [] }; // one can get there, or it is meant
    } else {
      const outer = around(element.parentElement);
      const clips = overflowX === "hidden" || overflowX === "clip" || element.matches(BOXES);
      found = clips && display !== "inline" && display !== "contents"
        ? { scrolls: outer.scrolls, boxes: [{ element, box: element.getBoundingClientRect() }, ...outer.boxes] }
        : outer;
    }
    known.set(element, found);
    return found;
  };
  const text = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (text.nextNode()) {
    const element = text.currentNode.parentElement;
    if (!text.currentNode.data.trim() || !seen(element) || element.closest("select, textarea, script, template")) continue;
    const range = document.createRange();
    range.selectNodeContents(text.currentNode);
    const words = range.getBoundingClientRect();
    if (!words.width) continue;
    const { scrolls, boxes } = around(element);
    const cut = boxes.find(({ box }) => beyond(words, box));
    if (cut) {
      faults.push(`cut off or over its edge: “${text.currentNode.data.trim().slice(0, 40)}” in ${name(cut.element)}`);
    }
    if (!scrolls && (words.left < -1 || words.right > wide + 1)) {
      faults.push(`out of the window: “${text.currentNode.data.trim().slice(0, 40)}” in ${name(element)}`);
    }
  }

  // On the page of a case what can be done stands above everything else, however many panels there are.
  const first = document.querySelector(".case-grid .p-do");
  for (const panel of first ? document.querySelectorAll(".case-grid .panel") : []) {
    if (seen(panel) && panel.getBoundingClientRect().top < first.getBoundingClientRect().top - 1) {
      faults.push(`stands above what can be done: ${name(panel)}`);
    }
  }

  // Things to press: 24 by 24, or a circle of 24 round the middle that touches no other (WCAG 2.5.8).
  const TARGETS = "a[href], button, summary, select, textarea, input:not([type=hidden]), [role=button]";
  const targetsIn = (whole) => {
    const targets = [];
    for (const element of whole.querySelectorAll(TARGETS)) {
      if (!seen(element) || element.disabled) continue;
      const label = element.matches("[type=checkbox], [type=radio], [type=file]") && element.closest("label");
      const box = (label || element).getBoundingClientRect();
      if (box.width && box.height) targets.push({ element, box, label });
    }
    return targets;
  };
  const inSentence = ({ element }) =>
    style(element).display.startsWith("inline") &&
    [...element.parentNode.childNodes].some(
      (other) => other !== element && other.nodeType === Node.TEXT_NODE && other.data.trim().length > 1,
    );
  const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
  // A line whose link reaches over all of it is as large as the line.
  const reaches = ({ element, label }) => {
    element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const [x, y] = middle((label || element).getBoundingClientRect());
    const half = LEAST / 2 - 1;
    return [[-half, -half], [half, -half], [-half, half], [half, half]].every(([dx, dy]) => {
      const hit = document.elementFromPoint(x + dx, y + dy);
      return hit && (hit === element || element.contains(hit) || hit.closest("label")?.contains(element));
    });
  };
  const tooSmall = ({ box }) => box.width < LEAST - 0.5 || box.height < LEAST - 0.5;
  const small = targetsIn(root).filter(tooSmall);
  const targets = small.length ? targetsIn(document.body) : [];
  for (const each of small) {
    if (inSentence(each) || reaches(each)) continue;
    const [x, y] = middle(each.box);
    const crowded = targets.find((other) => {
      if (other.element === each.element || other.element.contains(each.element) || each.element.contains(other.element)) return false;
      if (tooSmall(other)) {
        const [ox, oy] = middle(other.box);
        return Math.hypot(ox - x, oy - y) < LEAST;
      }
      const dx = Math.max(other.box.left - x, 0, x - other.box.right);
      const dy = Math.max(other.box.top - y, 0, y - other.box.bottom);
      return Math.hypot(dx, dy) < LEAST / 2;
    });
    if (crowded) {
      faults.push(`too small: ${each.box.width.toFixed(1)} × ${each.box.height.toFixed(1)} ${name(each.element)} beside ${name(crowded.element).slice(0, 80)}`);
    }
  }
  scrollTo(0, 0);
  return faults;
}
