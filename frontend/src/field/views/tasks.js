// What one has to act on next, and one case with all that can be done to it here.
import { clock, config, empty, h, icon, link, note, w } from "../dom.js";
import { isOpen } from "../queue.js";
import { card, isFresh, state } from "../state.js";
import { cardOf, facts, light, lightOf, page, photo } from "./parts.js";
import { entryOf } from "./outbox.js";

export const pendingOf = (all, number) => all.filter((entry) => entry.number === number && isOpen(entry));

const ORDER = { red: 0, yellow: 1, green: 2, grey: 3 };

export function tasks({ all }) {
  const list = [...state.data.tasks].sort((a, b) => (ORDER[lightOf(a)] ?? 4) - (ORDER[lightOf(b)] ?? 4));
  return {
    title: w("tasks"),
    node: page(
      w("tasks"),
      asOf(),
      list.length ? h("div", { class: "cards" }, list.map((each) => cardOf(each, pendingOf(all, each.number)))) : empty("circle-check", w("no_tasks")),
    ),
  };
}
tasks.live = true;

// Without a connection one must see how old it is.
export const asOf = () => (isFresh() ? "" : h("p", { class: "as-of" }, icon("history"), w("as_of", { time: clock(state.at) })));

// What can be done after all that waits to be sent has been done: the flow table's own words.
export function verbsOf(found, pending) {
  let verbs = found.verbs;
  for (const entry of pending) {
    const form = state.data.forms[entry.verb];
    if (form?.then) verbs = form.then;
    else if (form && entry.verb !== "comment" && entry.verb !== "attach") verbs = verbs.filter((each) => each !== entry.verb);
  }
  return verbs;
}

export function task({ number, all }) {
  const found = card(number);
  const pending = pendingOf(all, number);
  if (!found) {
    const title = w("case");
    return {
      title,
      node: page(title, pending.map((entry) => entryOf(entry)), note("warn", "info-circle", h("p", null, w("case_gone")), link(`${config.case}${number}`, "external-link", w("on_desk")))),
    };
  }
  const able = verbsOf(found, pending);
  const wanted = found.asks?.asked && able.includes("answer_questions");
  const verbs = wanted ? ["answer_questions", ...able.filter((verb) => verb !== "answer_questions")] : able;
  const forms = state.data.forms;
  const on = found.lon !== null ? `geo:${found.lat},${found.lon}?q=${found.lat},${found.lon}` : "";
  return {
    title: found.item_name || w("case"),
    node: page(
      found.item_name || w("no_item"),
      asOf(),
      pending.map((entry) => entryOf(entry)),
      wanted ? note("warn", "message", h("p", null, w("answers_wanted"))) : null,
      h(
        "section",
        { class: "panel" },
        h("div", { class: "card-head" }, light(found), found.emergency ? h("span", { class: "badge-bad" }, icon("urgent"), w("emergency")) : null, h("span", { class: "badge" }, found.state_word)),
        h("p", { class: "text" }, found.text),
        facts([
          [w("place"), [found.place, found.address].filter(Boolean).join(" ")],
          [w("number"), found.number],
          [w("unit"), found.unit],
          [w("received"), clock(found.received_at)],
        ]),
        on ? link(on, "route", w("navigate"), { class: "btn btn-wide" }) : null,
      ),
      found.photos.length ? h("section", { class: "panel" }, h("h2", null, w("photos")), h("div", { class: "photos" }, found.photos.map((each) => photo(each, w(each.kind))))) : null,
      found.why_due.length ? h("details", { class: "panel" }, h("summary", null, w("why_due")), h("ul", null, found.why_due.map((each) => h("li", null, each)))) : null,
      h(
        "section",
        { class: "verbs", "aria-label": w("what_to_do") },
        verbs.map((verb, at) => link(`${config.home}cases/${number}/${verb}`, forms[verb].icon, forms[verb].label, { class: `btn btn-wide${at === 0 && (wanted || !forms[verb].calm) ? " btn-main" : ""}` })),
        link(`${config.case}${number}`, "external-link", w("on_desk"), { class: "btn btn-wide btn-quiet" }),
      ),
    ),
  };
}
task.live = true;
