/**
 * The service worker: the app itself opens without a network. It holds the files of the app and nothing else: figures
 * never pass through it, they are kept encrypted by the page.
 */

declare const self: ServiceWorkerGlobalScope;
/** Written here by the build: a name that changes with any file, and the paths of all files. */
declare const __SHELL__: { name: string; paths: string[] };

const SHELL = __SHELL__;
const CACHE = `vigie-${SHELL.name}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(SHELL.paths.map((path) => new Request(path, { cache: "no-cache" })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const path = request.mode === "navigate" && pathname === "/" ? "/" : pathname;
  if (SHELL.paths.includes(path)) event.respondWith(held(path, request));
});

async function held(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}
