/* The Temporal page: the button of a peak selects all of its hours at once. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-hours]");
    if (!button || button.disabled) return;
    const keys = button.dataset.hours.split(" ");
    patroliq.emit({ action: "choose", dimension: "hour_weekday", keys });
  });

  /* A button that sets options also updates their selects. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".temporal button[data-options]");
    if (!button) return;
    for (const [name, value] of new URLSearchParams(button.dataset.options)) {
      const field = document.querySelector(`.temporal select[data-option="${name}"]`);
      if (field) field.value = value;
    }
  });
})(window.patroliq);
