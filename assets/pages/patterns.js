/* A lasso or box on the embedding selects the cells whose centers are inside.
 *
 * The figure's layout.meta has the grid and the cells with incidents; only those are selected, so that
 * the filter stays short. Shift adds to the selection, a double click clears it.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  function inside(polygon, x, y) {
    let found = false;
    for (let i = 0, j = polygon.x.length - 1; i < polygon.x.length; j = i++) {
      const above = polygon.y[i] > y !== polygon.y[j] > y;
      const slope = (polygon.x[j] - polygon.x[i]) / (polygon.y[j] - polygon.y[i]);
      if (above && x < polygon.x[i] + slope * (y - polygon.y[i])) found = !found;
    }
    return found;
  }

  function cellsIn(lasso, polygon) {
    return lasso.occupied.filter((cell) => {
      const x = lasso.left + ((cell % lasso.cells) + 0.5) * lasso.size;
      const y = lasso.bottom + (Math.floor(cell / lasso.cells) + 0.5) * lasso.size;
      return inside(polygon, x, y);
    });
  }

  function polygonOf(event) {
    if (event && event.lassoPoints) return event.lassoPoints;
    if (!event || !event.range || !event.range.x) return null;
    const [[left, right], [bottom, top]] = [event.range.x, event.range.y];
    return { x: [left, right, right, left], y: [bottom, bottom, top, top] };
  }

  let shift = false; // when the mouse button was released

  function selected(graph, event) {
    const polygon = polygonOf(event);
    const lasso = graph.layout.meta && graph.layout.meta.lasso;
    if (!polygon || !lasso) return;
    const keys = cellsIn(lasso, polygon).map(String);
    const action = shift ? "add" : "choose";
    if (keys.length) patroliq.emit({ action, dimension: lasso.dimension, keys });
    if (graph.layout.selections && graph.layout.selections.length) {
      window.Plotly.relayout(graph, { selections: [] });
    }
  }

  function attachAll() {
    for (const graph of document.querySelectorAll(".own-gestures .js-plotly-plot")) {
      if (!graph.on || graph.dataset.lasso) continue;
      graph.dataset.lasso = "yes";
      graph.on("plotly_selected", (event) => selected(graph, event));
    }
  }

  function doubleClicked(event) {
    const graph = event.detail === 2 && event.target.closest(".js-plotly-plot[data-lasso]");
    const lasso = graph && graph.layout.meta && graph.layout.meta.lasso;
    if (lasso) patroliq.emit({ action: "remove", dimension: lasso.dimension });
  }

  document.addEventListener("mouseup", (event) => (shift = event.shiftKey), true);
  document.addEventListener("click", doubleClicked);
  new MutationObserver(attachAll).observe(document, { childList: true, subtree: true });
})(window.patroliq);
