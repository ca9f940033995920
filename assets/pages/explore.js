/* The Explore page: the panel of one incident, and enlarged cards.
 *
 * A click on a row asks for the record; the panel opens with the answer. Closing it needs no request.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  function panel() {
    return document.getElementById("explore-record");
  }

  patroliq.openIncident = function (id) {
    patroliq.setPage({ incident: id });
  };

  /* The answer has arrived: open the panel, or close one whose incident is no longer in the address. */
  function showRecord(state) {
    const dialog = panel();
    if (!dialog || !state) return undefined;
    if (!state.incident) {
      if (dialog.open) dialog.close();
      return undefined;
    }
    dialog.classList.toggle("without-map", !state.layer);
    if (!dialog.open) {
      dialog.addEventListener("close", () => patroliq.keepPage({ incident: "" }), { once: true });
      dialog.showModal();
    }
    dialog.querySelector(".record-body").scrollTop = 0;
    document.getElementById("explore-record-title").focus({ preventScroll: true });
    return state.layer ? patroliq.maps.record.paint(state) : undefined;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-incident]");
    if (link && !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      patroliq.openIncident(link.dataset.incident);
    }
    const button = event.target.closest(".record [data-action], #ask [role=option][data-action]");
    if (button && button.dataset.action === "print") window.print();
    else if (panel() && (button || event.target === panel())) panel().close(); // or the backdrop
  });

  /* An enlarged card fills the window; the table then has more columns, which the server sends too. */
  function enlarge(card, large) {
    const button = card.querySelector(".enlarge");
    card.classList.toggle("enlarged", large);
    button.setAttribute("aria-expanded", String(large));
    button.textContent = large ? "Reduce" : "Enlarge";
    if (!large) button.focus();
    if (card.id === "explore-table-card") widen(large);
  }

  function widen(large) {
    if (!window.dash_ag_grid.getApi) return; // the grid is on its way
    window.dash_ag_grid.getApi("explore-table").setColumnsVisible(patroliq.further, large);
    if (large) patroliq.setPage({ large: "1" });
    else patroliq.keepPage({ large: "" });
  }

  document.addEventListener("click", (event) => {
    const card = event.target.closest(".enlarge") && event.target.closest(".card");
    if (card) enlarge(card, !card.classList.contains("enlarged"));
  });

  /* Heard before the frame closes its menus, so that Escape closes a menu of the card only. */
  function reduce(event) {
    const card = document.querySelector(".card.enlarged");
    const busy = document.querySelector("dialog[open], details.menu[open]");
    if (event.key === "Escape" && card && !busy) enlarge(card, false);
  }
  document.addEventListener("keydown", reduce, { capture: true });

  patroliq.takesLast["explore-record-state"] = showRecord;
})(window.patroliq);
