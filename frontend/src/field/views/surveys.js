// 台账与专项任务: registers and surveys with questions of their own, filled in on the spot. All of it
// goes through the outbox.
import { answered, askedNow, questions, unanswered } from "../asked.js";
import { announce, button, changed, clock, config, empty, h, icon, link, note, w } from "../dom.js";
import { gridOf, metres } from "../grids.js";
import { marked } from "../photos.js";
import { fix, follow, here } from "../place.js";
import { add, entries, isOpen, mend, photosOf } from "../queue.js";
import { me, state } from "../state.js";
import { forget, Full, keep, kept } from "../store.js";
import { light, lightOf, open, page, stateOf, trouble } from "./parts.js";
import { newId } from "./patrol.js";
import { shots } from "./shots.js";
import { spot } from "./spot.js";
import { asOf } from "./tasks.js";

const DRAFT = "survey";
const KIND = "other";
const PAUSE_MS = 500;
const NEAR = 60;

const all = () => state.data?.surveys ?? [];
const surveyOf = (id) => all().find((each) => each.id === id) ?? null;
const home = (each) => `${config.home}surveys/${each.id}`;

// What was written down of a survey: still to be sent, or sent since the phone last asked.
const newer = (entry) => isOpen(entry) || (entry.state === "delivered" && entry.delivered_at > state.at);
const pendingOf = (known, id) => known.filter((entry) => entry.survey === id && entry.account === me().account && newer(entry));

const back = (each, pending) => each.lately.filter((entry) => entry.state === "sent_back" && !pending.some((one) => one.entry === entry.id));
const left = (each, pending) => each.targets.filter((target) => !pending.some((one) => one.target === target.id));
const through = (each, pending) => pending.filter((one) => one.verb === "survey_through").at(-1)?.through ?? each.finished;
const works = (each, pending) => (each.kind !== "survey" ? false : each.targets_all ? left(each, pending).length > 0 : each.may_finish && !through(each, pending));

// How many surveys have something to do still, and how many entries came back.
export const toFill = (known) =>
  all().reduce((n, each) => {
    const pending = pendingOf(known, each.id);
    return n + (works(each, pending) ? 1 : 0) + back(each, pending).length;
  }, 0);

export function surveys({ all: known }) {
  const of = (kind) => all().filter((each) => each.kind === kind);
  const cards = (list) => h("div", { class: "cards" }, list.map((each) => cardOf(each, pendingOf(known, each.id))));
  const registers = of("register");
  return {
    title: w("surveys"),
    node: page(
      w("surveys"),
      asOf(),
      all().length ? cards(of("survey")) : empty("address-book", w("surveys_none")),
      registers.length ? [h("h2", null, w("registers_here")), cards(registers)] : null,
    ),
  };
}
surveys.live = true;

function cardOf(each, pending) {
  const returned = back(each, pending).length;
  const open_ = pending.filter(isOpen);
  return h(
    "a",
    { class: `card card-${(works(each, pending) && lightOf(each)) || (returned ? "yellow" : "none")}`, href: home(each), data: { at: each.id } },
    h("div", { class: "card-head" }, works(each, pending) ? light(each) : null, h("span", { class: "badge" }, each.kind_word)),
    h("h3", null, each.title),
    h("p", { class: "card-place" }, howFar(each, pending)),
    returned ? h("p", { class: "card-pending" }, icon("rotate"), w("came_back"), " ", String(returned)) : null,
    open_.length ? h("p", { class: "card-pending" }, stateOf(open_.at(-1)), " ", open_.at(-1).title) : null,
  );
}

function howFar(each, pending) {
  if (each.targets_all) {
    const again = pending.filter((one) => one.verb === "survey_entry" && each.lately.some((entry) => entry.id === one.entry && entry.state === "sent_back" && entry.target));
    const waits = each.targets.length - left(each, pending).length + again.length;
    return w("visited_n", { done: each.targets_done + waits, n: each.targets_all });
  }
  if (each.kind === "survey" && through(each, pending)) return w("is_through");
  const made = pending.filter((one) => one.verb === "survey_entry" && one.isNew).length;
  return w("entries_n", { n: each.entries + made });
}

const far = (n) => (n < 1000 ? w("metres_away", { n: Math.round(n) }) : w("km_away", { n: (n / 1000).toFixed(1) }));
const awayFrom = (target) => (fix.lon === null || target.lon === null ? null : metres(fix, target));

export function survey({ survey: id, all: known }) {
  const each = surveyOf(id);
  if (!each) return gone();
  const pending = pendingOf(known, id);
  const targets = left(each, pending).sort((a, b) => (awayFrom(a) ?? 1e9) - (awayFrom(b) ?? 1e9));
  const near = targets.slice(0, NEAR);
  const returned = back(each, pending);
  const lately = each.lately.filter((entry) => entry.state !== "sent_back");
  const waiting = pending.filter(isOpen);
  const node = page(
    each.title,
    asOf(),
    h(
      "section",
      { class: "panel" },
      h("div", { class: "card-head" }, works(each, pending) ? light(each) : null, h("span", { class: "badge" }, each.kind_word)),
      each.why ? h("p", { class: "text" }, each.why) : null,
      h("p", { class: "muted" }, `${each.office} · ${howFar(each, pending)}`),
      link(`${home(each)}/new`, "plus", w("enter_new"), { class: `btn btn-wide${targets.length ? "" : " btn-main"}`, data: { at: "new" } }),
    ),
    waiting.length ? note("good", "send", waiting.map((entry) => h("p", null, stateOf(entry), " ", entry.title))) : null,
    returned.length ? [h("h2", null, w("came_back"), " ", h("span", { class: "muted" }, String(returned.length))), h("div", { class: "cards" }, returned.map((entry) => entryCard(each, entry)))] : null,
    each.targets_all ? [h("h2", null, w("to_visit"), " ", h("span", { class: "muted" }, String(targets.length))), near.length ? h("div", { class: "cards" }, near.map((target) => targetCard(each, target))) : empty("circle-check", w("survey_done_all"))] : null,
    targets.length > near.length ? h("p", { class: "hint" }, w("more_targets", { n: targets.length - near.length })) : null,
    each.may_finish && !each.targets_all ? finishing(each, through(each, pending)) : null,
    lately.length ? [h("h2", null, w("entered_lately")), h("div", { class: "cards" }, lately.map((entry) => entryCard(each, entry)))] : null,
  );
  const leave = follow(() => {
    for (const place of document.querySelectorAll("[data-away]")) {
      const target = each.targets.find((one) => one.id === place.dataset.away);
      const away = target ? awayFrom(target) : null;
      place.textContent = away === null ? "" : far(away);
    }
  });
  return { title: each.title, node, leave };
}
survey.live = true;

const gone = () => ({ title: w("surveys"), node: page(w("surveys"), note("warn", "info-circle", h("p", null, w("survey_gone")))) });

function targetCard(each, target) {
  return h(
    "a",
    { class: "card card-none", href: `${home(each)}/targets/${target.id}`, data: { at: target.id } },
    h("div", { class: "card-head" }, h("h3", null, target.name), h("span", { class: "muted", data: { away: target.id } })),
    h("p", { class: "card-place" }, icon("map-pin"), [target.grid, target.place].filter(Boolean).join(" · ")),
  );
}

function entryCard(each, entry) {
  const returned = entry.state === "sent_back";
  const inside = [
    h("div", { class: "card-head" }, h("h3", null, entry.name), h("span", { class: "badge" }, entry.state_word)),
    h("p", { class: "card-place" }, [entry.place, clock(entry.at)].filter(Boolean).join(" · ")),
    returned ? h("p", { class: "card-pending" }, icon("rotate"), w("came_back_why", { why: entry.why })) : null,
  ];
  if (!returned) return h("article", { class: "card card-none" }, inside);
  return h("a", { class: "card card-yellow", href: `${home(each)}/entries/${entry.id}`, data: { at: entry.id } }, inside);
}

function finishing(each, done) {
  const press = (undo) => async () => {
    if (!undo && !confirm(w("grid_through_sure"))) return;
    await add({ verb: "survey_through", survey: each.id, line: `survey ${each.id}`, through: !undo, path: `${config.surveys}/${each.id}/do/through`, back: `surveys/${each.id}`, title: w(undo ? "grid_not_through" : "grid_through"), words: each.title, body: { undo }, form: {} });
    announce(w(state.online ? "written_down" : "written_offline"));
  };
  return h(
    "section",
    { class: "panel" },
    done ? note("good", "circle-check", h("p", null, w("is_through"))) : null,
    done ? button("arrow-back-up", w("grid_not_through"), press(true), { class: "btn btn-wide", data: { at: "through" } }) : button("check", w("grid_through"), press(false), { class: "btn btn-wide", data: { at: "through" } }),
  );
}

// One entry: of a target, of something found, or one that came back.
export async function surveyEntry({ survey: id, target: of, entry: again, query }) {
  const each = surveyOf(id);
  const known = await entries();
  const mends = known.find((entry) => entry.n === Number(query.get("mend"))) ?? null;
  const target = of ? (each?.targets.find((one) => one.id === of) ?? (mends ? { id: of, name: mends.title, place: "", lon: null } : null)) : null;
  const before = again ? each?.lately.find((one) => one.id === again && one.answers) : null;
  if (!each || (of && !target) || (again && !before && !mends)) return gone();
  return form(each, { target, before, again, mends });
}

const fresh = (before) => ({ entry: before?.id ?? newId(), answers: before?.answers ?? {}, each: {}, words: before?.place ?? "", place: before && before.lon !== null ? { lon: before.lon, lat: before.lat, accuracy: null, pinned: true } : null });

async function begun(name, { before, mends }) {
  if (mends) {
    const shots_ = {};
    for (const photo of await photosOf(mends)) (shots_[photo.asks] ??= []).push(photo);
    return { ...fresh(before), ...mends.form, entry: mends.body.entry, each: shots_ };
  }
  const draft = await kept(DRAFT);
  return draft?.name === name && draft.account === me().account ? draft : fresh(before);
}

async function form(each, how) {
  const { target, before, mends } = how;
  const path = target ? `targets/${target.id}` : how.again ? `entries/${how.again}` : "new";
  const name = `${each.id} ${path} ${before?.version ?? ""}`;
  const told = { ...(await begun(name, how)), photos: [], sheet: before?.sheet ?? (mends?.sheet ?? each.sheet) };
  let timer = 0;
  let ended = false;
  const save = () => {
    clearTimeout(timer);
    if (mends || ended) return undefined;
    const { entry, answers, each: photos, words, place } = told;
    return keep(DRAFT, { name, account: me().account, entry, answers, each: photos, words, place }).catch((error) => {
      if (error instanceof Full) announce(w("full"));
      else throw error;
    });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  };
  const asks = questions(told, () => {
    fit();
    soon();
  });
  // A place for the photos of each question that wants some; those that are not asked are hidden.
  const frames = told.sheet.questions
    .filter(({ kind }) => kind === "photo")
    .map((row) => {
      told.each[row.id] ??= [];
      const label = row.required && !row.kept ? [row.label, " ", h("span", { class: "need" }, told.sheet.words.needed)] : row.label;
      const made = shots(told.each[row.id], { kind: KIND, label, told: save });
      const said = h("p", { class: "field-bad", role: "alert", hidden: true });
      return { id: row.id, ...made, said, box: h("div", { class: "survey-shots", data: { photos: row.id } }, made.node, row.help ? h("p", { class: "hint" }, row.help) : null, said) };
    });
  function fit(troubles = {}) {
    const asked = new Set(askedNow(told));
    for (const frame of frames) {
      frame.box.hidden = !asked.has(frame.id);
      frame.said.hidden = !troubles[frame.id];
      frame.said.textContent = troubles[frame.id] ?? "";
    }
  }
  fit();

  const words = h("input", { id: "in-place", class: "input", maxlength: 120, value: told.words, oninput: (event) => {
    told.words = event.target.value;
    soon();
  } });
  // A target lies where it lies; anything else is where the pin is.
  const fixed = target || before?.target;
  const where = fixed ? null : spot(told.place, (place) => {
    told.place = place;
    soon();
  });
  const place = fixed ? null : [h("div", { class: "field" }, h("label", { for: "in-place" }, w("place_words")), words), where.node];
  const bar = h("div", { class: "form-bar" }, button("circle-check", w("save_entry"), send, { class: "btn btn-main btn-grow", data: { send: "entry" } }));

  async function send() {
    const troubles = unanswered(told);
    asks.draw(troubles ?? {});
    fit(troubles ?? {});
    if (troubles) {
      document.querySelector("[aria-invalid], .survey-shots .field-bad:not([hidden])")?.scrollIntoView({ block: "center" });
      return announce(w("need_answers"));
    }
    if (!fixed && !told.place) return announce(w("need_place"));
    for (const press of document.querySelectorAll("[data-send]")) press.disabled = true;
    try {
      await write();
    } catch (error) {
      for (const press of document.querySelectorAll("[data-send]")) press.disabled = false;
      if (!(error instanceof Full)) throw error;
      return announce(w("full"));
    }
    return done();
  }

  async function done() {
    ended = true;
    clearTimeout(timer);
    await forget(DRAFT);
    announce(w(state.online ? "written_down" : "written_offline"));
    changed();
    return open(home(each), { replace: true });
  }

  async function write() {
    const { answers, photo_answers } = answered(told);
    const { lon, lat } = told.place ?? {};
    const entry = {
      verb: "survey_entry",
      path: `${config.surveys}/${each.id}/do/entry`,
      back: `surveys/${each.id}/${path}`,
      survey: each.id,
      entry: told.entry,
      target: target?.id ?? null,
      isNew: !how.again,
      line: `survey entry ${told.entry}`,
      title: `${each.title} · ${target?.name ?? before?.name ?? told.words ?? ""}`.replace(/ · $/, ""),
      words: target?.place ?? told.words,
      sheet: told.sheet,
      body: {
        entry: told.entry,
        said: mends?.body.said ?? newId(),
        form: mends?.body.form ?? each.form,
        at: mends?.body.at ?? Date.now(),
        answers,
        ...(target ? { target: target.id } : {}),
        ...(before ? { version: before.version } : {}),
        ...(fixed ? {} : { lon, lat, place: told.words.trim() }),
      },
      form: { answers: told.answers, words: told.words, place: told.place },
      photos: await marks(photo_answers),
    };
    if (mends) await mend(mends.n, entry);
    else await add(entry);
  }

  async function marks(asked) {
    const at = told.place ?? here();
    const grid = at ? gridOf(at.lon, at.lat, state.data.outlines) : null;
    const made = [];
    for (const id of asked) {
      for (const photo of told.each[id]) {
        const taken = { ...photo, asks: id, place: photo.place ?? (at && { lon: at.lon, lat: at.lat, accuracy: at.accuracy }) };
        made.push(await marked(taken, { where: grid?.properties.name ?? me().area_name, number: each.title, office: me().office }));
      }
    }
    return made;
  }

  return {
    title: each.title,
    node: page(
      target?.name ?? before?.name ?? each.title,
      mends?.reason ? trouble(mends.reason.words) : null,
      before ? note("warn", "rotate", h("p", null, w("came_back_why", { why: before.why })), h("p", null, w("entry_kept"))) : null,
      target?.place ? h("p", { class: "card-place" }, icon("map-pin"), target.place) : null,
      h("div", { class: "form" }, place, asks.node, frames.map((frame) => frame.box)),
      target && !mends ? hindering(each, target, done) : null,
      bar,
    ),
    leave() {
      save();
      where?.leave();
      for (const frame of frames) frame.leave();
    },
  };
}

// It cannot be visited: why, in one press.
function hindering(each, target, done) {
  const press = ([why, word]) =>
    h("button", { type: "button", class: "chip", data: { obstacle: why }, onclick: async () => {
      await add({ verb: "survey_obstacle", survey: each.id, target: target.id, line: `survey target ${target.id}`, path: `${config.surveys}/${each.id}/do/obstacle`, back: `surveys/${each.id}`, title: `${w("cannot_visit")} · ${target.name}`, words: word, body: { target: target.id, why }, form: {} });
      await done();
    } }, word);
  return h("details", { class: "panel" }, h("summary", null, w("cannot_visit")), h("p", { class: "hint" }, w("why_cannot")), h("div", { class: "chips" }, each.obstacles.map(press)));
}
