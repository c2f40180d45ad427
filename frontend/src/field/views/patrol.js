// 巡查: the day's places, checking in at one by position or by the code on its label, and going on
// duty and off it. All of it goes through the outbox.
import { answered, questions, unanswered } from "../asked.js";
import { announce, button, changed, clock, config, empty, h, icon, note, w } from "../dom.js";
import { metres } from "../grids.js";
import { fix, follow } from "../place.js";
import { add, entries, isOpen, mend } from "../queue.js";
import { me, state } from "../state.js";
import { Full } from "../store.js";
import { dutySince } from "../track.js";
import { camera } from "./camera.js";
import { facts, open, page, stateOf, trouble } from "./parts.js";
import { asOf } from "./tasks.js";

const BEST_GUESS_M = 100;

const all = () => state.data?.patrol?.places ?? [];
export const placeOf = (id) => all().find((each) => each.id === id) ?? null;

const today = () => new Date().toDateString();
const visitsOf = (known, place) => known.filter((entry) => entry.verb === "patrol_visit" && entry.place === place.id && entry.account === me().account && new Date(entry.made_at).toDateString() === today());
const wasThere = (known, place) => place.visited || visitsOf(known, place).some((entry) => isOpen(entry) || entry.state === "delivered");
export const dueNow = (known) => all().filter((each) => each.due && !wasThere(known, each));

const far = (n) => (n < 1000 ? w("metres_away", { n: Math.round(n) }) : w("km_away", { n: (n / 1000).toFixed(1) }));
const awayFrom = (place) => (fix.lon === null ? null : metres(fix, place));

export function patrol({ all: known }) {
  const due = dueNow(known);
  const done = all().filter((each) => wasThere(known, each));
  const rest = all().filter((each) => !due.includes(each) && !done.includes(each));
  const node = page(
    w("patrol"),
    asOf(),
    duty(known),
    h("h2", null, w("patrol_due"), " ", h("span", { class: "muted" }, String(due.length))),
    due.length ? cards(due, known) : empty("circle-check", w(all().length ? "patrol_all_done" : "patrol_none")),
    done.length ? [h("h2", null, w("checked_in")), cards(done, known)] : null,
    rest.length ? [h("h2", null, w("patrol_rest")), cards(rest, known)] : null,
    byCode(),
  );
  const leave = follow(() => {
    for (const each of document.querySelectorAll("[data-away]")) {
      const away = awayFrom(placeOf(each.dataset.away) ?? { lon: 0, lat: 0 });
      each.textContent = away === null ? "" : far(away);
    }
  });
  return { title: w("patrol"), node, leave };
}
patrol.live = true;

function cards(places, known) {
  const near = [...places].sort((a, b) => b.pressing - a.pressing || (awayFrom(a) ?? 0) - (awayFrom(b) ?? 0));
  return h("div", { class: "cards" }, near.map((each) => {
    const pending = visitsOf(known, each).filter(isOpen).at(-1);
    return h(
      "a",
      { class: `card card-${each.due && each.pressing ? "yellow" : "none"}`, href: `${config.home}patrol/${each.id}`, data: { at: each.id } },
      h("div", { class: "card-head" }, h("span", { class: "badge" }, wasThere(known, each) ? w("checked_in") : each.why), h("span", { class: "muted", data: { away: each.id } })),
      h("h3", null, each.name),
      h("p", { class: "card-place" }, icon("map-pin"), each.grid, " · ", each.plan, each.wanted > 1 ? ` · ${w("patrol_n_of", each)}` : ""),
      pending ? h("p", { class: "card-pending" }, stateOf(pending)) : null,
    );
  }));
}

function duty(known) {
  const since = dutySince(known);
  const press = (what) => async () => {
    await add({ verb: `duty_${what}`, duty: what, line: "duty", path: `${config.duty}/${what}`, back: "patrol", title: w(`go_${what}_duty`), words: "", body: { at: Date.now() }, form: {} });
  };
  return h(
    "section",
    { class: "panel", data: { duty: since === null ? "off" : "on" } },
    h("p", null, h("b", null, since === null ? w("off_duty_now") : w("on_duty_now", { time: clock(since) }))),
    h("p", { class: "hint" }, w("track_told")),
    since === null ? button("walk", w("go_on_duty"), press("on"), { class: "btn btn-main btn-wide", data: { at: "duty" } }) : button("logout", w("go_off_duty"), press("off"), { class: "btn btn-wide", data: { at: "duty" } }),
  );
}

function byCode() {
  const typed = h("input", { id: "code", class: "input", autocomplete: "off", autocapitalize: "characters", maxlength: 8 });
  const go = () => open(`${config.home}p/${encodeURIComponent(typed.value.trim().toUpperCase() || "-")}`);
  return h("form", { class: "panel", onsubmit: (event) => {
    event.preventDefault();
    go();
  } }, h("div", { class: "field" }, h("label", { for: "code" }, w("place_code")), typed), h("button", { class: "btn btn-wide" }, icon("chevron-right"), h("span", null, w("open_by_code"))));
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((each, at) => ([4, 6, 8, 10].includes(at) ? "-" : "") + each.toString(16).padStart(2, "0")).join("");
}

// A report that is begun before one checks in belongs to the visit that follows.
const begun = new Map();
function visitOf(place, known) {
  const made = visitsOf(known, place).filter((entry) => entry.state !== "dropped").at(-1);
  if (made) return made.body.visit;
  const name = `${place.id} ${today()}`;
  if (!begun.has(name)) begun.set(name, newId());
  return begun.get(name);
}

export async function patrolPlace({ id, code, query }) {
  const place = id ? placeOf(id) : (all().find((each) => each.code === code.toUpperCase()) ?? null);
  if (!place) return { title: w("patrol"), node: page(w("patrol"), note("warn", "info-circle", h("p", null, w(code ? "code_unknown" : "patrol_gone")))) };
  const known = await entries();
  const mends = known.find((each) => each.n === Number(query.get("mend"))) ?? null;
  const there = wasThere(known, place) && !mends;
  const visit = mends?.body.visit ?? visitOf(place, known);
  const told = { code: code ? place.code : "", answers: mends?.body.answers ?? place.points.map(() => null), words: mends?.body.words ?? "" };

  const found = h("a", { class: "btn btn-wide", data: { found: place.id }, onclick: camera.open }, icon("alert-triangle"), h("span", null, w("patrol_found")));
  const aim = () => {
    const bad = place.points.filter((_point, at) => told.answers[at] === false);
    found.href = `${config.home}report?${new URLSearchParams({ place: place.id, visit, what: bad.join("、") })}`;
    found.classList.toggle("btn-main", bad.length > 0);
  };
  aim();

  const points = h("fieldset", { class: "field" }, h("legend", null, w("what_to_look_at")), place.points.map((point, at) => pointRow(point, told.answers[at], (value) => {
    told.answers[at] = value;
    aim();
  })));
  // A plan's checklist of questions stands in place of the points.
  const list = { sheet: state.data.patrol.sheets?.[place.form] ?? null, answers: mends?.body.given ?? {}, photos: [] };
  const asks = list.sheet ? questions(list, () => {}) : null;
  const words = h("textarea", { id: "in-words", class: "input", rows: 2, value: told.words, oninput: (event) => {
    told.words = event.target.value;
  } });
  const typed = h("input", { id: "code", class: "input", autocomplete: "off", autocapitalize: "characters", maxlength: 8, value: told.code, oninput: (event) => {
    told.code = event.target.value.trim().toUpperCase();
    say();
  } });
  const said = h("p", { class: "spot-said", role: "status", data: { whether: "" } });
  const press = button("map-pin", w("check_in"), send, { class: "btn btn-main btn-grow", data: { send: "visit" } });

  // Whether what the phone knows will do, as the server will decide it.
  function lacks() {
    if (told.code) return told.code === place.code ? "" : w("code_wrong");
    const away = awayFrom(place);
    if (away === null) return w("no_fix_yet");
    const short = away - place.radius - Math.min(fix.accuracy ?? 0, BEST_GUESS_M);
    return short > 0 ? w("too_far", { n: Math.round(away), short: Math.max(1, Math.round(short)) }) : "";
  }
  function say() {
    const why = lacks();
    said.className = `spot-said${why ? " spot-poor" : ""}`;
    said.replaceChildren(icon(why ? "alert-triangle" : "circle-check"), why || w(told.code ? "code_good" : "there"));
  }

  async function send() {
    const why = lacks();
    if (why) return announce(why);
    if (told.answers.some((each) => each === null)) return announce(w("need_points"));
    const troubles = asks ? unanswered(list) : null;
    asks?.draw(troubles ?? {});
    if (troubles) return announce(w("need_answers"));
    press.disabled = true;
    const spot = fix.lon === null ? {} : { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy };
    const entry = {
      verb: "patrol_visit",
      path: `${config.patrol}/${place.id}/visit`,
      back: `patrol/${place.id}`,
      place: place.id,
      title: `${w("check_in")} · ${place.name}`,
      words: told.words.trim(),
      body: { visit, at: Date.now(), answers: told.answers, ...(asks ? { form: place.form, given: answered(list).answers } : {}), words: told.words.trim(), ...(told.code ? { code: told.code } : {}), ...spot },
      form: {},
    };
    try {
      if (mends) await mend(mends.n, { ...entry, photos: [] });
      else await add(entry);
    } catch (error) {
      press.disabled = false;
      if (!(error instanceof Full)) throw error;
      return announce(w("full"));
    }
    announce(w(state.online ? "written_down" : "written_offline"));
    changed();
    // Where something is not good one stays, to report it.
    return open(`${config.home}patrol${told.answers.includes(false) ? `/${place.id}` : ""}`, { replace: true });
  }

  const stop = follow(say);
  say();
  const form = there
    ? note("good", "circle-check", h("p", null, w("checked_in")))
    : [said, h("div", { class: "form" }, asks ? asks.node : place.points.length ? points : null, h("div", { class: "field" }, h("label", { for: "in-words" }, w("anything_else")), words), h("div", { class: "field" }, h("label", { for: "code" }, w("place_code")), typed))];
  return {
    title: place.name,
    node: page(
      place.name,
      mends?.reason ? trouble(mends.reason.words) : null,
      h("section", { class: "panel" }, h("p", null, h("span", { class: "badge" }, there ? w("checked_in") : place.why)), facts([[w("patrol"), place.plan], [w("item"), place.item_name], [w("place"), place.grid]])),
      form,
      found,
      there ? null : h("div", { class: "form-bar" }, press),
    ),
    leave: stop,
  };
}

function pointRow(point, value, told) {
  const chips = [true, false].map((good) => h("button", { type: "button", class: "chip", "aria-pressed": String(value === good), "aria-label": `${point} ${w(good ? "point_good" : "point_bad")}`, onclick: () => {
    told(good);
    for (const [at, chip] of chips.entries()) chip.setAttribute("aria-pressed", String(good === (at === 0)));
  } }, w(good ? "point_good" : "point_bad")));
  return h("div", { class: "point-row" }, h("span", null, point), h("span", { class: "chips" }, chips));
}
