// What an item asks, on the phone: its sheet came with the catalogue and needs no connection.
import { check, html, sentence } from "../js/forms.js";
import { pinned } from "../js/pinned.js";
import { given, wire } from "../js/questions.js";
import { h } from "./dom.js";
import { here } from "./place.js";
import { item, state } from "./state.js";

// On the phone the report's own photos answer the questions for photos; where a form has photos of
// each question by itself, `told.each` has them by its id.
const SOME_PHOTO = "00000000-0000-0000-0000-000000000000";

const sheetOf = (told) => told.sheet ?? item(told.item)?.sheet ?? null;
const photoRows = (sheet) => sheet.questions.filter(({ kind }) => kind === "photo").map(({ id }) => id);
const shown = (told, id) => (told.each ? told.each[id]?.length : told.photos.length) > 0;
const shot = (sheet, told) => Object.fromEntries(photoRows(sheet).filter((id) => shown(told, id)).map((id) => [id, [SOME_PHOTO]]));
const checked = (sheet, told) => check(sheet, { ...told.answers, ...shot(sheet, told) });

async function pin(place, start, told) {
  const { pinMap } = await import("./pinmap.js");
  return pinMap(place, start ?? here(), state.data?.outlines ?? [], told);
}

// Whether photos are among what is asked.
export const wantsPhotos = (told) => Boolean(sheetOf(told)?.questions.some(({ kind }) => kind === "photo"));

// The chosen item's questions as fields; what is typed goes into `told.answers` at once.
export function questions(told, soon) {
  const node = h("div", { class: "questions", oninput: take, onchange: take });
  function take() {
    told.answers = { ...told.answers, ...given(node) };
    soon();
  }
  function draw(troubles = {}) {
    const sheet = sheetOf(told);
    node.hidden = !sheet;
    if (!sheet) return node.replaceChildren();
    const drawn = { ...sheet, questions: sheet.questions.filter(({ kind }) => kind !== "photo") };
    node.innerHTML = html(drawn, told.answers, troubles); // every word in it is escaped by `html`
    wire(node, sheet, () => shot(sheet, told));
    pinned(node, sheet.words, pin);
    return undefined;
  }
  draw();
  return { node, draw };
}

// The ids of what is asked after these answers.
export function askedNow(told) {
  const sheet = sheetOf(told);
  return sheet ? checked(sheet, told).asked : [];
}

// Why answers will not do, by question; null when they will.
export function unanswered(told) {
  const sheet = sheetOf(told);
  const codes = sheet ? Object.entries(checked(sheet, told).troubles) : [];
  return codes.length ? Object.fromEntries(codes.map(([id, code]) => [id, sentence(sheet, id, code)])) : null;
}

// The answers as they are sent, and which questions the photos answer once they have their ids.
export function answered(told) {
  const sheet = sheetOf(told);
  if (!sheet) return {};
  const { answers } = checked(sheet, told);
  // Where none is taken now, the photos that answered before still do.
  const photo_answers = photoRows(sheet).filter((id) => shown(told, id) && id in answers);
  for (const id of photo_answers) delete answers[id];
  return { answers, photo_answers };
}
