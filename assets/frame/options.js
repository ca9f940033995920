/* A button with data-options sets options of its page, such as "model=zones_kmeans&version=". */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-options]");
    if (!button || button.disabled) return;
    patroliq.setPage(Object.fromEntries(new URLSearchParams(button.dataset.options)));
  });
})(window.patroliq);
