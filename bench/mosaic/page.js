/*
 * The views of Explore made with Mosaic's vgplot.
 *
 * Every plot is filtered by one cross-filter selection and sets one of its clauses. Query
 * consolidation, the cache of results and pre-aggregation are on, as they are by default.
 * `window.peer` is what the benchmark reads; it does nothing while a gesture is answered, except
 * to mark the frame after each drawing.
 */
import { makeClient } from "@uwdata/mosaic-core";
import * as vg from "@uwdata/vgplot";

const TABLE = "incidents";
const selection = vg.Selection.crossfilter();
const shape = await (await fetch("shape.json")).json(); // extent and width of bins

/* Counts what is asked of DuckDB, and which cubes did not exist before. */
class CountingConnector extends vg.RestConnector {
  open = 0;
  cubes = new Set();

  async query(query) {
    this.open += 1;
    for (const [, name] of query.sql.matchAll(/CREATE TABLE IF NOT EXISTS (\S+)/g))
      this.cubes.add(name);
    try {
      return await super.query(query);
    } finally {
      this.open -= 1;
    }
  }
}

const connector = new CountingConnector({ uri: "/query" });
vg.coordinator().databaseConnector(connector);
const quiet = () => {}; // a line for every request would take time
const { warn, error } = console;
vg.coordinator().logger({ debug: quiet, info: quiet, log: quiet, warn, error });

const rows = () => vg.from(TABLE, { filterBy: selection });
const bars = (field) => [
  vg.barX(rows(), { x: vg.count(), y: field, fill: "steelblue", sort: { y: "-x" } }),
  vg.toggleY({ as: selection }),
  vg.xLabel(null),
  vg.yLabel(null),
  vg.yScale("band"),
  vg.marginLeft(190),
  vg.width(380),
];

const views = {
  map: {
    keys: ["x1", "y1"],
    count: "fill",
    plot: vg.plot(
      vg.rect(rows(), {
        x1: "cell_column",
        x2: vg.sql`"cell_column" + 1`,
        y1: "cell_row",
        y2: vg.sql`"cell_row" + 1`,
        fill: vg.count(),
      }),
      vg.toggle({ as: selection, channels: ["x", "y"] }),
      vg.colorScheme("blues"),
      vg.xDomain(shape.columns),
      vg.yDomain(shape.rows),
      vg.axis(null),
      vg.width(480),
      vg.height(600),
    ),
  },
  heatmap: {
    keys: ["y", "x"],
    count: "fill",
    plot: vg.plot(
      vg.cell(rows(), { x: "hour", y: "weekday", fill: vg.count() }),
      vg.toggle({ as: selection, channels: ["y", "x"] }),
      vg.colorScheme("blues"),
      vg.width(520),
      vg.height(200),
    ),
  },
  hours: {
    keys: ["x"],
    count: "y",
    plot: vg.plot(
      vg.barY(rows(), { x: "hour", y: vg.count(), fill: "steelblue" }),
      vg.toggleX({ as: selection }),
      vg.marginLeft(60),
      vg.width(520),
      vg.height(150),
    ),
  },
  weekdays: {
    keys: ["y"],
    count: "x",
    plot: vg.plot(
      vg.barX(rows(), { x: vg.count(), y: "weekday", fill: "steelblue" }),
      vg.width(520),
      vg.height(180),
    ),
  },
  types: { keys: ["y"], count: "x", plot: vg.plot(...bars("type"), vg.height(350)) },
  districts: { keys: ["y"], count: "x", plot: vg.plot(...bars("district"), vg.height(260)) },
  timeline: {
    keys: ["x1"],
    count: "y",
    plot: vg.plot(
      vg.rectY(rows(), {
        x1: "period",
        x2: vg.sql`"period" + ${shape.width}`,
        y: vg.count(),
        fill: "steelblue",
        inset: 0,
      }),
      vg.intervalX({ as: selection, field: "period" }),
      vg.xDomain([new Date(shape.first), new Date(shape.last)]),
      vg.xScale("utc"),
      vg.marginLeft(60),
      vg.width(1400),
      vg.height(170),
    ),
  },
};

/* As in Explore, hours own the clauses on cells of the heatmap, and the heatmap those on hours. */
const marksOf = (...names) => new Set(names.flatMap((name) => views[name].plot.value.marks));
views.heatmap.plot.value.markset = marksOf("heatmap", "hours", "weekdays");
views.hours.plot.value.markset = marksOf("hours", "heatmap");

const headline = {};
makeClient({
  selection,
  query: (filter) =>
    vg.Query.from(TABLE).select({ incidents: vg.count(), arrests: vg.sum("arrest") }).where(filter),
  queryResult: (data) => {
    const [{ incidents, arrests }] = data.toArray();
    Object.assign(headline, { incidents: Number(incidents), arrests: Number(arrests) });
    const share = ((100 * headline.arrests) / (headline.incidents || 1)).toFixed(1);
    document.getElementById("headline").textContent =
      `${headline.incidents.toLocaleString()} incidents, ${share}% with an arrest`;
  },
});

for (const [name, { plot }] of Object.entries(views))
  document.getElementById(name).replaceChildren(plot);

/* Painted: the frame after something was drawn, by the same two steps as in Explore. */
let input = 0;
let drawn = 0;
let painted = 0;
let waiting = 0;
new MutationObserver(() => {
  drawn = performance.now();
  waiting += 1;
  requestAnimationFrame(() =>
    setTimeout(() => {
      waiting -= 1;
      painted = performance.now();
    }),
  );
}).observe(document.body, { childList: true, subtree: true });
for (const kind of ["pointerup", "click"])
  document.addEventListener(kind, (event) => (input = event.timeStamp), true);

const plain = (value) =>
  typeof value === "bigint" || value instanceof Date ? Number(value) : value;
const markOf = (view) => view.plot.value.marks[0];
const columnOf = (view, channel) => markOf(view).data.columns[markOf(view).channelField(channel).as];
const bin = (view, at) => view.keys.map((key) => plain(columnOf(view, key)[at]));
const isIdle = () =>
  "incidents" in headline &&
  !connector.open &&
  !waiting &&
  !vg.coordinator().manager.pendingResults.length &&
  Object.values(views).every(({ plot }) => !plot.value.pendingRender && markOf({ plot }).data);

window.peer = {
  start() {
    input = painted = drawn = 0;
    this.before = connector.cubes.size;
  },

  /* Waits until nothing was asked or drawn for a time; milliseconds since the page was opened. */
  async settled(quietMs, patienceMs) {
    const began = performance.now();
    let since = began;
    while (performance.now() - since < quietMs) {
      if (!isIdle()) since = performance.now();
      if (performance.now() - began > patienceMs) throw new Error("the views go on changing");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { input, painted, cubes: connector.cubes.size - (this.before ?? 0) };
  },

  /* Middles of a view's marks that are large enough to click, the first drawn first. */
  marks(name) {
    const view = views[name];
    return [...view.plot.querySelectorAll('[data-index="0"] rect')]
      .map((mark) => ({ bin: bin(view, mark.__data__), box: mark.getBoundingClientRect() }))
      .filter(({ box }) => box.width >= 2 && box.height >= 2)
      .map(({ bin, box }) => [bin, box.left + box.width / 2, box.top + box.height / 2]);
  },

  /* Where a moment is on the timeline; a point of a plot without a mark. */
  moment(ms) {
    const svg = views.timeline.plot.querySelector("svg");
    const box = svg.getBoundingClientRect();
    return [box.left + svg.scale("x").apply(new Date(ms)), box.top + box.height / 2];
  },
  corner(name) {
    const box = views[name].plot.querySelector("svg").getBoundingClientRect();
    return [box.left + 2, box.top + 2];
  },

  counts(name) {
    const view = views[name];
    const numbers = Array.from(columnOf(view, view.count), Number);
    return numbers.map((number, at) => [bin(view, at), number]);
  },
  headline: () => headline,

  /* Values of the clauses by view: bins that were clicked, or both ends of the brush. */
  chosen() {
    const found = {};
    for (const [name, { plot }] of Object.entries(views))
      for (const { value } of plot.value.interactors)
        if (value) found[name] = value.map((one) => [one].flat().map(plain));
    return found;
  },
};
