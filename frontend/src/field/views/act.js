// One verb on one case: asks for what the verb needs, and writes it into the outbox.
import { answered, questions, unanswered, wantsPhotos } from "../asked.js";
import { announce, button, changed, config, h, icon, note, w } from "../dom.js";
import { gridOf } from "../grids.js";
import { marked } from "../photos.js";
import { here } from "../place.js";
import { add, entries, isOpen, mend, photosOf } from "../queue.js";
import { card, me, state } from "../state.js";
import { Full } from "../store.js";
import { back, light, open, page, trouble } from "./parts.js";
import { count, shots } from "./shots.js";
import { asInput, spot } from "./spot.js";
import { verbsOf } from "./tasks.js";

export async function act({ number, verb, query }) {
  const found = card(number);
  const form = state.data.forms[verb];
  const all = await entries();
  const mends = all.find((each) => each.n === Number(query.get("mend"))) ?? null;
  const pending = all.filter((entry) => entry.number === number && isOpen(entry) && entry !== mends);
  const title = form?.label ?? w("case");
  if (!form || (!mends && !(found && verbsOf(found, pending).includes(verb)))) {
    return { title, node: page(title, note("warn", "info-circle", h("p", null, w("not_now")))) };
  }
  const given = { ...(mends?.form ?? {}) };
  const photos = mends ? await photosOf(mends) : [];
  const parts = [];
  const part = (made) => {
    parts.push(made);
    return made.node;
  };
  const told = { item: found?.item, sheet: found?.asks?.sheet ?? mends?.sheet, answers: given.answers ?? found?.asks?.given ?? {}, photos };
  let asks = null;
  const demands = new Map((found?.demands ?? []).map((each) => [each.kind, each]));

  function control(field) {
    const id = `in-${field.name}-${field.photo}`;
    const put = (value) => {
      given[field.name] = value;
    };
    const common = { id, class: "input", value: given[field.name] ?? "", oninput: (event) => put(event.target.value) };
    const asked = field.name === "form" ? demands.has("form") : field.needed;
    const label = h("label", { for: id }, field.label, asked ? null : h("small", null, ` ${w("optional")}`));
    switch (field.kind) {
      case "words":
        return h("div", { class: "field" }, label, h("textarea", { ...common, rows: 3 }));
      case "line":
        return h("div", { class: "field" }, label, h("textarea", { ...common, rows: 2 }));
      case "number":
        return h("div", { class: "field" }, label, h("input", { ...common, type: "number", inputmode: "numeric", min: 1, max: 999 }));
      case "choice":
      case "yes_no":
        return h("fieldset", { class: "field" }, h("legend", null, field.label), field.choices.map(([value, words]) => h("label", { class: "pick" }, h("input", { type: "radio", name: field.name, value, checked: given[field.name] === value, onchange: () => put(value) }), h("span", null, words))));
      case "unit":
        return h("div", { class: "field" }, label, select(id, field, state.data.units.map(([value, words]) => [String(value), words])));
      case "item":
        return h("div", { class: "field" }, label, select(id, field, state.data.items.filter((each) => each.settle).map((each) => [each.code, each.name]), found?.item));
      case "position":
        return part(spot(given.place ?? null, (place) => {
          given.place = place;
        }));
      case "photos": {
        const demand = demands.get(field.photo);
        const more = demand ? w("needs_n", { n: demand.least, have: demand.have }) : "";
        return part(shots(photos, { kind: field.photo, label: more ? `${field.label} (${more})` : field.label, told: async () => {} }));
      }
      case "questions":
        asks = questions(told, () => {
          given.answers = told.answers;
        });
        return [asks.node, wantsPhotos(told) ? part(shots(photos, { kind: "photo_before", label: w("photos"), told: async () => {} })) : null];
      default:
        return null;
    }
  }

  function select(id, field, choices, first = "") {
    given[field.name] ??= choices.some(([value]) => value === first) ? first : "";
    const made = h("select", { id, class: "input", onchange: (event) => {
      given[field.name] = event.target.value;
    } }, h("option", { value: "" }, w("please_choose")), choices.map(([value, words]) => h("option", { value }, words)));
    made.value = given[field.name];
    return made;
  }

  function missing() {
    for (const field of form.fields) {
      if (field.kind === "questions") {
        const troubles = unanswered(told);
        asks.draw(troubles ?? {});
        if (troubles) return w("need_answers");
      } else if (field.kind === "photos") {
        const least = demands.get(field.photo)?.least ?? (field.needed ? 1 : 0);
        if (count(photos, field.photo) + (demands.get(field.photo)?.have ?? 0) < least) return w("need_evidence", { n: least, what: field.label });
      } else if (field.kind === "position") {
        if (!given.place && (demands.has("gps") || verb === "check_in")) return w("need_place");
      } else if ((field.needed || (field.name === "form" && demands.has("form"))) && !String(given[field.name] ?? "").trim()) return w("need_field", { what: field.label });
    }
    return "";
  }

  const bar = h("div", { class: "form-bar" }, back(), button(form.icon, form.label, send, { class: "btn btn-main btn-grow", data: { send: verb } }));

  async function send() {
    const lacks = missing();
    if (lacks) return announce(lacks);
    for (const each of bar.querySelectorAll("button")) each.disabled = true;
    try {
      await write();
    } catch (error) {
      for (const each of bar.querySelectorAll("button")) each.disabled = false;
      if (!(error instanceof Full)) throw error;
      return announce(w("full"));
    }
    announce(w(state.online ? "written_down" : "written_offline"));
    changed();
    return open(`${config.home}cases/${number}`, { replace: true });
  }

  async function write() {
    const { office, area_name: area } = me();
    const at = given.place ?? here();
    const grid = at ? gridOf(at.lon, at.lat, state.data.outlines) : null;
    const where = grid?.properties.name ?? found?.place ?? area;
    const marks = [];
    for (const photo of photos) marks.push(await marked({ ...photo, place: photo.place ?? (at && { lon: at.lon, lat: at.lat, accuracy: at.accuracy }) }, { where, number, office }));
    const entry = {
      verb,
      number,
      title: found?.item_name ? `${form.label} · ${found.item_name}` : form.label,
      words: String(given.result ?? given.reason ?? given.text ?? ""),
      body: inputs(),
      // The questions go with the entry: the card may be gone when it comes back to be mended.
      ...(asks ? { photo_answers: answered(told).photo_answers, sheet: told.sheet } : {}),
      form: given,
      photos: marks,
    };
    if (mends) await mend(mends.n, entry);
    else await add({ ...entry, seq: found.seq });
  }

  function inputs() {
    const body = {};
    for (const field of form.fields) {
      if (field.kind === "photos") continue;
      if (field.kind === "questions") body.answers = answered(told).answers;
      else if (field.kind === "position") Object.assign(body, asInput(given.place));
      else if (field.kind === "yes_no") body[field.name] = given[field.name] === "yes";
      else if (field.kind === "number" || field.kind === "unit") body[field.name] = Number(given[field.name]);
      else if (String(given[field.name] ?? "").trim()) body[field.name] = String(given[field.name]).trim();
    }
    return body;
  }

  return {
    title,
    node: page(
      title,
      mends?.reason ? trouble(mends.reason.words) : null,
      found ? h("section", { class: "panel" }, h("h3", null, found.item_name || w("no_item")), light(found), h("p", { class: "clamp" }, found.text), h("p", { class: "card-place" }, icon("map-pin"), [found.place, found.address].filter(Boolean).join(" "))) : null,
      h("div", { class: "form" }, form.fields.map(control)),
      bar,
    ),
    leave: () => parts.forEach((each) => each.leave?.()),
  };
}
