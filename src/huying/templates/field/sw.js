{% load static %}// Keeps the app on the phone, and nothing that is about anybody. Made anew with each build.
const NAME = "huying-field-{{ version|escapejs }}";
const FILES = [{% for file in files %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const SHELL = "{% url "field" %}";
const OURS = new Set(FILES);

const bring = async () => {
  const cache = await caches.open(NAME);
  await cache.addAll([...FILES, new Request(SHELL, { cache: "reload", credentials: "same-origin" })]);
};

self.addEventListener("install", (event) => event.waitUntil(bring()));

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("huying-field-") && name !== NAME) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  if (event.data === "renew") {
    event.waitUntil(
      (async () => {
        const cache = await caches.open(NAME);
        await cache.add(new Request(SHELL, { cache: "reload", credentials: "same-origin" }));
        event.ports[0]?.postMessage("done");
      })(),
    );
  }
});

// The app comes from the phone; everything else, every answer about a case, from the server alone.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname.startsWith(SHELL)) event.respondWith(kept(SHELL, request));
  else if (OURS.has(url.pathname)) event.respondWith(kept(request, request));
});

async function kept(key, request) {
  const cache = await caches.open(NAME);
  return (await cache.match(key)) ?? fetch(request);
}
