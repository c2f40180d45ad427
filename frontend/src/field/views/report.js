// 报事: camera, words, send. And the same for what one has settled on the spot oneself.
import { ask } from "../api.js";
import { answered, questions, unanswered } from "../asked.js";
import { danger } from "../danger.js";
import { announce, button, changed, config, h, icon, note, w } from "../dom.js";
import { gridOf, metres } from "../grids.js";
import { marked } from "../photos.js";
import { here } from "../place.js";
import { add, entries, mend, photosOf } from "../queue.js";
import { item, me, state } from "../state.js";
import { forget, Full, keep, kept } from "../store.js";
import { partOf } from "./assigned.js";
import { placeOf } from "./patrol.js";
import { back, cardOf, open, trouble } from "./parts.js";
import { count, progress, shots } from "./shots.js";
import { asInput, spot } from "./spot.js";

const NEAR_M = 100;
const STEPS = ["step_photo", "step_words", "step_send"];
const PAUSE_MS = 500;

export const report = (asked) => form(asked, false);
export const settle = (asked) => form(asked, true);

const fresh = (settles) => ({ settles, step: 0, photos: [], text: "", item: "", result: "", form: "", answers: {}, place: null });

async function begun({ query }, settles) {
  const n = Number(query.get("mend"));
  const entry = n ? (await entries()).find((each) => each.n === n) : null;
  if (entry) return { ...fresh(settles), ...entry.form, photos: await photosOf(entry), mends: entry.n, reason: entry.reason };
  const part = settles ? null : partOf(query.get("task"));
  if (part) return { ...fresh(false), task: { id: part.id, title: part.title }, text: w("found_while", { title: part.title }) };
  const at = settles ? null : placeOf(query.get("place"));
  if (at) {
    const what = query.get("what") || w("patrol_found_here");
    const place = { lon: at.lon, lat: at.lat, accuracy: null, pinned: true };
    return { ...fresh(false), patrol: { id: at.id, visit: query.get("visit"), name: at.name }, item: at.item, place, text: w("patrol_found_text", { name: at.name, what }) };
  }
  const draft = await kept("draft");
  return draft && draft.settles === settles && draft.account === me().account ? { ...draft, again: true } : fresh(settles);
}

async function form(asked, settles) {
  const told = await begun(asked, settles);
  const body = h("div", { class: "form" });
  const bar = h("div", { class: "form-bar" });
  let parts = [];
  let timer = 0;
  let done = false;

  const save = () => {
    clearTimeout(timer);
    // Two taps after a task: what is begun there does not take the place of another draft.
    if (told.mends || told.task || told.patrol || done) return undefined;
    return keep("draft", { ...told, again: false, account: me().account }).catch((error) => {
      if (error instanceof Full) full();
    });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  };
  const full = () => body.prepend(trouble(w("full")));

  const clear = () => {
    for (const part of parts) part.leave?.();
    parts = [];
  };
  let asks = null;
  const risk = danger();
  const show = (step) => {
    clear();
    told.step = step;
    body.replaceChildren(progress(step, STEPS.map((name) => w(name))), ...[photoStep, wordStep, sendStep][step]().flat(2).filter(Boolean));
    bar.replaceChildren(...buttons(step));
    soon();
    scrollTo(0, 0);
  };
  const part = (made) => {
    parts.push(made);
    return made.node;
  };
  // What was found while doing a task has its words already: after the photo it may be sent.
  const taken = async () => {
    if (!(told.task || told.patrol) || told.photos.length !== 1) return save();
    await Promise.allSettled([...body.querySelectorAll(".shots img")].map((each) => each.decode()));
    return show(unanswered(told) ? 1 : 2);
  };

  function photoStep() {
    return [
      told.again ? note("good", "history", h("p", null, w("draft_back")), button("trash", w("start_anew"), anew)) : null,
      told.reason ? trouble(told.reason.words) : null,
      part(shots(told.photos, { kind: "photo_before", label: w(settles ? "photo_before" : "photos"), told: taken, first: true })),
      settles ? part(shots(told.photos, { kind: "photo_after", label: w("photo_after"), told: save })) : null,
      h("p", { class: "hint" }, w("photo_hint")),
    ];
  }

  function wordStep() {
    const chips = h("div", { class: "chips" });
    const offered = [];
    const items = state.data.items.filter((each) => !settles || each.settle);
    const list = h("select", { id: "item", class: "input", onchange: (event) => choose(event.target.value) });
    const groups = new Map();
    for (const each of items) groups.set(each.category, [...(groups.get(each.category) ?? []), each]);
    list.append(h("option", { value: "" }, w(settles ? "choose_item" : "item_later")));
    for (const [category, inside] of groups) list.append(h("optgroup", { label: category }, inside.map((each) => h("option", { value: each.code }, each.name))));

    function choose(code) {
      told.item = code;
      list.value = code;
      suggest();
      asks.draw();
      soon();
    }
    function suggest() {
      chips.replaceChildren(
        ...offered.map((code) => item(code)).filter((each) => each && (!settles || each.settle)).slice(0, 4).map((each) =>
          h("button", { type: "button", class: "chip", "aria-pressed": String(each.code === told.item), onclick: () => choose(each.code) }, each.name)),
      );
    }
    let asking = 0;
    const hint = async () => {
      clearTimeout(asking);
      asking = setTimeout(async () => {
        const sent = new FormData();
        sent.set("text", told.text);
        const { text } = told;
        try {
          const { items: found, danger: read } = await ask(config.hints, { form: sent, background: true });
          if (text === told.text) risk.heard(text, read);
          offered.splice(0, offered.length, ...found);
          suggest();
        } catch {
          // Without a connection one chooses from the list, and each such word counts.
          if (text === told.text) risk.heard(text, null);
        }
      }, PAUSE_MS);
    };
    list.value = told.item;
    asks = questions(told, soon);
    risk.look(told.text);
    if (told.text) hint();
    const words = h("textarea", { id: "words", class: "input", rows: 4, value: told.text, oninput: (event) => {
      told.text = event.target.value;
      risk.look(told.text);
      hint();
      soon();
    } });
    const result = h("textarea", { id: "result", class: "input", rows: 3, value: told.result, oninput: (event) => {
      told.result = event.target.value;
      soon();
    } });
    return [
      h("div", { class: "field" }, h("label", { for: "words" }, w("what_is_it")), words),
      risk.node,
      chips,
      h("div", { class: "field" }, h("label", { for: "item" }, w("item")), list),
      asks.node,
      settles ? h("div", { class: "field" }, h("label", { for: "result" }, w("what_was_done")), result) : null,
    ];
  }

  function near() {
    const at = told.place;
    if (!at) return [];
    return state.data.grid.filter((each) => each.lon !== null && metres(at, each) <= NEAR_M && (!told.item || each.item === told.item)).slice(0, 3);
  }

  function sendStep() {
    const same = h("div");
    const look = () => {
      const found = near();
      same.replaceChildren(...(found.length ? [note("warn", "alert-triangle", h("p", null, w("is_it_this")), h("div", { class: "cards" }, found.map((each) => cardOf(each))))] : []));
    };
    const where = part(
      spot(told.place, (place) => {
        told.place = place;
        look();
        soon();
      }),
    );
    look();
    return [
      risk.again(),
      h("section", { class: "panel" }, h("h3", null, item(told.item)?.name ?? w("item_later")), h("p", { class: "text" }, told.text), settles ? h("p", { class: "text" }, told.result) : null, h("p", { class: "muted" }, icon("photo"), w("n_photos", { n: told.photos.length }))),
      where,
      same,
    ];
  }

  // What is missing at a step, in words; nothing when one may go on.
  function missing(step) {
    const { walks } = me();
    if (step === 0 && (walks || settles) && !count(told.photos, "photo_before")) return w("need_photo");
    if (step === 1 && !told.text.trim()) return w("need_words");
    if (step === 1 && settles && !told.item) return w("need_item");
    const troubles = step === 1 ? unanswered(told) : null;
    if (troubles) {
      asks.draw(troubles);
      asks.node.querySelector("[aria-invalid]")?.scrollIntoView({ block: "center" });
      return w("need_answers");
    }
    if (step === 1 && settles && !told.result.trim()) return w("need_result");
    if (step === 1 && settles) {
      const lacks = item(told.item).demands.find(({ kind, least }) => kind.startsWith("photo") && count(told.photos, kind) < least);
      if (lacks) return w("need_evidence", { n: lacks.least, what: w(lacks.kind) });
    }
    if (step === 2 && walks && !told.place) return w("need_place");
    return "";
  }

  function buttons(step) {
    const onward = async () => {
      const lacks = missing(step);
      if (lacks) return announce(lacks);
      if (step < 2) return show(step + 1);
      return send();
    };
    return [
      step ? button("chevron-left", w("back"), () => show(step - 1), { class: "btn" }) : back(),
      button(step < 2 ? "chevron-right" : "send", w(step < 2 ? "next" : "send"), onward, { class: "btn btn-main btn-grow", data: { onward: step } }),
    ];
  }

  async function anew() {
    await forget("draft");
    Object.assign(told, fresh(settles), { again: false });
    told.photos.length = 0;
    show(0);
  }

  async function send() {
    for (const each of bar.querySelectorAll("button")) each.disabled = true;
    try {
      await write();
    } catch (error) {
      for (const each of bar.querySelectorAll("button")) each.disabled = false;
      if (!(error instanceof Full)) throw error;
      full();
      announce(w("full"));
      return;
    }
    done = true;
    clearTimeout(timer);
    if (!told.task && !told.patrol) await forget("draft");
    announce(w(state.online ? "written_down" : "written_offline"));
    changed();
    open(`${config.home}outbox`, { replace: true });
  }

  async function write() {
    const { office, area_name: area } = me();
    const grid = told.place ? gridOf(told.place.lon, told.place.lat, state.data.outlines) : null;
    const where = grid?.properties.name ?? area;
    const place = told.place && { lon: told.place.lon, lat: told.place.lat, accuracy: told.place.accuracy };
    const photos = [];
    for (const photo of told.photos) photos.push(await marked({ ...photo, place: photo.place ?? here() ?? place }, { where, number: "", office }));
    const kept_ = { text: told.text, item: told.item, result: told.result, answers: told.answers, place: told.place };
    const { answers, photo_answers } = answered(told);
    const body = { text: told.text.trim() };
    if (told.item) body.item = told.item;
    if (answers) body.answers = answers;
    if (told.place) body.position = { lon: told.place.lon, lat: told.place.lat, ...(told.place.accuracy ? { accuracy_m: told.place.accuracy } : {}) };
    const name = item(told.item)?.name ?? "";
    const words = told.text.trim();
    const first = { verb: "report", title: name ? `${w("report")} · ${name}` : w("report"), words, body, photo_answers, form: kept_, settles };
    const before = photos.filter((photo) => photo.kind !== "photo_after");
    if (told.mends) {
      await mend(told.mends, { ...first, photos: before });
      return;
    }
    // Before the photo is kept for good its moment is the report's own.
    body.occurred_at = before[0]?.taken_at ?? new Date().toISOString();
    const then = settles
      ? [{ verb: "settle", title: `${w("settle")} · ${name}`, words: told.result.trim(), body: { item: told.item, result: told.result.trim(), ...asInput(told.place) }, photos: photos.filter((photo) => photo.kind === "photo_after"), form: kept_ }]
      : [];
    if (told.task) then.push({ verb: "task_found", path: `${config.assigned}/${told.task.id}/found`, back: `assigned/${told.task.id}`, part: told.task.id, title: `${w("found_here")} · ${told.task.title}`, words: "", body: {}, form: {} });
    if (told.patrol) then.push({ verb: "patrol_found", path: `${config.patrol}/${told.patrol.id}/found`, back: `patrol/${told.patrol.id}`, place: told.patrol.id, title: `${w("patrol_found_here")} · ${told.patrol.name}`, words: "", body: { visit: told.patrol.visit }, form: {} });
    await add({ ...first, photos: before }, ...then);
  }

  show(told.mends ? 0 : told.step);
  return { title: w(settles ? "settle" : "report"), node: [h("h1", { class: "visually-hidden" }, w(settles ? "settle" : "report")), body, bar], leave: () => {
    clear();
    save();
  } };
}
