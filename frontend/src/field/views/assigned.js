// 上级任务: what the town or district asks of the own grid; done with evidence, or given back.
import { answered, questions, unanswered } from "../asked.js";
import { announce, button, changed, clock, config, empty, h, icon, link, note, w } from "../dom.js";
import { gridOf } from "../grids.js";
import { marked } from "../photos.js";
import { here } from "../place.js";
import { add, entries, isOpen, mend, photosOf } from "../queue.js";
import { me, state } from "../state.js";
import { forget, Full, keep, kept } from "../store.js";
import { camera } from "./camera.js";
import { facts, light, lightOf, open, page, stateOf, trouble } from "./parts.js";
import { count, shots } from "./shots.js";
import { spot } from "./spot.js";
import { asOf } from "./tasks.js";

export const DRAFT = "assigned";
const KIND = "photo_after";
const PAUSE_MS = 500;

const all = () => state.data?.assigned ?? [];
export const partOf = (id) => all().find((each) => each.id === id) ?? null;
const pendingOf = (entries_, id) => entries_.filter((entry) => entry.part === id && isOpen(entry));
export const toDo = (entries_) => all().filter((each) => each.state === "open" && !pendingOf(entries_, each.id).some((entry) => entry.verb !== "task_found"));

export function assigned({ all: entries_ }) {
  const open_ = all().filter((each) => each.state === "open");
  const ended = all().filter((each) => each.state !== "open");
  const cards = (list) => h("div", { class: "cards" }, list.map((each) => cardOf(each, pendingOf(entries_, each.id))));
  return {
    title: w("assigned"),
    node: page(
      w("assigned"),
      asOf(),
      open_.length ? cards(open_) : empty("circle-check", w("no_assigned")),
      ended.length ? [h("h2", null, w("assigned_lately")), cards(ended)] : null,
    ),
  };
}
assigned.live = true;

function cardOf(part, pending) {
  return h(
    "a",
    { class: `card card-${lightOf(part) || "none"}`, href: `${config.home}assigned/${part.id}`, data: { at: part.id } },
    h("div", { class: "card-head" }, part.state === "open" ? light(part) : null, h("span", { class: "badge" }, part.why ? w("asked_again") : part.state_word)),
    h("h3", null, part.title),
    h("p", { class: "clamp" }, part.words),
    h("p", { class: "card-place" }, icon("map-pin"), part.place),
    pending.length ? h("p", { class: "card-pending" }, stateOf(pending.at(-1)), " ", pending.at(-1).title) : null,
  );
}

export async function assignment({ id, query }) {
  const part = partOf(id);
  const known = await entries();
  const mends = known.find((each) => each.n === Number(query.get("mend"))) ?? null;
  if (!part) return { title: w("assigned"), node: page(w("assigned"), note("warn", "info-circle", h("p", null, w("assigned_gone")))) };
  const pending = pendingOf(known, id).filter((entry) => entry !== mends);
  const sent = pending.some((entry) => entry.verb !== "task_found");
  const about = h(
    "section",
    { class: "panel" },
    h("div", { class: "card-head" }, part.state === "open" ? light(part) : null, h("span", { class: "badge" }, part.state_word)),
    part.why ? note("warn", "rotate", h("p", null, w("again_because", { why: part.why }))) : null,
    h("p", { class: "text" }, part.words),
    facts([
      [w("item"), part.item_name],
      [w("issued_by"), part.office],
      [w("place"), part.place],
      [w("due"), clock(part.due_at)],
      [w("done_at"), part.done_at ? clock(part.done_at) : ""],
    ]),
    part.sheets.map((sheet) => link(sheet.path, "paperclip", sheet.name, { class: "btn btn-wide", target: "_blank", rel: "noopener" })),
    link(`${config.home}report?task=${id}`, "alert-triangle", w("found_here"), { class: "btn btn-wide", onclick: camera.open, data: { found: id } }),
  );
  const waits = pending.length ? note("good", "send", pending.map((entry) => h("p", null, stateOf(entry), " ", entry.title))) : null;
  if (part.state !== "open" || sent) return { title: part.title, node: page(part.title, waits, about) };
  return form(part, mends, about, waits);
}

const fresh = (part) => ({ id: part.id, round: part.due_at, words: "", reason: "", answers: {}, photos: [], place: null });

async function begun(part, mends) {
  if (mends) return { ...fresh(part), ...mends.form, photos: await photosOf(mends) };
  const draft = await kept(DRAFT);
  return draft && draft.id === part.id && draft.round === part.due_at && draft.account === me().account ? draft : fresh(part);
}

async function form(part, mends, about, waits) {
  const told = { ...(await begun(part, mends)), sheet: part.sheet };
  const backs = mends?.verb === "task_give_back";
  let timer = 0;
  let ended = false;
  const save = () => {
    clearTimeout(timer);
    if (mends || ended) return undefined;
    return keep(DRAFT, { ...told, account: me().account }).catch((error) => {
      if (error instanceof Full) announce(w("full"));
      else throw error;
    });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  };
  const words = (name, label) =>
    h("div", { class: "field" }, h("label", { for: `in-${name}` }, w(label)), h("textarea", { id: `in-${name}`, class: "input", rows: 3, value: told[name], oninput: (event) => {
      told[name] = event.target.value;
      soon();
    } }));
  const photos = shots(told.photos, { kind: KIND, label: w("evidence_n", { n: part.photos_least }), told: save, first: true });
  const asks = questions(told, soon);
  const where = spot(told.place, (place) => {
    told.place = place;
    soon();
  });
  const back = h("details", { class: "panel", open: backs }, h("summary", null, w("give_task_back")), words("reason", "why_not_done"), button("arrow-back-up", w("give_task_back"), () => send("give_back"), { class: "btn btn-wide", data: { send: "give_back" } }));
  const bar = h("div", { class: "form-bar" }, button("circle-check", w("task_done"), () => send("done"), { class: "btn btn-main btn-grow", data: { send: "done" } }));

  function missing(step) {
    if (step === "give_back") return told.reason.trim() ? "" : w("need_field", { what: w("why_not_done") });
    if (count(told.photos, KIND) < part.photos_least) return w("need_evidence", { n: part.photos_least, what: w("photos") });
    if (!told.words.trim()) return w("need_result");
    const troubles = unanswered(told);
    if (!troubles) return "";
    asks.draw(troubles);
    asks.node.querySelector("[aria-invalid]")?.scrollIntoView({ block: "center" });
    return w("need_answers");
  }

  async function send(step) {
    const lacks = missing(step);
    if (lacks) return announce(lacks);
    for (const each of document.querySelectorAll("[data-send]")) each.disabled = true;
    try {
      await write(step);
    } catch (error) {
      for (const each of document.querySelectorAll("[data-send]")) each.disabled = false;
      if (!(error instanceof Full)) throw error;
      return announce(w("full"));
    }
    ended = true;
    clearTimeout(timer);
    await forget(DRAFT);
    announce(w(state.online ? "written_down" : "written_offline"));
    changed();
    return open(`${config.home}assigned`, { replace: true });
  }

  async function write(step) {
    const done = step === "done";
    const entry = {
      verb: `task_${step}`,
      path: `${config.assigned}/${part.id}/${step}`,
      back: `assigned/${part.id}`,
      part: part.id,
      title: `${w(done ? "task_done" : "give_task_back")} · ${part.title}`,
      words: done ? told.words.trim() : told.reason.trim(),
      body: done ? await body() : { reason: told.reason.trim() },
      form: { words: told.words, reason: told.reason, answers: told.answers, place: told.place },
      photos: done ? await marks() : [],
    };
    if (mends) await mend(mends.n, entry);
    else await add(entry);
  }

  async function body() {
    const { answers } = answered(told);
    const { place } = told;
    return { words: told.words.trim(), ...(answers ? { answers } : {}), ...(place ? { lon: place.lon, lat: place.lat, ...(place.accuracy ? { accuracy_m: place.accuracy } : {}) } : {}) };
  }

  async function marks() {
    const at = told.place ?? here();
    const grid = at ? gridOf(at.lon, at.lat, state.data.outlines) : null;
    const made = [];
    for (const photo of told.photos) made.push(await marked({ ...photo, place: photo.place ?? (at && { lon: at.lon, lat: at.lat, accuracy: at.accuracy }) }, { where: grid?.properties.name ?? part.place, number: part.title, office: me().office }));
    return made;
  }

  return {
    title: part.title,
    node: page(part.title, mends?.reason ? trouble(mends.reason.words) : null, waits, about, h("div", { class: "form" }, photos.node, words("words", "what_was_done"), asks.node, where.node, back), bar),
    leave() {
      photos.leave();
      where.leave();
      save();
    },
  };
}
