/* Says that newer data is served than the page shows. Any next click shows it; the notice has one.
 *
 * Looks only while the page is seen and used: a look must not keep a session from being locked.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const LOOK_MS = 20000;
  const { person, asItWas } = document.documentElement.dataset;
  if (asItWas) return; // kept data does not change
  let used = Date.now();

  async function look() {
    const shown = patroliq.state && patroliq.state.snapshot;
    if (!shown || document.hidden || (person && Date.now() - used > LOOK_MS)) return;
    const answer = await window.fetch("/ready").catch(() => null);
    if (!answer || !answer.ok) return;
    const { status, snapshot } = await answer.json();
    const isServed = status === "ready" || status === "degraded";
    const isNewer = isServed && snapshot > patroliq.state.snapshot; // ids sort by time
    document.getElementById("newer").hidden = !isNewer;
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-newer]")) return;
    patroliq.emit({ action: "page", changed: ["newer"] });
  });
  for (const kind of ["pointerdown", "keydown", "wheel", "pointermove"])
    window.addEventListener(kind, () => (used = Date.now()), { passive: true, capture: true });
  document.addEventListener("visibilitychange", look);
  window.setInterval(look, LOOK_MS);
})(window.patroliq);
