/* An added zone of the list is a drawn area: a click chooses it, a second one takes it away. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-polygon]");
    if (!button) return;
    const dimension = "polygon";
    const chosen = button.getAttribute("aria-pressed") === "true";
    if (chosen) patroliq.emit({ action: "remove", dimension });
    else patroliq.emit({ action: "set", dimension, text: button.dataset.polygon });
  });
})(window.patroliq);
