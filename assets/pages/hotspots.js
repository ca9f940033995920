window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  /* A select keeps its choice when its entries change, such as after training. */
  function keep(field) {
    const value = patroliq.page[field.dataset.option];
    const known = [...field.options].some((entry) => entry.value === value);
    if (field.options.length) field.value = known ? value : field.options[0].value;
  }

  patroliq.arrivals.push((page) => {
    if (page.dataset.page !== "hotspots") return;
    for (const field of page.querySelectorAll("select[data-option]")) {
      const watching = { childList: true, subtree: true, attributes: true, characterData: true };
      new window.MutationObserver(() => keep(field)).observe(field, watching);
    }
  });

  /* An added zone is a drawn area: one click selects it, the next one removes it. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-polygon]");
    if (!button) return;
    const dimension = "polygon";
    const chosen = button.getAttribute("aria-pressed") === "true";
    if (chosen) patroliq.emit({ action: "remove", dimension });
    else patroliq.emit({ action: "set", dimension, text: button.dataset.polygon });
  });
})(window.patroliq);
