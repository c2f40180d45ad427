// Words that mean danger to life: whom to call is told while they are typed, also without a
// connection. The phone only finds them; whether one is denied (没有起火) the server reads.
import { config, h, icon, note, w } from "./dom.js";

export function danger() {
  const node = h("div", { class: "danger", "aria-live": "assertive" });
  const calm = new Set(); // those the server does not take for danger in what is written
  let said = [];

  const draw = (found) => {
    if (found.join() === said.join()) return;
    said = found;
    node.replaceChildren(...(found.length ? [call(found)] : []));
  };
  return {
    node,
    look: (text) => draw(config.danger.filter((word) => text.includes(word) && !calm.has(word))),
    // What the server read in the same words; nothing when it could not be asked.
    heard(text, read) {
      calm.clear();
      if (read) for (const word of config.danger) if (text.includes(word) && !read.includes(word)) calm.add(word);
      draw(read ?? config.danger.filter((word) => text.includes(word)));
    },
    again: () => (said.length ? call(said) : null),
  };
}

function call(words) {
  return note(
    "bad",
    "first-aid-kit",
    h("p", null, h("b", null, w("life_in_danger"))),
    h("p", { class: "row" }, config.numbers.map((number) => h("a", { class: "btn btn-call", href: `tel:${number}` }, icon("phone"), h("span", null, number)))),
    h("p", null, w("danger_says", { words: words.join("、") })),
  );
}
