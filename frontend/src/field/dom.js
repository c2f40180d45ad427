// Words, settings and elements: what every view is made of. The words come with the page, in the
// language in which it was asked for.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const WORDS = read("app-words");
export const config = read("app-config");

// `w("left", { n: 3 })`: the words of a name, with what fills them in.
export function w(name, values = {}) {
  return (WORDS[name] ?? name).replace(/\{(\w+)\}/g, (_all, key) => String(values[key] ?? ""));
}

// An element: `on…` listens, `data` are its data attributes, everything else is an attribute.
export function h(tag, props, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "value" || name === "checked") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.flat(3).filter((each) => each !== null && each !== undefined && each !== false));
  return made;
}

export const icon = (name) => h("span", { class: `i i-${name}`, "aria-hidden": "true" });

export const button = (name, words, onclick, more = {}) =>
  h("button", { type: "button", class: "btn", onclick, ...more }, name ? icon(name) : null, h("span", null, words));

export const link = (href, name, words, more = {}) => h("a", { href, class: "btn", ...more }, name ? icon(name) : null, h("span", null, words));

export const note = (kind, name, ...inside) => h("div", { class: `note note-${kind}`, role: kind === "bad" ? "alert" : "status" }, icon(name), h("div", null, ...inside));

export const empty = (name, words, ...more) => h("div", { class: "nothing" }, icon(name), h("p", null, words), ...more);

const two = (n) => String(n).padStart(2, "0");

// Times are the phone's own: who stands in the field reads the same clock.
export function clock(moment) {
  const at = new Date(moment);
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function announce(words) {
  const place = document.getElementById("announce");
  place.textContent = "";
  place.textContent = words;
  const toast = document.getElementById("toast");
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => {
    toast.hidden = true;
  }, 4000);
}

// Tells every view that something it shows is another now.
export const changed = () => document.dispatchEvent(new Event("field:changed"));
