// The service worker: keeps the app itself on the phone, and says when there is a newer one.
import { button, config, h, note, w } from "./dom.js";

let wanted = false;

function offer(worker) {
  const place = document.getElementById("update");
  place.replaceChildren(
    note(
      "warn",
      "refresh",
      h("p", null, w("new_version")),
      button("refresh", w("update_now"), () => {
        wanted = true;
        worker.postMessage("take over");
      }),
    ),
  );
}

export async function startUpdating() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (wanted) location.reload();
  });
  try {
    const here = await navigator.serviceWorker.register(config.worker, { scope: config.home, updateViaCache: "none" });
    if (here.waiting && navigator.serviceWorker.controller) offer(here.waiting);
    here.addEventListener("updatefound", () => {
      const worker = here.installing;
      worker?.addEventListener("statechange", () => {
        if (worker.state === "installed" && navigator.serviceWorker.controller) offer(worker);
      });
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) here.update().catch(() => {});
    });
  } catch {
    // Without it everything works but opening the app without a connection.
  }
}

// The app in another language is another page to keep.
export async function renew() {
  const here = await navigator.serviceWorker?.getRegistration(config.home);
  if (!here?.active) return;
  const done = new MessageChannel();
  const told = new Promise((resolve) => {
    done.port1.onmessage = resolve;
    setTimeout(resolve, 5000);
  });
  here.active.postMessage("renew", [done.port2]);
  await told;
}
