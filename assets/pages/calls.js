/* The fields of the assumptions set options of the page. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.name || !field.closest("#calls-assumptions")) return;
    patroliq.setPage({ [field.name]: field.value });
  });
})(window.patroliq);
