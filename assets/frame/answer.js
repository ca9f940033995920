/* Asks for the answer to a gesture on a page that draws it by itself, and shows it in one frame.
 *
 * It sends what Dash's renderer would send and takes the same answer. The renderer takes a step for each
 * output, and in each asks every component of the page whether it changes; here charts, map, lists and
 * headline are written and painted at once. Dash is then told what has changed of the rest: the page of
 * incidents, and the frame with its chips and sentence.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const UPDATE = "/_dash-update-component";
  const STATE = "selection";
  const PATCH = "__dash_patch_update";
  const CHART = "figure";
  const MAP_MS = 300; // the rest does not wait longer for a map whose geometry is on its way
  const told = new Map(); // property of a component → the value that Dash has, as text
  const waiting = new Map(); // property of a component → what Dash is told after the paint
  patroliq.takes = {}; // id of a store → the function that takes its data
  patroliq.takesLast = {}; // the same, once Dash has drawn what else the answer has

  /* A page that is drawn here names the callback that answers its gestures. */
  patroliq.asks = () => {
    const page = patroliq.at && document.querySelector(`#page [data-page="${patroliq.at}"]`);
    return page && page.dataset.asks;
  };

  function request(output, gesture) {
    const outputs = output.slice(2, -2).split("...").map((place) => {
      const name = place.split("@")[0];
      const dot = name.lastIndexOf(".");
      return { id: name.slice(0, dot), property: name.slice(dot + 1) };
    });
    const store = `gesture-${patroliq.at}`;
    return {
      output,
      outputs,
      inputs: [{ id: store, property: "data", value: gesture }],
      changedPropIds: [`${store}.data`],
      state: [{ id: STATE, property: "data", value: patroliq.state || null }],
    };
  }

  /* The answer's outputs. */
  patroliq.ask = async function (gesture) {
    const response = await window.fetch(UPDATE, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/json" },
      body: JSON.stringify(request(patroliq.asks(), gesture)),
    });
    if (!response.ok) throw new Error(`${UPDATE} answered ${response.status}`);
    return (await response.json()).response;
  };

  /* Fields that somebody may have typed into are set again by answers to what was typed. */
  function isTyped(id, gesture) {
    const element = document.getElementById(id);
    return ["set", "remove"].includes(gesture.action) && element && element.querySelector("input");
  }

  function tell(id, property, value, gesture) {
    const place = `${id}.${property}`;
    const text = JSON.stringify(value);
    if (told.get(place) === text && !isTyped(id, gesture)) return;
    told.set(place, text);
    if (id !== STATE && !document.getElementById(id)) return;
    window.dash_clientside.set_props(id, { [property]: value });
  }

  function withValue(whole, [step, ...rest], value) {
    const copy = Array.isArray(whole) ? whole.slice() : { ...whole };
    copy[step] = rest.length ? withValue(whole[step], rest, value) : value;
    return copy;
  }

  function isThere(whole, location, value) {
    const found = location.reduce((part, step) => part && part[step], whole);
    return JSON.stringify(found) === JSON.stringify(value);
  }

  /* A chart that stands takes a whole figure, or only the values that differ from those it shows. */
  function drawChart(id, figure) {
    const graph = document.querySelector(`#${CSS.escape(id)} .js-plotly-plot`);
    if (!graph || !graph.data) return window.dash_clientside.set_props(id, { figure });
    if (figure[PATCH]) return patchChart(graph, figure.operations);
    return window.Plotly.react(graph, figure.data, figure.layout);
  }

  function patchChart(graph, operations) {
    const { data, layout } = graph;
    const changes = operations
      .map(({ location, params }) => [location, params.value])
      .filter(([location, value]) => !isThere({ data, layout }, location, value));
    if (!changes.length) return undefined;
    const figure = changes.reduce((whole, change) => withValue(whole, ...change), { data, layout });
    return window.Plotly.react(graph, figure.data, figure.layout);
  }

  function isDrawn([id, property]) {
    const element = document.getElementById(id);
    const isList = property === "children" && element && "drawn" in element.dataset;
    return Boolean(patroliq.takes[id] || patroliq.takesLast[id] || property === CHART || isList);
  }

  async function draw([id, property, value]) {
    if (patroliq.takes[id]) return patroliq.takes[id](value);
    return property === CHART ? drawChart(id, value) : patroliq.draw(document.getElementById(id), value);
  }

  /* Another page comes: nothing of this one is told any more, or known to be told. */
  patroliq.forgetTold = function () {
    told.clear();
    waiting.clear();
  };

  /* What React has been told is drawn in the next task. */
  function nextTask() {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(port1.close());
      port2.postMessage(null);
    });
  }

  function painted() {
    return new Promise((resolve) =>
      window.requestAnimationFrame(() => window.setTimeout(resolve))
    );
  }

  /* Charts come first: until others are written, the browser still knows their sizes. */
  function placesOf(outputs) {
    const places = Object.entries(outputs).flatMap(([id, properties]) =>
      Object.entries(properties).map(([property, value]) => [id, property, value])
    );
    const rank = ([, property]) => (property === CHART ? 0 : 1);
    return places.filter(([id]) => id !== STATE).sort((one, other) => rank(one) - rank(other));
  }

  /* Show an answer: `arrived` is called with its state once the views are written, `done` once all of
   * it is painted. A map may wait for its geometry; what follows is dropped if its page was left. */
  patroliq.show = async function (outputs, gesture, { isHere, arrived, done }) {
    if (gesture.action === "open") told.clear();
    const places = placesOf(outputs);
    const last = places.filter(([id]) => patroliq.takesLast[id]);
    const first = places.filter((place) => isDrawn(place) && !last.includes(place));
    const views = Promise.all(first.map((place) => draw(place).catch(window.reportError)));
    for (const [id, property, value] of places) {
      if (!isDrawn([id, property])) waiting.set(`${id}.${property}`, [id, property, value, gesture]);
    }
    arrived(outputs[STATE].data);
    tell(STATE, "data", outputs[STATE].data, gesture);
    const shown = views.then(nextTask).then(painted).then(() => {
      if (isHere()) performance.mark("patroliq-painted");
    });
    await Promise.race([shown, new Promise((resolve) => window.setTimeout(resolve, MAP_MS))]);
    if (!isHere()) return;
    for (const rest of waiting.values()) tell(...rest);
    waiting.clear();
    await nextTask();
    const panels = last.map(([id, , value]) => patroliq.takesLast[id](value));
    await Promise.all([shown, painted(), ...panels]);
    if (isHere()) done();
  };
})(window.patroliq);
