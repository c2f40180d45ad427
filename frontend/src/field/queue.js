// The outbox. Everything that one does is written down first, under a key that is made once, and
// sent from there: in order for each case, across closed apps and new versions, exactly once.
import { Another, ask, NoAnswer, Refused, SignedOut } from "./api.js";
import { changed, config, w } from "./dom.js";
import { me, refresh, state, took } from "./state.js";
import { db, durably } from "./store.js";
import { sendUp } from "./uploading.js";

const OPEN = new Set(["waiting", "sending", "refused", "conflict"]);
const KEPT_MS = 7 * 86400000;
const LONGEST_MS = 60000;

// What others' clocks do to a case does not make it another matter.
const BY_ITSELF = new Set(["remind", "overdue", "tell_leader", "recompute", "part_overdue", "alarm_next", "climb", "subs_ended"]);

const newKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
};

export const isOpen = (entry) => OPEN.has(entry.state);

export async function entries() {
  return (await db()).getAll("entries");
}

export async function photosOf(entry) {
  const store = await db();
  const found = await Promise.all(entry.photos.map((photo) => store.get("photos", photo.key)));
  return found.filter(Boolean);
}

async function put(tx, photos) {
  const made = [];
  for (const photo of photos) {
    const key = photo.key ?? newKey();
    await tx.objectStore("photos").put({ ...photo, key });
    made.push({ key, kind: photo.kind, taken_at: photo.taken_at, place: photo.place, id: photo.id ?? null, asks: photo.asks ?? null });
  }
  return made;
}

// Writes down what is to be sent. Throws `Full` where there is no room; then nothing is kept.
// `then` are steps on the case that the first entry makes, in their order.
export async function add(first, ...then) {
  const who = me();
  await askToStay();
  const made = await durably(["entries", "photos"], async (tx) => {
    const store = tx.objectStore("entries");
    const written = [];
    for (const each of [first, ...then]) {
      const { photos = [], ...told } = each;
      const entry = {
        account: who.account,
        post: who.post,
        number: null,
        seq: null,
        ...told,
        key: newKey(),
        photos: await put(tx, photos),
        parent: written[0]?.n ?? null,
        state: "waiting",
        reason: null,
        made_at: Date.now(),
        tries: 0,
        next_at: 0,
      };
      entry.n = await store.add(entry);
      written.push(entry);
    }
    return written;
  });
  changed();
  pump();
  return made;
}

let asked = false;
async function askToStay() {
  if (asked) return;
  asked = true;
  try {
    await navigator.storage.persist();
  } catch {
    // Without it the browser may clear the app when the disk is full; it says so itself.
  }
}

// What was refused, mended: other content under the same key, which the refusal has left free.
export async function mend(n, { photos, ...told }) {
  await durably(["entries", "photos"], async (tx) => {
    const store = tx.objectStore("entries");
    const entry = await store.get(n);
    if (!entry || (entry.state !== "refused" && entry.state !== "conflict")) return;
    const now = photos ? await put(tx, photos) : entry.photos;
    const still = new Set(now.map((each) => each.key));
    for (const old of entry.photos) if (!still.has(old.key)) await tx.objectStore("photos").delete(old.key);
    await store.put({ ...entry, ...told, photos: now, state: "waiting", reason: null, next_at: 0 });
  });
  changed();
  pump();
}

// Sent although somebody acted meanwhile: the one who is there has seen what was done.
export const insist = (entry) => mend(entry.n, { seq: entry.reason?.last_seq ?? null });

// Given up by hand, with what hangs on it. Kept a week, and can be taken up again.
export async function drop(n) {
  await each(n, (entry) => ({ ...entry, state: "dropped", dropped_at: Date.now() }));
}

export async function takeUp(n) {
  await each(n, (entry) => ({ ...entry, state: "waiting", reason: null, next_at: 0 }));
  pump();
}

async function each(n, change) {
  await durably(["entries"], async (tx) => {
    for (const entry of await tx.store.getAll()) {
      if ((entry.n === n || entry.parent === n) && entry.state !== "delivered") await tx.store.put(change(entry));
    }
  });
  changed();
}

async function set(n, change) {
  return durably(["entries"], async (tx) => {
    const entry = { ...(await tx.store.get(n)), ...change };
    await tx.store.put(entry);
    return entry;
  });
}

// --- Sending ------------------------------------------------------------------------------------

let running = null;
let again = false;
let timer = 0;

// Sends what waits. Of all open windows one sends at a time.
export function pump({ now = false } = {}) {
  if (running) {
    again = true;
    return running;
  }
  running = alone(() => run(now))
    .catch((error) => {
      if (error?.name !== "AbortError") console.warn(error);
    })
    .finally(() => {
      running = null;
      if (!again) return undefined;
      again = false;
      return pump();
    });
  return running;
}

const alone = (work) => (navigator.locks ? navigator.locks.request("huying-field-outbox", work) : work());

async function run(now) {
  clearTimeout(timer);
  const waiting = (await entries()).filter(isOpen);
  if (now) for (const entry of waiting) if (entry.next_at) await set(entry.n, { next_at: 0 });
  if (!waiting.some((entry) => entry.state === "waiting" || entry.state === "sending")) return sweep();
  let who;
  try {
    who = await ask(config.who, { background: true });
    Object.assign(state, { online: true, signedOut: false });
  } catch (error) {
    took(error);
    changed();
    return later(error.wait || 15000);
  }
  let sent = 0;
  for (let entry = await next(who); entry; entry = await next(who)) {
    const going = await deliver(entry);
    changed();
    if (going === "stop") break;
    if (going === "sent") sent += 1;
  }
  await sweep();
  if (sent) await refresh({ background: true });
  const left = (await entries()).filter((entry) => entry.state === "waiting" && entry.account === who.account);
  if (left.length) later(Math.max(1000, Math.min(...left.map((entry) => entry.next_at)) - Date.now()));
  return undefined;
}

function later(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => pump(), ms);
}

// To which case an entry belongs; before it has a number, to the report that makes it.
const line = (entry) => entry.line ?? entry.number ?? `made by ${entry.parent ?? entry.n}`;

async function next(who) {
  const all = await entries();
  const made = new Map(all.filter((entry) => entry.verb === "report" && entry.number).map((entry) => [entry.n, entry.number]));
  const stopped = new Set();
  for (const entry of all.filter(isOpen)) {
    const at = made.get(entry.parent) ?? line(entry);
    if (stopped.has(at)) continue;
    stopped.add(at);
    const ready = (entry.state === "waiting" || entry.state === "sending") && entry.next_at <= Date.now();
    if (ready && entry.account === who.account && entry.post === who.post) return entry;
  }
  return null;
}

async function deliver(entry) {
  let now = await set(entry.n, { state: "sending", tries: entry.tries + 1 });
  changed();
  try {
    now = await upload(now);
    const receipt = await post(now);
    await delivered(now, receipt);
    return "sent";
  } catch (error) {
    return failed(now, error);
  }
}

// Each photo by itself, under its own key: what has arrived of it is not sent again.
async function upload(entry) {
  const photos = entry.photos.map((photo) => ({ ...photo }));
  for (const photo of photos) {
    if (photo.id) continue;
    const found = await (await db()).get("photos", photo.key);
    if (!found) throw new Refused(410, { code: "photo_lost", detail: w("photo_lost"), detail_zh: w("photo_lost") });
    try {
      photo.id = await sendUp(photo, found.bytes, { begun: entry.tries > 1, by: entry });
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "idempotency_key_reused") throw error;
      // Something else came under this key: no reason to take the photo for sent.
      photo.upload_key = newKey();
      photo.id = await sendUp(photo, found.bytes, { begun: false, by: entry });
    }
    await set(entry.n, { photos });
  }
  return { ...entry, photos };
}

async function post(entry) {
  const body = { ...entry.body };
  const how = { key: entry.key, background: true, by: entry };
  if (entry.photos.length) body.photos = entry.photos.map((photo) => photo.id);
  for (const id of entry.photo_answers ?? []) body.answers = { ...body.answers, [id]: body.photos };
  for (const { asks, id } of entry.photos) if (asks) body.answers = { ...body.answers, [asks]: [...(body.answers?.[asks] ?? []), id] };
  if (entry.path) return ask(entry.path, { json: await withNumber(entry, body), ...how });
  if (entry.verb === "report") return ask(`${config.api}/cases`, { json: body, ...how });
  if (entry.seq !== null) body.expect_seq = entry.seq;
  const number = entry.number ?? (await (await db()).get("entries", entry.parent))?.number;
  if (!number) throw new Refused(404, { code: "no_case", detail: w("no_case"), detail_zh: w("no_case") });
  return ask(`${config.api}/cases/${number}/verbs/${entry.verb}`, { json: body, ...how });
}

// What is no verb of a case has an address of its own; what hangs on a report tells its number.
async function withNumber(entry, body) {
  if (!entry.parent) return body;
  const number = (await (await db()).get("entries", entry.parent))?.number;
  if (!number) throw new Refused(404, { code: "no_case", detail: w("no_case"), detail_zh: w("no_case") });
  return { ...body, number };
}

// Noted with everything that hangs on it: the number that it got, and how far the case is now.
async function delivered(entry, receipt) {
  await durably(["entries", "photos"], async (tx) => {
    const store = tx.objectStore("entries");
    const number = receipt?.number ?? entry.number;
    await store.put({ ...entry, number, state: "delivered", reason: null, delivered_at: Date.now() });
    for (const photo of entry.photos) await tx.objectStore("photos").delete(photo.key);
    for (const other of await store.getAll()) {
      const follows = other.n > entry.n && (other.parent === entry.n || (number && other.number === number));
      if (follows && isOpen(other)) await store.put({ ...other, number, seq: receipt?.last_seq ?? null });
    }
  });
}

async function failed(entry, error) {
  if (error instanceof SignedOut) {
    await set(entry.n, { state: "waiting", tries: entry.tries - 1 });
    took(error);
    return "stop";
  }
  if (error instanceof Another) {
    // The others are of the same account: asked anew whose turn it is.
    await set(entry.n, { state: "waiting", tries: entry.tries - 1 });
    again = true;
    return "stop";
  }
  if (error instanceof NoAnswer) {
    const wait = error.wait || Math.min(LONGEST_MS, 1000 * 2 ** Math.min(entry.tries, 6));
    await set(entry.n, { state: "waiting", next_at: Date.now() + wait });
    took(error);
    // Without a connection the others have none either; a server that fails may fail at one only.
    return error.message === "" ? "stop" : "on";
  }
  if (!(error instanceof Refused)) throw error;
  return refused(entry, error);
}

async function refused(entry, error) {
  const { problem, code } = error;
  if (code === "idempotency_key_reused") {
    // What was sent before under this key has arrived, whatever it looks like now.
    await delivered(entry, null);
    return "sent";
  }
  if (error.status === 422 && problem.field === "photos" && (entry.reuploads ?? 0) < 2) {
    // Uploaded, and swept away before it was taken up: sent up anew.
    const photos = entry.photos.map((photo) => ({ ...photo, id: null, upload_key: newKey() }));
    await set(entry.n, { photos, state: "waiting", reuploads: (entry.reuploads ?? 0) + 1 });
    return "on";
  }
  if (error.status === 422 && problem.field === "occurred_at" && entry.body.occurred_at) {
    // This phone's clock is ahead of the server's: then it is not asked when it was.
    const { occurred_at: _wrong, ...body } = entry.body;
    await set(entry.n, { body, state: "waiting" });
    return "on";
  }
  const elsewhere = error.status === 409 || (error.status === 404 && entry.verb !== "report") || error.status === 403;
  if (entry.verb === "report" || entry.path || !elsewhere) {
    await set(entry.n, { state: "refused", reason: { code, words: error.words, field: problem.field ?? "", status: error.status } });
    return "on";
  }
  let since;
  try {
    since = await happened(entry);
  } catch (other) {
    return failed(entry, other);
  }
  if (code === "stale" && since && since.others.length === 0) {
    await set(entry.n, { state: "waiting", seq: since.last_seq });
    return "on";
  }
  const reason = { code, words: error.words, status: error.status, since: since?.others ?? [], last_seq: since?.last_seq ?? null };
  await set(entry.n, { state: "conflict", reason });
  return "on";
}

// What was done to the case since it was last seen here; null where it cannot be seen any more.
async function happened(entry) {
  try {
    const { items } = await ask(`${config.api}/cases/${entry.number}/events`, { background: true });
    const since = items.filter((event) => entry.seq !== null && event.seq > entry.seq && !BY_ITSELF.has(event.verb));
    return {
      last_seq: items.at(-1)?.seq ?? null,
      others: since.map(({ label, by, at, texts }) => ({ label, by, at, words: texts.map((each) => each.body ?? "").join(" ") })),
    };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

// What was delivered or given up long ago is forgotten, photos and all.
async function sweep() {
  await durably(["entries", "photos"], async (tx) => {
    const store = tx.objectStore("entries");
    for (const entry of await store.getAll()) {
      const ended = entry.delivered_at ?? entry.dropped_at;
      if (isOpen(entry) || !ended || Date.now() - ended < KEPT_MS) continue;
      for (const photo of entry.photos) await tx.objectStore("photos").delete(photo.key);
      await store.delete(entry.n);
    }
  });
}

export function startSending() {
  addEventListener("online", () => {
    state.online = true;
    changed();
    pump({ now: true });
  });
  addEventListener("offline", () => {
    state.online = false;
    changed();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) pump({ now: true });
  });
  pump({ now: true });
}
