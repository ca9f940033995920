/* A peak of the week is many hours at once: its button names them all. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-hours]");
    if (!button || button.disabled) return;
    const keys = button.dataset.hours.split(" ");
    patroliq.emit({ action: "choose", dimension: "hour_weekday", keys });
  });
})(window.patroliq);
