/* Page changes: the address names the page, the server lays it out, then the bus opens it.
 *
 * A navigation link changes the page and keeps the selection; Back and Forward change both.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const MAP_LATE_MS = 3000;
  const POLL_MS = 2000;
  let requests = 0; // pages requested so far; a newer request overtakes an older one
  let pollTimer = null;

  function arrive() {
    const number = ++requests;
    const path = window.location.pathname;
    patroliq.leave();
    if (!laidOut(path)) patroliq.forgetMaps();
    patroliq.at = null;
    patroliq.path = path;
    markLink(path);
    if (!laidOut(path)) window.dash_clientside.set_props("path", { data: path });
    open(number, path, performance.now() + MAP_LATE_MS);
  }

  /* The page that was opened first comes with the frame. */
  function laidOut(path) {
    return document.querySelector(`#page [data-path="${CSS.escape(path)}"]`);
  }

  /* Once the page is laid out and its map has its zoom, the address is read, once. */
  function open(number, path, late) {
    if (number !== requests) return undefined;
    const page = laidOut(path);
    if (!page || !stands(page, late)) {
      if (document.querySelector("#page .empty-page")) return undefined;
      return window.setTimeout(() => open(number, path, late), 15);
    }
    patroliq.at = page.dataset.page;
    document.title = page.dataset.title + " · PatrolIQ";
    showOptions(page);
    for (const tell of patroliq.arrivals) tell(page);
    return patroliq.emit({ action: "open", text: window.location.search.slice(1) });
  }

  function stands(page, late) {
    return patroliq.mapsStand(page) || performance.now() > late;
  }

  /* The drop-down lists show the options in the address. */
  function showOptions(page) {
    for (const field of page.querySelectorAll("[data-option]")) {
      const value = patroliq.page[field.dataset.option];
      if (value !== undefined) field.value = value;
    }
  }

  function markLink(path) {
    for (const link of document.querySelectorAll("a.rail-link")) {
      if (link.getAttribute("href") === path) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /* Links between pages carry the selection, and options of their own in their fragment. */
  document.addEventListener("click", (event) => {
    const beside = event.target.closest('a[data-document="selection"]');
    if (beside) beside.search = window.location.search;
    const link = event.target.closest("a.rail-link:not([data-document]), a[data-goto]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const to = new URL(link.href);
    const search = to.search || window.location.search;
    window.history.pushState(null, "", to.pathname + search + to.hash);
    arrive();
  });

  window.addEventListener("popstate", () => {
    if (window.location.pathname !== patroliq.path) return arrive();
    patroliq.readFragment();
    return patroliq.emit({ action: "open", text: window.location.search.slice(1), again: true });
  });

  /* A page that shows jobs in progress has data-poll and is refreshed until they end. */
  function poll() {
    window.clearTimeout(pollTimer);
    pollTimer = window.setTimeout(() => {
      if (patroliq.at && !document.hidden && document.querySelector("#page [data-poll]")) {
        patroliq.emit({ action: "page", changed: ["poll"] });
      }
      poll();
    }, POLL_MS);
  }

  function start() {
    const ready = window.dash_clientside.set_props && document.getElementById("page");
    if (!ready) return window.setTimeout(start, 15);
    poll();
    return arrive();
  }
  start();
})(window.patroliq);
