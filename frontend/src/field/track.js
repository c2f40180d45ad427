// 轨迹: where one is, every half minute, and only while on duty. Kept on the phone until it has
// arrived; a point sent twice is the same point.
import { ask, Refused } from "./api.js";
import { config } from "./dom.js";
import { fix, follow } from "./place.js";
import { entries, isOpen } from "./queue.js";
import { me, state } from "./state.js";
import { Full, keep, kept } from "./store.js";

const EVERY_MS = 30000;
const OLDEST_FIX_MS = 300000;
const AT_ONCE = 500;
const MOST = 5000;

// Since when one is on duty: what was said last on this phone, else what the server knows.
export function dutySince(all) {
  const said = all.filter((entry) => entry.duty && isOpen(entry) && entry.account === me()?.account).at(-1);
  if (said) return said.duty === "on" ? said.made_at : null;
  const known = state.data?.patrol?.duty;
  return known ? new Date(known).getTime() : null;
}

let stop = null;

async function look() {
  const on = dutySince(await entries()) !== null;
  if (on) stop ??= follow(() => {});
  else {
    stop?.();
    stop = null;
  }
}

async function points() {
  const there = await kept("track");
  return there && there.account === me().account ? there.points : [];
}

const store = (list) => keep("track", { account: me().account, points: list.slice(-MOST) });

let busy = false;
async function tick() {
  if (busy || !me()) return;
  busy = true;
  try {
    const all = await entries();
    const now = Date.now();
    if (dutySince(all) !== null && fix.at && now - fix.at < OLDEST_FIX_MS) await store([...(await points()), [now, fix.lon, fix.lat, fix.accuracy]]);
    // The server must hear of the duty before it takes points of it.
    if (state.online && !state.signedOut && !all.some((entry) => entry.duty && isOpen(entry))) await send();
  } catch (error) {
    if (!(error instanceof Full)) throw error;
  } finally {
    busy = false;
  }
}

async function send() {
  for (let list = await points(); list.length; list = await points()) {
    const batch = list.slice(0, AT_ONCE);
    try {
      // No background call: whoever is on duty with the app open stays signed in, a whole shift long.
      await ask(config.track, { json: { points: batch }, by: me() });
    } catch (error) {
      // No answer: the same again later. A refusal will be the same each time.
      if (!(error instanceof Refused)) return;
    }
    await store(list.slice(batch.length));
  }
}

export function startTracking() {
  document.addEventListener("field:changed", look);
  addEventListener("online", tick);
  setInterval(tick, EVERY_MS);
  look();
}

// For tests, and for whoever looks into a phone that will not send.
export const trackNow = tick;
