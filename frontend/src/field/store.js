// What the phone keeps: entries that wait to be sent, their photos, and what was last read of the
// server. Bytes lie apart from entries, so that a list of entries is read at once.
import { openDB } from "idb";

const NAME = "huying-field";
let opened;

export function db() {
  opened ??= openDB(NAME, 1, {
    upgrade(made) {
      const entries = made.createObjectStore("entries", { keyPath: "n", autoIncrement: true });
      entries.createIndex("key", "key", { unique: true });
      made.createObjectStore("photos", { keyPath: "key" });
      made.createObjectStore("kept");
    },
    // A newer version in another window must not wait for this one.
    blocking() {
      opened?.then((it) => it.close());
      opened = undefined;
    },
    terminated() {
      opened = undefined;
    },
  });
  return opened;
}

export class Full extends Error {}

// Does something in one transaction that is on the disk before it counts as done.
export async function durably(stores, work) {
  const tx = (await db()).transaction(stores, "readwrite", { durability: "strict" });
  try {
    const made = await work(tx);
    await tx.done;
    return made;
  } catch (error) {
    tx.done.catch(() => {});
    try {
      tx.abort();
    } catch {
      // It has ended by itself.
    }
    if (error?.name === "QuotaExceededError" || tx.error?.name === "QuotaExceededError") throw new Full();
    throw error;
  }
}

export const keep = (name, value) => durably(["kept"], (tx) => tx.objectStore("kept").put(value, name));
export const kept = async (name) => (await db()).get("kept", name);
export const forget = async (name) => (await db()).delete("kept", name);

// How much room is left for this site, in bytes, as far as the browser tells.
export async function room() {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota - usage;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
