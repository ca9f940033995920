/* The only writer of the gesture store: what the analyst just did, one at a time.
 *
 * A gesture is {n, action, …, page}. The server answers each with one response that carries the new
 * selection and every view; the next gesture waits for it, so that quick clicks are never computed
 * from an older selection (plotly/dash#1861).
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const GESTURE = "gesture";
  const SLOW_MS = 300;
  const LOST_MS = 20000;
  const queue = [];
  let inFlight = null;
  let count = 0;
  let slowTimer = null;
  let lostTimer = null;

  /* What is shown beside the selection: levels, map mode, sort order. Kept in the URL's fragment. */
  const page = (patroliq.page = Object.assign(
    { theme: document.documentElement.dataset.bsTheme || "light" },
    Object.fromEntries(new URLSearchParams(window.location.hash.slice(1)))
  ));

  function send() {
    if (inFlight || queue.length === 0) return;
    inFlight = Object.assign(queue.shift(), { n: ++count, page: Object.assign({}, page) });
    slowTimer = window.setTimeout(() => document.body.classList.add("is-busy"), SLOW_MS);
    lostTimer = window.setTimeout(lost, LOST_MS);
    performance.mark("patroliq-gesture");
    window.dash_clientside.set_props(GESTURE, { data: inFlight });
  }

  function settle() {
    window.clearTimeout(slowTimer);
    window.clearTimeout(lostTimer);
    document.body.classList.remove("is-busy");
    inFlight = null;
  }

  function lost() {
    settle();
    const notice = document.getElementById("notice-lost");
    if (notice) notice.hidden = false;
    queue.length = 0;
  }

  patroliq.emit = function (gesture) {
    queue.push(gesture);
    send();
  };

  patroliq.setPage = function (changes, action) {
    Object.assign(page, changes);
    writeFragment();
    patroliq.emit({ action: action || "page", changed: Object.keys(changes) });
  };

  function writeFragment() {
    const kept = Object.entries(page).filter(
      ([name, value]) => !["theme", "bounds", "size", "offset", "zoom"].includes(name) && value !== ""
    );
    const fragment = new URLSearchParams(kept).toString();
    const url = window.location.pathname + window.location.search + (fragment ? "#" + fragment : "");
    window.history.replaceState(window.history.state, "", url);
  }

  /* The answer has arrived: the URL follows the selection, then the next gesture may go. */
  function answered(state) {
    if (!state) return window.dash_clientside.no_update;
    const notice = document.getElementById("notice-lost");
    if (notice) notice.hidden = true;
    const search = state.text ? "?" + state.text : "";
    if (search !== window.location.search) {
      const url = window.location.pathname + search + window.location.hash;
      const open = inFlight && inFlight.action === "open";
      window.history[open ? "replaceState" : "pushState"](null, "", url);
    }
    patroliq.state = state;
    settle();
    window.requestAnimationFrame(() =>
      window.setTimeout(() => {
        performance.mark("patroliq-painted");
        document.body.dataset.answered = String(state.n);
      })
    );
    send();
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.patroliq = Object.assign(window.dash_clientside.patroliq || {}, {
    answered,
  });

  /* Anything with data-dimension and data-key can be chosen; data-action names the other gestures. */
  function fromElement(element, event) {
    const { dimension, key, action } = element.dataset;
    if (action === "remove") return { action: "remove", dimension };
    if (action === "undo" || action === "redo" || action === "reset") return { action };
    if (dimension === undefined || key === undefined) return null;
    if (action === "set") return { action: "set", dimension, text: key };
    const extend = event.shiftKey || event.ctrlKey || event.metaKey;
    return { action: extend || element.dataset.extend ? "toggle" : "only", dimension, keys: [key] };
  }

  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-action], [data-key]");
    if (!element || element.disabled) return;
    const gesture = fromElement(element, event);
    if (gesture) {
      event.preventDefault();
      patroliq.emit(gesture);
    } else if (element.dataset.page !== undefined) {
      patroliq.setPage({ [element.dataset.page]: element.dataset.value, offset: "0" });
    }
  });

  document.addEventListener("change", (event) => {
    const element = event.target;
    if (element.dataset.page !== undefined) {
      patroliq.setPage({ [element.dataset.page]: element.value, offset: "0" });
    } else if (element.dataset.dimension !== undefined && element.dataset.action === "set") {
      patroliq.emit(
        element.value === ""
          ? { action: "remove", dimension: element.dataset.dimension }
          : { action: "set", dimension: element.dataset.dimension, text: element.value }
      );
    }
  });

  window.addEventListener("popstate", () => {
    patroliq.emit({ action: "open", text: window.location.search.slice(1) });
  });

  /* Dash's renderer is there once the gesture store is; then the URL is read, once. */
  function open() {
    const ready = window.dash_clientside.set_props && document.getElementById("page-ready");
    if (!ready) return window.setTimeout(open, 20);
    return patroliq.emit({ action: "open", text: window.location.search.slice(1) });
  }
  open();
})(window.patroliq);
