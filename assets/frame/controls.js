/* Controls outside the selection: drop-down lists, pager, sort order, theme, the panel of more filters. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const ROWS = 50;

  document.addEventListener("change", (event) => {
    if (event.target.dataset.option === "map") patroliq.map.show();
  });

  function turn(step) {
    const offset = Math.max(0, Number(patroliq.page.offset || 0) + step * ROWS);
    patroliq.setPage({ offset: String(offset) });
  }

  function setTheme(theme) {
    document.documentElement.dataset.bsTheme = theme;
    window.localStorage.setItem("patroliq-theme", theme);
    if (patroliq.state) patroliq.setPage({ theme });
    else patroliq.page.theme = theme;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.disabled) return;
    if (button.id === "explore-table-previous") turn(-1);
    if (button.id === "explore-table-next") turn(1);
    if (button.dataset.action === "theme") {
      setTheme(document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
    }
  });

  /* A phone gets the incidents as a list. */
  const phone = window.matchMedia("screen and (max-width: 760px)");
  function fit() {
    const narrow = phone.matches ? "1" : "";
    if ((patroliq.page.narrow || "") === narrow) return;
    if (patroliq.state) patroliq.setPage({ narrow });
    else patroliq.page.narrow = narrow;
  }
  phone.addEventListener("change", fit);
  fit();

  document.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.matches("details.more")) return;
      patroliq.setPage({ more: event.target.open ? "1" : "" });
    },
    true
  );

  /* The server sorts; the grid only reports the column that was clicked. It loads late. */
  function listenToGrid(page) {
    if (!page.isConnected) return undefined;
    if (!page.querySelector("#explore-table .ag-header")) {
      return window.setTimeout(() => listenToGrid(page), 100);
    }
    const api = window.dash_ag_grid.getApi("explore-table");
    patroliq.further = api.getColumns().filter((column) => column.getColDef().hide);
    api.addEventListener("rowClicked", ({ data }) => {
      if (!String(window.getSelection())) patroliq.openIncident(data.id);
    });
    api.addEventListener("cellKeyDown", ({ data, event }) => {
      if (event.key === "Enter") patroliq.openIncident(data.id);
    });
    return api.addEventListener("sortChanged", () => {
      const column = api.getColumnState().find((one) => one.sort);
      patroliq.setPage({
        sort: column ? column.colId : "occurred_from",
        desc: column && column.sort === "asc" ? "0" : "1",
        offset: "0",
      });
    });
  }

  patroliq.arrivals = [
    (page) => {
      if (page.dataset.page === "explore") listenToGrid(page);
    },
  ];
})(window.patroliq);
