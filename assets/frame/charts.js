/* Gestures on Plotly charts, read from the chart's own events rather than from Dash's selectedData.
 *
 * selectedData reports an empty selection whenever a figure is redrawn, which would erase the brush;
 * raw events do so too, but those without points are ignored.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const DAY_MS = 86400000;
  const LEAST_DRAG = 8; // px; less is a click, as Plotly has it

  function extend(event) {
    return Boolean(event && (event.shiftKey || event.ctrlKey || event.metaKey));
  }

  /* Each trace has its dimension in `meta`, each mark its value in `customdata`. */
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

  /* The second click of a double click arrives after the double click, which has cleared the choice. */
  function clicked(event) {
    if (event.event && event.event.detail > 1) return undefined;
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

  function brushed(graph, range) {
    if (isTimeline(graph) && range.x) {
      const text = touchedDays(graph, range.x);
      if (text) patroliq.emit({ action: "set", dimension: "date", text });
    } else if (!isTimeline(graph)) {
      const action = extend(patroliq.lastPointer) ? "add" : "choose";
      const boxed = marksIn(graph, range);
      if (boxed) patroliq.emit(Object.assign({ action }, boxed));
    }
  }

  /* A box over a timeline selects every bar it touches, whole: each bar names its days. */
  function touchedDays(graph, ends) {
    const [from, to] = ends.map(isoDay).sort();
    const bars = graph.data.find((trace) => trace.meta === "date").customdata;
    const touched = bars.map((days) => days.split("..")).filter((days) => days[0] <= to && days.at(-1) >= from);
    return touched.length ? `${touched[0][0]}..${touched.at(-1).at(-1)}` : null;
  }

  /* Plotly reports a box only after its throttle of 100 ms; the pointer's position is known at once. */
  let press = null; // where the button went down on a chart, and the box it drew last

  function pressed(event) {
    const area = event.target.closest(".js-plotly-plot[data-listening] .nsewdrag");
    const graph = area && area.closest(".js-plotly-plot");
    press = graph && !event.button ? { graph, area, x: event.clientX, y: event.clientY } : null;
  }

  function released(event) {
    patroliq.lastPointer = event;
    const range = press && boxBetween(press, event);
    if (range) brushed(press.graph, range);
    if (press) press.told = Boolean(range);
  }

  function boxBetween({ graph, area, x, y }, end) {
    const plot = graph._fullLayout._plots[area.parentNode.getAttribute("class")];
    const moved = Math.max(Math.abs(end.clientX - x), Math.abs(end.clientY - y));
    if (!plot || moved < LEAST_DRAG || graph._fullLayout.dragmode !== "select") return null;
    const box = graph.getBoundingClientRect();
    const values = (axis, ends, origin) =>
      ends.map((at) => axis.p2r(Math.min(Math.max(at - origin - axis._offset, 0), axis._length)));
    const range = {};
    if (plot.xaxis._id === "x") range.x = values(plot.xaxis, [x, end.clientX], box.left);
    if (plot.yaxis._id === "y") range.y = values(plot.yaxis, [y, end.clientY], box.top);
    return range;
  }

  /* A box selects every cell and bar it touches: hours are at 0 to 23, weekdays at 1 to 7 in the
   * order of the week; the keys of the cells tell which. */
  function marksIn(graph, range) {
    const words = graph.data.find((trace) => trace.meta === "hour_weekday").customdata;
    const hours = range.x && touched(range.x, 0, 23);
    const rows = range.y && touched(range.y, 1, 7);
    if (hours && rows) {
      const keys = rows.flatMap((row) => hours.map((hour) => words[24 * (row - 1) + hour]));
      return { dimension: "hour_weekday", keys };
    }
    if (hours) return { dimension: "hour", keys: hours.map(String) };
    const weekdays = (rows || []).map((row) => words[24 * (row - 1)].split("-")[0]);
    return rows ? { dimension: "weekday", keys: weekdays } : null;
  }

  function touched(ends, least, most) {
    const [from, to] = ends.map(Math.round).sort((one, other) => one - other);
    const marks = [];
    for (let at = Math.max(from, least); at <= Math.min(to, most); at++) marks.push(at);
    return marks.length ? marks : null;
  }

  function isTimeline(graph) {
    return graph.data.some((trace) => trace.meta === "date");
  }

  /* The figure marks the chosen values, so the selection box is removed. */
  function clearBrush(graph) {
    if (graph.layout.selections && graph.layout.selections.length) {
      window.Plotly.relayout(graph, { selections: [] });
    }
  }

  function attach(graph) {
    graph.dataset.listening = "yes";
    graph.on("plotly_click", clicked);
    graph.on("plotly_selected", (event) => {
      const told = press && press.graph === graph && press.told;
      if (!told && event && event.range) brushed(graph, event.range); // a finger drew it
      clearBrush(graph);
    });
  }

  function attachAll() {
    for (const graph of document.querySelectorAll(".js-plotly-plot:not([data-listening])")) {
      if (graph.on && !graph.closest(".own-gestures")) attach(graph);
    }
  }

  /* A double click removes the chart's own clause. Plotly's deselect event mistakes any two quick
   * clicks for a double click, wherever they were, and misses some; the browser's count does neither. */
  function doubleClicked(event) {
    const graph = event.detail === 2 && event.target.closest(".js-plotly-plot[data-listening]");
    if (!graph) return;
    const dimension = isTimeline(graph) ? "date" : "hour_weekday";
    patroliq.emit({ action: "remove", dimension });
  }

  document.addEventListener("click", doubleClicked);
  document.addEventListener("mousedown", pressed, true);
  document.addEventListener("mouseup", released, true);
  new MutationObserver(attachAll).observe(document, { childList: true, subtree: true });

  patroliq.attachCharts = attachAll;
})(window.patroliq);
