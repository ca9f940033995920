/* The Temporal page: a peak of the week is many hours at once, and its button names them all. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-hours]");
    if (!button || button.disabled) return;
    const keys = button.dataset.hours.split(" ");
    patroliq.emit({ action: "choose", dimension: "hour_weekday", keys });
  });

  /* The selects follow a button that sets options. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".temporal button[data-options]");
    if (!button) return;
    for (const [name, value] of new URLSearchParams(button.dataset.options)) {
      const field = document.querySelector(`.temporal select[data-option="${name}"]`);
      if (field) field.value = value;
    }
  });
})(window.patroliq);
