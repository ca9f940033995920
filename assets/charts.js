/* Plotly charts: listen to the chart itself, so that a redrawn chart never erases its own brush.
 *
 * Dash's selectedData echoes an empty selection whenever a figure is redrawn; raw events do so too,
 * and those without points are simply not a gesture.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const DAY_MS = 86400000;

  function extend(event) {
    return Boolean(event && (event.shiftKey || event.ctrlKey || event.metaKey));
  }

  /* Each trace names its dimension in `meta`, each mark its word in `customdata`. */
  function keysByDimension(points) {
    const keys = {};
    for (const point of points) {
      const dimension = point.data.meta;
      if (!dimension || point.customdata === undefined) continue;
      (keys[dimension] = keys[dimension] || []).push(String(point.customdata));
    }
    return keys;
  }

  function chosenDimension(keys) {
    return ["hour_weekday", "hour", "weekday"].find((name) => keys[name]);
  }

  function clicked(event) {
    const bar = event.points.find((point) => point.data.meta === "date");
    if (bar) return patroliq.emit({ action: "set", dimension: "date", text: bar.customdata });
    const keys = keysByDimension(event.points);
    const dimension = chosenDimension(keys);
    if (!dimension) return undefined;
    const action = extend(event.event) ? "toggle" : "only";
    return patroliq.emit({ action, dimension, keys: keys[dimension] });
  }

  function isoDay(value) {
    const text = String(value).replace(" ", "T");
    const stamp = typeof value === "number" ? value : Date.parse(text.length > 10 ? text + "Z" : text);
    return new Date(Math.floor(stamp / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
  }

  function brushed(graph, event) {
    const range = event && event.range && event.range.x;
    if (isTimeline(graph) && range) {
      const [from, to] = range.map(isoDay).sort();
      patroliq.emit({ action: "set", dimension: "date", text: `${from}..${to}` });
    } else if (!isTimeline(graph) && event && event.points && event.points.length) {
      const keys = keysByDimension(event.points);
      const dimension = chosenDimension(keys);
      const action = extend(patroliq.lastPointer) ? "add" : "choose";
      if (dimension) patroliq.emit({ action, dimension, keys: keys[dimension] });
    }
    clearBrush(graph);
  }

  function isTimeline(graph) {
    return graph.data.some((trace) => trace.meta === "date");
  }

  /* The clause is drawn by the figure; the rubber band has done its work. */
  function clearBrush(graph) {
    if (graph.layout.selections && graph.layout.selections.length) {
      window.Plotly.relayout(graph, { selections: [] });
    }
  }

  function attach(graph) {
    graph.dataset.listening = "yes";
    graph.on("plotly_click", clicked);
    graph.on("plotly_selected", (event) => brushed(graph, event));
    graph.on("plotly_doubleclick", () => {
      const dimension = isTimeline(graph) ? "date" : "hour_weekday";
      patroliq.emit({ action: "remove", dimension });
    });
  }

  function attachAll() {
    for (const graph of document.querySelectorAll(".js-plotly-plot:not([data-listening])")) {
      if (graph.on) attach(graph);
    }
  }

  document.addEventListener("pointerup", (event) => (patroliq.lastPointer = event), true);
  new MutationObserver(attachAll).observe(document, { childList: true, subtree: true });

  patroliq.attachCharts = attachAll;
})(window.patroliq);
