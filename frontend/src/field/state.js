// What is known of the server, and how old that is. Kept on the phone until one signs out.
import { ask, NoAnswer, Refused, SignedOut } from "./api.js";
import { changed, config } from "./dom.js";
import { db, durably, forget, Full, keep, kept } from "./store.js";

export const state = {
  data: null,
  online: navigator.onLine,
  signedOut: false,
  noPost: false,
  leaving: false,
  at: 0,
};

const FRESH_MS = 90000;

export const me = () => state.data?.who ?? null;
export const isFresh = () => state.online && !state.signedOut && Date.now() - state.at < FRESH_MS;

export async function remembered() {
  state.data = (await kept("data")) ?? null;
  state.at = state.data ? new Date(state.data.at).getTime() : 0;
}

// Reads everything anew. What cannot be read leaves what is known as it is.
export async function refresh({ background = false } = {}) {
  try {
    const data = await ask(config.data, { background });
    // What was asked for before one signed out is not kept after it.
    if (state.leaving) return;
    const before = state.data?.who.account;
    if (before !== undefined && before !== data.who.account) await clear();
    Object.assign(state, { data, at: Date.now(), online: true, signedOut: false, noPost: false });
    await keep("data", data).catch((error) => {
      // No room for it: it is read again at the next opening.
      if (!(error instanceof Full)) throw error;
    });
  } catch (error) {
    took(error);
  }
  changed();
}

// What a failed call says about the connection and the session.
export function took(error) {
  if (error instanceof SignedOut) Object.assign(state, { online: true, signedOut: true });
  else if (error instanceof Refused) Object.assign(state, { online: true, noPost: error.status === 403 });
  else if (error instanceof NoAnswer) state.online = error.message !== "";
  else throw error;
}

// Nothing of a person stays behind but what still waits to be sent in their name.
export async function clear() {
  state.data = null;
  await Promise.all([forget("data"), forget("draft"), forget("assigned"), forget("survey"), forget("track")]);
  await durably(["entries", "photos"], async (tx) => {
    const entries = tx.objectStore("entries");
    const photos = tx.objectStore("photos");
    for (const entry of await entries.getAll()) {
      if (entry.state !== "delivered" && entry.state !== "dropped") continue;
      for (const photo of entry.photos) await photos.delete(photo.key);
      await entries.delete(entry.n);
    }
  });
}

export const card = (number) =>
  state.data?.tasks.find((each) => each.number === number) ?? state.data?.grid.find((each) => each.number === number) ?? null;

export const item = (code) => state.data?.items.find((each) => each.code === code) ?? null;

export const opened = db;
