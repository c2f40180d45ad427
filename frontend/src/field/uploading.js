// One photo on its way. A small one goes at once; of a larger one the server keeps each piece that
// came, so that a cut line goes on where it stopped.
import { ask, NoAnswer, Refused } from "./api.js";
import { config } from "./dom.js";

const PIECE = 128 * 1024;

function told({ kind, taken_at, place }) {
  const form = new FormData();
  form.set("kind", kind);
  if (taken_at) form.set("taken_at", taken_at);
  if (place) {
    form.set("lon", String(place.lon));
    form.set("lat", String(place.lat));
    if (place.accuracy !== null && place.accuracy !== undefined) form.set("accuracy_m", String(place.accuracy));
  }
  return form;
}

// Sends a photo's bytes; its id. `begun`: some of them may be there from before.
export async function sendUp(photo, bytes, { begun, by }) {
  const key = photo.upload_key ?? photo.key;
  const form = told(photo);
  const how = { key, background: true, by };
  if (bytes.byteLength <= PIECE) {
    form.set("file", new Blob([bytes], { type: "image/jpeg" }), `${photo.kind}.jpg`);
    return (await ask(`${config.api}/attachments`, { form, ...how })).id;
  }
  const pieces = `${config.api}/attachments/pieces`;
  let here = begun ? await ask(pieces, how) : { received: 0 };
  if (here.attachment) return here.attachment.id;
  while (here.received < bytes.byteLength) {
    const piece = bytes.slice(here.received, here.received + PIECE);
    here = await ask(`${pieces}?offset=${here.received}`, { bytes: piece, ...how }).catch(elsewhere);
  }
  form.set("size", String(bytes.byteLength));
  const made = await ask(`${config.api}/attachments`, { form, ...how }).catch((error) => {
    elsewhere(error);
    throw new NoAnswer("409"); // another window has finished it, or the pieces were swept away
  });
  return made.id;
}

// The server has more of it, or less, than was thought: it says how much.
function elsewhere(error) {
  if (error instanceof Refused && error.code === "wrong_offset") return error.problem.extra;
  throw error;
}
