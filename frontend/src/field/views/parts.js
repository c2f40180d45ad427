// Pieces that several views share: cards, lights, photos, entries of the outbox.
import { clock, config, h, icon, note, w } from "../dom.js";
import { isFresh } from "../state.js";

const LIGHTS = { red: "alert-octagon", yellow: "hourglass", green: "circle-check", grey: "player-pause" };

// The light of a card now: what the server said, or what the clock has made of it since.
export function lightOf(card, now = Date.now()) {
  if (!card.light || card.light === "grey") return card.light;
  if (card.due_at && now > new Date(card.due_at)) return "red";
  if (card.yellow_at && now >= new Date(card.yellow_at) && card.light === "green") return "yellow";
  return card.light;
}

export function light(card) {
  const is = lightOf(card);
  if (!is) return null;
  const words = isFresh() && is === card.light ? card.left : card.due_at ? w("due_at", { time: clock(card.due_at) }) : card.left;
  return h("span", { class: "light-line" }, h("span", { class: `light light-${is}` }, icon(LIGHTS[is]), w(`light_${is}`)), words ? h("span", { class: `left${is === "red" ? " left-red" : ""}` }, words) : null);
}

const STATES = { waiting: ["clock", "grey"], sending: ["refresh", "blue"], delivered: ["circle-check", "green"], refused: ["circle-x", "red"], conflict: ["alert-triangle", "yellow"], dropped: ["trash", "grey"] };

export function stateOf(entry) {
  const [name, colour] = STATES[entry.state];
  return h("span", { class: `light light-${colour}` }, icon(name), w(`entry_${entry.state}`));
}

export function cardOf(card, pending = []) {
  return h(
    "a",
    { class: `card card-${lightOf(card) || "none"}`, href: `${config.home}cases/${card.number}`, data: { at: card.number } },
    h("div", { class: "card-head" }, light(card), card.emergency ? h("span", { class: "badge-bad" }, icon("urgent"), w("emergency")) : null, h("span", { class: "badge" }, card.state_word)),
    h("h3", null, card.item_name || w("no_item")),
    h("p", { class: "clamp" }, card.text),
    h("p", { class: "card-place" }, icon("map-pin"), [card.place, card.address].filter(Boolean).join(" ")),
    pending.length ? h("p", { class: "card-pending" }, stateOf(pending.at(-1)), " ", pending.at(-1).title) : null,
  );
}

export const page = (title, ...inside) => [h("div", { class: "head" }, back(), h("h1", null, title)), ...inside];

export function back() {
  const away = () => {
    if (history.state?.ours) history.back();
    else open(config.home, { replace: true });
  };
  return h("button", { type: "button", class: "btn", onclick: away, "aria-label": w("back") }, icon("chevron-left"));
}

export const open = (path, more = {}) => document.dispatchEvent(new CustomEvent("field:go", { detail: { path, ...more } }));

// A photo of a case. Without a connection it stays a frame with a word.
export function photo(each, what) {
  const address = (pattern) => pattern.replace(config.strange, each.id);
  const image = h("img", { src: address(config.thumb), alt: what, loading: "lazy", width: 96, height: 96 });
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "photo-none" }, icon("photo"), w("photo_later"))));
  return h("a", { class: "photo", href: address(config.photo), target: "_blank", rel: "noopener" }, image, h("span", null, what));
}

export const facts = (rows) =>
  h("dl", { class: "facts" }, rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", null, name), h("dd", null, value)]));

export const trouble = (words) => note("bad", "alert-triangle", h("p", null, words));
