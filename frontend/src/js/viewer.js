// Photos at full size, and before beside after under a slider. Arrow keys go through them.

import { words } from "./menus.js";

export function startViewer() {
  const box = document.getElementById("viewer");
  if (!box) return;
  const stage = box.querySelector("[data-stage]");
  const caption = box.querySelector("[data-caption]");
  let all = [];
  let here = 0;

  const show = (index) => {
    here = (index + all.length) % all.length;
    const image = new Image();
    image.src = all[here].href;
    image.alt = all[here].dataset.caption ?? "";
    stage.replaceChildren(image);
    caption.textContent = `${image.alt}  ${here + 1} / ${all.length}`;
  };
  const compare = (button) => {
    all = [];
    const both = document.createElement("div");
    both.className = "compare";
    for (const side of ["before", "after"]) {
      const image = new Image();
      image.src = button.dataset[side];
      image.alt = button.dataset[`${side}Words`];
      image.className = side;
      image.draggable = false;
      both.append(image);
    }
    const range = document.createElement("input");
    range.type = "range";
    range.className = "compare-range";
    range.setAttribute("aria-label", button.textContent.trim());
    range.setAttribute("aria-valuetext", `${button.dataset.beforeWords} 50%`);
    range.addEventListener("input", () => {
      both.style.setProperty("--cut", `${range.value}%`);
      range.setAttribute("aria-valuetext", `${button.dataset.beforeWords} ${range.value}%`);
    });
    const sides = document.createElement("div");
    sides.className = "compare-sides";
    sides.hidden = true;
    for (const side of ["before", "after"]) {
      const figure = document.createElement("figure");
      const image = new Image();
      image.src = button.dataset[side];
      image.alt = "";
      const name = document.createElement("figcaption");
      name.textContent = button.dataset[`${side}Words`];
      figure.append(image, name);
      sides.append(figure);
    }
    const mode = document.createElement("button");
    mode.type = "button";
    mode.className = "compare-mode";
    mode.textContent = words("side-by-side");
    mode.setAttribute("aria-pressed", "false");
    mode.addEventListener("click", () => {
      sides.hidden = !sides.hidden;
      both.hidden = range.hidden = !sides.hidden;
      mode.setAttribute("aria-pressed", String(!sides.hidden));
    });
    const bar = document.createElement("div");
    bar.className = "compare-bar";
    bar.append(range, mode);
    const column = document.createElement("div");
    column.append(both, sides, bar);
    stage.replaceChildren(column);
    // Where the finger or the mouse points is where the cut goes; keys move the slider below.
    both.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      const area = both.getBoundingClientRect();
      range.value = String(Math.round(((event.clientX - area.left) / area.width) * 100));
      range.dispatchEvent(new Event("input"));
    });
    range.autofocus = true;
    caption.textContent = `${button.dataset.beforeWords} / ${button.dataset.afterWords}`;
  };

  document.addEventListener("click", (event) => {
    const photo = event.target.closest("a[data-photo]");
    const pair = event.target.closest("[data-compare]");
    if (photo && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      all = [...document.querySelectorAll("a[data-photo]")];
      show(all.indexOf(photo));
      box.showModal();
    } else if (pair) {
      compare(pair);
      box.showModal();
    } else if (event.target.closest("[data-next]")) {
      if (all.length) show(here + 1);
    } else if (event.target.closest("[data-previous]")) {
      if (all.length) show(here - 1);
    }
  });
  box.addEventListener("keydown", (event) => {
    if (!all.length || event.target.matches("input")) return;
    if (event.key === "ArrowRight") show(here + 1);
    if (event.key === "ArrowLeft") show(here - 1);
  });
}
