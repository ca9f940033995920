/* Keeps the shell of the officer's page, so that it opens without a connection. Plans and visits are
 * kept by the page itself. */
"use strict";

const CACHE = "patroliq-go";
const SHELL = [
  "/go",
  "/go/manifest.webmanifest",
  "/assets/alone/officer.css",
  "/assets/alone/officer.js",
  "/assets/alone/officer.svg",
];
const PATIENCE_MS = 3000; // a weak connection may never answer

/* Pages of a proxy's sign-in do not belong to the shell. */
const isOurs = (response) => response.ok && !response.redirected;

async function keep(cache, address) {
  const response = await fetch(address);
  if (!isOurs(response)) throw new Error(`${address} is not there`);
  await cache.put(address, response);
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => Promise.all(SHELL.map((address) => keep(cache, address))))
      .then(() => self.skipWaiting())
  );
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fetched(request) {
  const response = await fetch(request);
  if (isOurs(response)) {
    const cache = await caches.open(CACHE);
    await cache.put(new URL(request.url).pathname, response.clone());
  }
  return response;
}

/* The newest from the server if it answers in time, else what is kept. A late answer is kept for the
 * next time, or a phone with a weak connection would never get an update. */
async function answer(event) {
  const newest = fetched(event.request);
  event.waitUntil(newest.catch(() => undefined));
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error("late")));
  try {
    return await Promise.race([newest, late]);
  } catch {
    const cache = await caches.open(CACHE);
    return (await cache.match(new URL(event.request.url).pathname)) ?? newest;
  }
}

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const address = new URL(url);
  if (method !== "GET" || address.origin !== self.location.origin) return;
  if (SHELL.includes(address.pathname)) event.respondWith(answer(event));
});
