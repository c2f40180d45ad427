// 关爱走访: who is due a visit, and a visit written down, also without signal. An emergency shows
// whom to call before anything is written; the server makes a case of it, which names nobody.
import { announce, button, changed, config, empty, h, icon, note, w } from "../dom.js";
import { metres } from "../grids.js";
import { marked } from "../photos.js";
import { fix, follow, here } from "../place.js";
import { add, entries, isOpen, mend, photosOf } from "../queue.js";
import { me, state } from "../state.js";
import { Full } from "../store.js";
import { facts, open, page, stateOf, trouble } from "./parts.js";
import { newId } from "./patrol.js";
import { shots } from "./shots.js";
import { asOf } from "./tasks.js";

const BEST_GUESS_M = 100;
const COLOURS = { late: "red", today: "yellow" };

const all = () => state.data?.care?.people ?? [];
const personOf = (id) => all().find((each) => each.id === id) ?? null;
const day = (said) => said?.slice(5) ?? "";

// What was written down here and is not in what the server said yet.
const visitsOf = (known, person) => known.filter((entry) => entry.verb === "care_visit" && entry.care === person.id && entry.account === me().account && (isOpen(entry) || (entry.state === "delivered" && entry.delivered_at > state.at)));
const isDue = (person) => person.standing === "late" || person.standing === "today";
const met = (entry) => entry.body.outcome !== "not_met";
export const dueNow = (known) => all().filter((each) => isDue(each) && !visitsOf(known, each).some(met));

export function care({ all: known }) {
  const due = dueNow(known);
  const written = all().filter((each) => visitsOf(known, each).length && !due.includes(each));
  const later = all().filter((each) => !due.includes(each) && !written.includes(each));
  return {
    title: w("care"),
    node: page(
      w("care"),
      asOf(),
      h("h2", null, w("care_due"), " ", h("span", { class: "muted" }, String(due.length))),
      due.length ? cards(due, known) : empty("circle-check", w(all().length ? "care_all_done" : "care_none")),
      written.length ? [h("h2", null, w("care_written")), cards(written, known)] : null,
      later.length ? [h("h2", null, w("care_later"), " ", h("span", { class: "muted" }, String(later.length))), cards(later, known)] : null,
    ),
  };
}
care.live = true;

function cards(people, known) {
  return h("div", { class: "cards" }, people.map((each) => {
    const pending = visitsOf(known, each).at(-1);
    return h(
      "a",
      { class: `card card-${COLOURS[each.standing] ?? "none"}`, href: `${config.home}care/${each.id}`, data: { at: each.id } },
      h("div", { class: "card-head" }, h("b", null, each.level), each.minor ? h("span", { class: "badge" }, w("care_minor")) : null, each.misses > 1 ? h("span", { class: "badge-bad" }, w("care_twice")) : null, h("span", { class: "badge" }, isDue(each) ? each.standing_word : w("care_due_on", { day: day(each.due_on) }))),
      h("h3", null, each.name),
      h("p", { class: "card-place" }, icon("map-pin"), [each.address, each.grid].filter(Boolean).join(" · ")),
      each.last_on ? h("p", { class: "card-place" }, w("care_last", { day: day(each.last_on) })) : null,
      pending ? h("p", { class: "card-pending" }, stateOf(pending), " ", pending.title) : null,
    );
  }));
}

function choice(name, label, options, told, changedTo, { several = false } = {}) {
  const chips = options.map(([value, words]) => h("button", { type: "button", class: "chip", data: { [name]: value }, "aria-pressed": String(several ? told[name].includes(value) : told[name] === value), onclick: () => {
    if (several) told[name] = told[name].includes(value) ? told[name].filter((each) => each !== value) : [...told[name], value];
    else told[name] = value;
    for (const [at, chip] of chips.entries()) chip.setAttribute("aria-pressed", String(several ? told[name].includes(options[at][0]) : told[name] === options[at][0]));
    changedTo();
  } }, words));
  return h("fieldset", { class: "field" }, h("legend", null, label), h("div", { class: "chips" }, chips));
}

const callFirst = () =>
  note("bad", "first-aid-kit", h("p", null, h("b", null, w("care_call_first"))), h("p", { class: "row" }, config.numbers.map((number) => h("a", { class: "btn btn-call", href: `tel:${number}` }, icon("phone"), h("span", null, number)))), h("p", null, w("care_alarm_says")));

export async function carePerson({ id, query }) {
  const person = personOf(id);
  if (!person) return { title: w("care"), node: page(w("care"), note("warn", "info-circle", h("p", null, w("care_gone")))) };
  const known = await entries();
  const mends = known.find((each) => each.n === Number(query.get("mend"))) ?? null;
  const words = state.data.care;
  const before = mends?.body ?? {};
  const told = { visit: before.visit ?? newId(), outcome: before.outcome ?? "", way: before.way ?? "door", needs: before.needs ?? [], sort: before.sort ?? "", words: before.words ?? "" };
  const photos = mends ? await photosOf(mends) : [];

  const alarm = h("div", { "aria-live": "assertive" });
  const more = h("div", { class: "form" });
  const said = h("p", { class: "spot-said", role: "status" });
  const pictures = shots(photos, { kind: "other", label: w("photos"), told: () => {}, first: true });
  const press = button("check", w("care_send"), send, { class: "btn btn-main btn-grow", data: { send: "visit" } });

  // How far from the dwelling it is, where it is to be at the door: as the server will decide it.
  function short() {
    if (told.way !== "door" || told.outcome === "alarm" || person.lon === null || fix.lon === null) return 0;
    return metres(fix, person) - words.near - Math.min(fix.accuracy ?? 0, BEST_GUESS_M);
  }
  const tooFar = () => w("care_far", { n: Math.round(metres(fix, person)), short: Math.max(1, Math.round(short())) });
  function say() {
    if (told.way !== "door" || person.lon === null || told.outcome === "alarm") return said.replaceChildren();
    const far = short() > 0;
    said.className = `spot-said${far || fix.lon === null ? " spot-poor" : ""}`;
    said.replaceChildren(icon(far ? "alert-triangle" : "map-pin"), fix.lon === null ? w("care_no_fix") : far ? tooFar() : w("care_near"));
    return undefined;
  }
  function draw() {
    alarm.replaceChildren(...(told.outcome === "alarm" ? [callFirst()] : []));
    const parts = [];
    if (told.outcome === "needs") parts.push(choice("needs", w("care_needs"), words.needs, told, () => {}, { several: true }));
    if (told.outcome === "alarm") parts.push(choice("sort", w("care_sort"), words.sorts, told, () => {}));
    more.replaceChildren(...parts);
    say();
  }

  function lacks() {
    if (!told.outcome) return w("care_need_outcome");
    if (told.outcome === "needs" && !told.needs.length && !told.words.trim()) return w("care_need_needs");
    if (told.outcome === "alarm" && !told.sort) return w("care_need_sort");
    if (told.outcome === "not_met" && told.way === "elsewhere") return w("care_elsewhere");
    return short() > 0 ? tooFar() : "";
  }

  async function send() {
    const why = lacks();
    if (why) return announce(why);
    press.disabled = true;
    const { office, area_name: area } = me();
    const place = here() ?? { lon: person.lon, lat: person.lat, accuracy: null };
    const shown = [];
    for (const photo of photos) shown.push(photo.key ? photo : await marked({ ...photo, place: photo.place ?? place }, { where: area, number: "", office }));
    const spot = fix.lon === null ? {} : { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy };
    const entry = {
      verb: "care_visit",
      path: `${config.care}/${person.id}/visit`,
      back: `care/${person.id}`,
      care: person.id,
      title: `${w("care_visit")} · ${person.name} · ${words.outcomes.find(([value]) => value === told.outcome)[1]}`,
      words: "",
      body: { ...told, words: told.words.trim(), at: before.at ?? Date.now(), ...spot },
      form: {},
      photos: shown,
    };
    try {
      if (mends) await mend(mends.n, entry);
      else await add(entry);
    } catch (error) {
      press.disabled = false;
      if (!(error instanceof Full)) throw error;
      return announce(w("full"));
    }
    announce(w(state.online ? "written_down" : "written_offline"));
    changed();
    return open(`${config.home}care`, { replace: true });
  }

  const stop = follow(say);
  draw();
  return {
    title: person.name,
    node: page(
      person.name,
      mends?.reason ? trouble(mends.reason.words) : null,
      h("section", { class: "panel" }, h("p", null, h("b", null, person.level), " ", h("span", { class: "badge" }, isDue(person) ? person.standing_word : w("care_due_on", { day: day(person.due_on) }))), facts([[w("care_why"), person.why], [w("place"), [person.address, person.grid].filter(Boolean).join(" · ")], [w("care_look_at"), person.look_at.join("、")]]), h("a", { class: "btn btn-wide", href: person.page }, icon("eye"), h("span", null, w("care_show")))),
      alarm,
      h(
        "div",
        { class: "form" },
        choice("outcome", w("care_outcome"), words.outcomes, told, draw),
        more,
        choice("way", w("care_way"), words.ways, told, say),
        said,
        h("div", { class: "field" }, h("label", { for: "in-words" }, w("anything_else")), h("textarea", { id: "in-words", class: "input", rows: 3, maxlength: 500, value: told.words, oninput: (event) => {
          told.words = event.target.value;
        } })),
        person.minor ? null : pictures.node,
      ),
      h("div", { class: "form-bar" }, press),
    ),
    leave() {
      stop();
      pictures.leave();
    },
  };
}
