/* The only writer of the gesture store, which holds one user action at a time.
 *
 * A gesture is {n, action, …, page}. The server answers each with one response that carries the new
 * selection and every view; the next gesture waits for it, so that quick clicks are never computed
 * from an older selection (plotly/dash#1861).
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const SLOW_MS = 300;
  const LOST_MS = 20000;
  const queue = [];
  let inFlight = null;
  let count = 0;
  let visit = 0; // rises when a page is left
  let slowTimer = null;
  let lostTimer = null;
  let taken = null; // the state of the last answer
  let focused = null; // the element with keyboard focus when the gesture was sent

  /* Options of the page that are not part of the selection: levels, map mode, sort order. They are
   * kept in the URL's fragment, except those of this window (WINDOW_OPTIONS). */
  const SHARED_OPTIONS = ["theme", "narrow"]; // on every page
  const WINDOW_OPTIONS = [
    "theme", "bounds", "size", "px", "framed", "offset", "numbers", "more", "narrow", "large",
  ];
  const page = (patroliq.page = { theme: document.documentElement.dataset.bsTheme || "light" });
  readFragment();

  patroliq.readFragment = readFragment;

  function readFragment() {
    for (const name of Object.keys(page)) if (!WINDOW_OPTIONS.includes(name)) delete page[name];
    Object.assign(page, Object.fromEntries(new URLSearchParams(window.location.hash.slice(1))));
  }

  function send() {
    if (inFlight || queue.length === 0) return;
    patroliq.started = true;
    if (queue[0].action === "reset") patroliq.frameMapsAgain();
    inFlight = Object.assign(queue.shift(), { n: ++count, page: Object.assign({}, page) });
    slowTimer = window.setTimeout(() => document.body.classList.add("is-busy"), SLOW_MS);
    lostTimer = window.setTimeout(lost, LOST_MS);
    focused = focusTarget(document.activeElement);
    performance.mark("patroliq-gesture");
    if (patroliq.asks()) ask(inFlight);
    else window.dash_clientside.set_props("gesture-" + patroliq.at, { data: inFlight });
  }

  /* The page draws its answers itself. An answer that a newer gesture or page has overtaken is dropped. */
  async function ask(gesture) {
    const own = visit;
    const isHere = () => visit === own;
    const isLast = () => gesture.n === count && isHere();
    try {
      const outputs = await patroliq.ask(gesture);
      if (!isLast()) return;
      const arrived = (state) => {
        take(state);
        send();
      };
      await patroliq.show(outputs, gesture, { isHere, arrived, done: () => finish(gesture.n) });
    } catch (error) {
      if (isLast()) lost();
      throw error;
    }
  }

  /* Another page is loading: pending gestures of this one are dropped. */
  patroliq.leave = function () {
    visit += 1;
    settle();
    patroliq.forgetTold();
    queue.length = 0;
    patroliq.started = false;
    for (const name of [...Object.keys(page), "offset"]) if (!SHARED_OPTIONS.includes(name)) delete page[name];
    readFragment();
  };

  function settle() {
    window.clearTimeout(slowTimer);
    window.clearTimeout(lostTimer);
    document.body.classList.remove("is-busy");
    inFlight = null;
  }

  /* An answer rebuilds its buttons; focus returns to the one that replaced the focused one. */
  function focusTarget(element) {
    const { dimension, key, action } = element.dataset;
    const home = element.parentElement && element.parentElement.closest("[id]");
    return home && (dimension || action) ? { home: home.id, dimension, key, action } : null;
  }

  function refocus() {
    if (!focused || document.activeElement !== document.body) return;
    const buttons = [...document.getElementById(focused.home).querySelectorAll("button")];
    const replacement = buttons.find(({ dataset }) =>
      ["dimension", "key", "action"].every((name) => dataset[name] === focused[name])
    );
    const next = replacement || buttons.find((button) => !button.disabled);
    if (next) next.focus({ preventScroll: true });
  }

  /* No answer: pending gestures are dropped, so that the page does not freeze. */
  function lost() {
    settle();
    queue.length = 0;
    const notice = document.createElement("div");
    notice.className = "notice wrong";
    notice.setAttribute("role", "alert");
    notice.textContent = "The server does not answer. Check the connection and try again.";
    document.getElementById("lost").replaceChildren(notice);
  }

  patroliq.emit = function (gesture) {
    queue.push(gesture);
    send();
  };

  /* Options that the page shows already: kept in the address, without a request. */
  patroliq.keepPage = function (changes) {
    Object.assign(page, changes);
    writeFragment();
  };

  patroliq.setPage = function (changes, action) {
    patroliq.keepPage(changes);
    patroliq.emit({ action: action || "page", changed: Object.keys(changes) });
  };

  function writeFragment() {
    const kept = Object.entries(page).filter(
      ([name, value]) => !WINDOW_OPTIONS.includes(name) && value !== ""
    );
    const fragment = new URLSearchParams(kept).toString();
    const url = window.location.pathname + window.location.search + (fragment ? "#" + fragment : "");
    window.history.replaceState(window.history.state, "", url);
  }

  /* The selection as an address holds it: its text, or the short name of a long one. */
  patroliq.address = () => window.location.search.slice(1);

  /* The answer of a page that Dash draws has arrived. */
  function answered(state) {
    if (!state || (taken && state.n === taken.n)) return window.dash_clientside.no_update;
    take(state);
    window.requestAnimationFrame(() =>
      window.setTimeout(() => {
        performance.mark("patroliq-painted");
        finish(state.n);
      })
    );
    send();
    return window.dash_clientside.no_update;
  }

  /* Update the URL from the selection that an answer brings. */
  function take(state) {
    taken = state;
    restore(state.restored || {});
    const failed = state.url === undefined; // a refused gesture leaves selection and address
    const search = failed ? window.location.search : state.url && "?" + state.url;
    if (search !== window.location.search) {
      const url = window.location.pathname + search + window.location.hash;
      const open = inFlight && inFlight.action === "open";
      window.history[open ? "replaceState" : "pushState"](null, "", url);
    }
    document.getElementById("lost").replaceChildren();
    document.getElementById("newer").hidden = true;
    patroliq.state = state;
    markEmpty(state.empty || {});
    settle();
  }

  function finish(number) {
    refocus();
    performance.mark("patroliq-complete");
    document.body.dataset.answered = String(number);
  }

  /* Undo steps through a page's own filters too; a newer choice that waits to be sent stays. */
  function restore(options) {
    const waiting = queue.flatMap((gesture) => gesture.changed || []);
    const kept = Object.entries(options).filter(([name]) => !waiting.includes(name));
    if (kept.length) patroliq.keepPage(Object.fromEntries(kept));
  }

  /* Cards without anything to show say so in place of their body; others keep what they said. */
  function markEmpty(cards) {
    for (const [id, said] of Object.entries(cards)) {
      const body = document.querySelector(`#${CSS.escape(id)} .card-body`);
      if (body && said) body.dataset.empty = said;
      else if (body) delete body.dataset.empty;
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.patroliq = Object.assign(window.dash_clientside.patroliq || {}, {
    answered,
  });

  /* An element with data-dimension and data-key chooses that value; data-action names other gestures. */
  function fromElement(element, event) {
    const { dimension, key, action, mode } = element.dataset;
    if (action === "remove") return { action, dimension };
    if (action === "dismiss") return { action, keys: [key] };
    if (action === "apply") return { action, text: element.dataset.text };
    if (action === "undo" || action === "redo" || action === "reset") return { action };
    if (dimension === undefined || key === undefined) return null;
    const extend = event.shiftKey || event.ctrlKey || event.metaKey;
    return { action: mode || (extend ? "toggle" : "only"), dimension, keys: [key] };
  }

  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-action], [data-key]");
    if (!element || element.disabled) return;
    const gesture = fromElement(element, event);
    if (!gesture) return;
    event.preventDefault();
    if (!["undo", "redo", "dismiss"].includes(gesture.action)) page.offset = "0";
    patroliq.emit(gesture);
  });

  /* A form names the action it performs in data-act; its fields are sent along. */
  document.addEventListener("submit", (event) => {
    const { act } = event.target.dataset;
    if (!act) return;
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target, event.submitter));
    patroliq.emit({ action: "act", name: act, values });
  });

  /* The fields of the first and last day; while a year is typed, it has fewer than four digits. */
  const DAY_FIELDS = ["selection-first-day", "selection-last-day"];
  const FIRST_YEAR = "1900";

  function daysChanged() {
    const days = DAY_FIELDS.map((id) => document.getElementById(id).value);
    if (days.some((day) => day && day < FIRST_YEAR)) return;
    const dimension = "date";
    if (days.some(Boolean)) patroliq.emit({ action: "set", dimension, text: days.join("..") });
    else patroliq.emit({ action: "remove", dimension });
  }

  /* A text filter has its dimension in its id. */
  document.addEventListener("change", (event) => {
    const field = event.target;
    const { option } = field.dataset;
    if (option) patroliq.setPage({ [option]: field.value });
    if (DAY_FIELDS.includes(field.id)) daysChanged();
    if (!field.id || !field.id.startsWith("filter-")) return;
    const dimension = field.id.slice("filter-".length);
    const text = field.value.trim();
    patroliq.emit(text ? { action: "set", dimension, text } : { action: "remove", dimension });
  });
})(window.patroliq);
