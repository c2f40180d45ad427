// The photos of a form: taken, shown small, taken away again. Each is made small at once.
import { announce, button, h, icon, w } from "../dom.js";
import { shown, taken } from "../photos.js";
import { camera } from "./camera.js";

const MOST = 9;

// `list` is the form's own; `told` hears of each change. Of several of these on one page the one
// that was touched last gets what the camera gives.
export function shots(list, { kind, label, told, first = false }) {
  const place = h("div", { class: "photos" });
  const urls = new Map();
  const said = h("p", { class: "hint", role: "status" });
  let release = null;

  async function take(file) {
    if (list.length >= MOST) return announce(w("most_photos"));
    said.textContent = w("making_small");
    try {
      list.push(await taken(file, kind));
      draw();
      await told();
    } catch {
      announce(w("no_picture"));
    }
    said.textContent = "";
    return undefined;
  }

  async function remove(photo) {
    list.splice(list.indexOf(photo), 1);
    draw();
    await told();
  }

  function listen() {
    release?.();
    release = camera.to(take);
  }

  function draw() {
    place.replaceChildren(
      ...list
        .filter((photo) => photo.kind === kind)
        .map((photo, at) => {
          if (!urls.has(photo)) urls.set(photo, shown(photo));
          const name = w("photo_n", { n: at + 1 });
          return h(
            "div",
            { class: "photo" },
            h("img", { src: urls.get(photo), alt: name, width: 96, height: 96 }),
            h("button", { type: "button", class: "btn btn-x", onclick: () => remove(photo), "aria-label": w("remove_photo", { name }) }, icon("x")),
          );
        }),
    );
  }

  draw();
  if (first) listen();
  return {
    node: h(
      "section",
      { class: "shots", data: { shots: kind } },
      label ? h("h2", null, label) : null,
      place,
      said,
      h(
        "div",
        { class: "row" },
        button("camera", w("take_photo"), () => {
          listen();
          camera.open();
        }, { class: "btn btn-main btn-grow" }),
        button("photo", w("from_album"), () => {
          listen();
          camera.open({ album: true });
        }),
      ),
    ),
    leave() {
      release?.();
      for (const url of urls.values()) URL.revokeObjectURL(url);
    },
  };
}

export const count = (list, kind) => list.filter((photo) => photo.kind === kind).length;

export const progress = (step, names) =>
  h("ol", { class: "steps" }, names.map((name, at) => h("li", at === step ? { "aria-current": "step" } : null, at < step ? icon("check") : h("b", null, String(at + 1)), h("span", null, name))));
