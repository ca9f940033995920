/* Maps: each draws values from the server over geometry that the browser has cached.
 *
 * A map is identified by the id of its element; the ids of its layers begin with it. The Explore page's
 * is `patroliq.map`, others are `patroliq.maps[name]`.
 *
 * dash-leaflet rebuilds every feature when `hideout` changes; restyling the existing layers takes a
 * tenth of the time, so hideout only names the layer and the values are sent in a store.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const AFTER_DRAWING_MS = 100;
  const MARGIN_PX = 20; // around what is framed: scale and license are there
  const DEEPEST = 15; // zoom at which a single place is framed
  const BLANK = { layer: "none", values: [], classes: [], selected: [], colors: [] };
  const NOTHING = { type: "FeatureCollection", features: [] };
  const MARK_PX = 20;
  const WRITTEN_AT = { polyline: "line", circlemarker: "point" }; // drawing tool → kind of map note
  const NOTE_PX = 5;
  // Where a mark may stand, from its place outward.
  const ASIDE = [0, 1, 2, 3].flatMap((ring) =>
    Array.from({ length: Math.max(8 * ring, 1) }, (_, step) => {
      const angle = (2 * Math.PI * step) / Math.max(8 * ring, 1);
      return [ring * MARK_PX * Math.cos(angle), ring * MARK_PX * Math.sin(angle)];
    })
  );
  const geometries = new Map(); // address → promise of a FeatureCollection
  const maps = (patroliq.maps = {});

  function geometry(url) {
    if (!geometries.has(url)) {
      const answer = fetch(url).then((response) => {
        if (!response.ok) throw new Error(url + " answered " + response.status);
        return response.json();
      });
      answer.catch(() => geometries.delete(url));
      geometries.set(url, answer);
    }
    return geometries.get(url);
  }

  /* Shapes that are `thin`, such as blocks of street, have edges in their own color.
   *
   * `sized` maps request another cell size when zoomed, and the server says to which zoom they move
   * when they frame another place; those of a `group` move together. */
  function makeMap(prefix, { sized = false, group = "" } = {}) {
    const drawn = { cells: new Map(), areas: new Map() }; // feature id → Leaflet layer
    const order = new Map(); // feature id → position of its value
    const styled = new WeakMap(); // Leaflet layer → its style as text
    let state = BLANK;
    let selected = new Set();
    const lines = new Set(); // outlines and shapes on the map
    let leaflet = null;
    let moveTimer = null;
    let fitTimer = null;
    const marks = new Set(); // ranks on the map
    let markTimer = null;
    let touched = false; // somebody has moved this map
    let framed; // key of the place that it has framed

    function positionOf(feature) {
      return order.get(feature.properties.id);
    }

    function style(feature) {
      const color = state.colors[state.classes[positionOf(feature)]];
      return styleOf(color, selected.has(feature.properties.id));
    }

    function styleOf(color, chosen) {
      const muted = selected.size > 0 && !chosen;
      return {
        stroke: chosen || (state.layer === "areas" && (!state.thin || Boolean(color))),
        color: chosen ? state.selectedColor : (state.thin && color) || state.outlineColor,
        weight: chosen ? 2 : state.thin ? 1.5 : 0.8,
        opacity: chosen ? 1 : 0.8,
        fill: true,
        fillColor: color || state.outlineColor,
        fillOpacity: color ? (muted ? 0.3 : 0.7) : 0,
      };
    }

    function shown(value) {
      const number = value.toLocaleString(state.locale, { maximumFractionDigits: state.decimals || 1 });
      return number + (state.percent ? "" : " ") + state.unit;
    }

    /* The class first, then its value with its interval, or its p-value. */
    function tested(position) {
      const word = state.labels[state.classes[position]] || "not counted here";
      const value = state.values[position];
      if (value === null || value === undefined) return word;
      const [low, high] = [state.low, state.high].map((ends) => ends && ends[position]);
      const range = low === null || low === undefined ? "" : `, ${low} to ${high}`;
      const q = state.q && state.q[position];
      const p = q === null || q === undefined ? "" : q < 0.0001 ? ", p < 0.0001" : `, p = ${q}`;
      return `${word} (${state.unit} ${value}${range}${p}${p && " adjusted for all cells"})`;
    }

    function describe(feature) {
      const { id, name, value, tip } = feature.properties;
      if (tip) return ["", tip];
      const position = positionOf(feature);
      const called = (state.names && state.names[id]) || name || id;
      const place = state.layer === "cells" ? "Cell " + id.split(":")[1] : called;
      if (state.labels) return [place, tested(position)];
      if (state.values[position] === null && state.empty) return [place, state.empty];
      const found = value === undefined ? state.values[position] || 0 : value;
      return [state.layer === "points" && !state.named ? "" : place, shown(found)];
    }

    function showTip(event) {
      const [place, value] = describe(event.target.feature);
      const tip = document.createElement("span");
      tip.textContent = place ? `${place}: ${value}` : value;
      event.target
        .bindTooltip(tip, { sticky: true, direction: "top", className: "map-tip" })
        .openTooltip(event.latlng);
    }

    function hideTip(event) {
      event.target.unbindTooltip();
    }

    function choose(event) {
      if (state.option) return patroliq.setPage({ [state.option]: event.target.feature.properties.id });
      if (!state.dimension) return undefined;
      const { id, polygon } = event.target.feature.properties;
      if (polygon) return patroliq.emit({ action: "set", dimension: "polygon", text: id });
      const original = event.originalEvent;
      const extend = original.shiftKey || original.ctrlKey || original.metaKey;
      const isPlace = state.layer === "points" && !state.named;
      const keys = [isPlace ? around(event.target.getLatLng(), state.radius) : id];
      const action = extend ? "toggle" : "only";
      return patroliq.emit({ action, dimension: state.dimension, keys });
    }

    function around({ lat, lng }, meters) {
      return `${lat.toFixed(5)},${lng.toFixed(5)},${meters}`;
    }

    function register(name) {
      return function (feature, layer) {
        if (drawn[name]) drawn[name].set(feature.properties.id, layer);
        layer.on({ mouseover: showTip, mouseout: hideTip, click: choose });
      };
    }

    function pointToLayer(feature, latlng) {
      const radius = 2.5 + 1.5 * Math.sqrt(Math.min(feature.properties.value / state.sizedBy, 200));
      const chosen = selected.has(feature.properties.id);
      return new window.L.CircleMarker(latlng, {
        radius,
        weight: chosen ? 2 : 1,
        color: chosen ? state.selectedColor : state.outlineColor,
        fillColor: feature.properties.color || state.markColor,
        fillOpacity: selected.size > 0 && !chosen ? 0.3 : 0.7,
      });
    }

    /* The rank of a zone, which may be too small to be seen when the map shows the whole city. */
    function markToLayer(feature, latlng) {
      const { id, rank, hue } = feature.properties;
      const own = hue === undefined ? "rank-mark" : `rank-mark hue-${hue}`;
      const className = selected.has(id) ? `${own} is-selected` : own;
      const icon = new window.L.DivIcon({ className, html: String(rank), iconSize: [MARK_PX, MARK_PX] });
      return new window.L.Marker(latlng, { icon, zIndexOffset: -1000 * rank });
    }

    function onEachMark(feature, layer) {
      layer.on({ mouseover: showTip, mouseout: hideTip, click: choose, keydown: chooseByKey });
      layer.on("add", () => {
        layer.getElement().setAttribute("aria-label", feature.properties.name);
        marks.add(layer);
        spreadMarksSoon();
      });
      layer.on("remove", () => {
        marks.delete(layer);
        spreadMarksSoon();
      });
    }

    function spreadMarksSoon() {
      window.clearTimeout(markTimer);
      markTimer = window.setTimeout(spreadMarks);
    }

    /* Leaflet makes a mark a button, but only a popup would open by key. */
    function chooseByKey(event) {
      if (!["Enter", " "].includes(event.originalEvent.key)) return;
      event.originalEvent.preventDefault();
      choose(event);
    }

    /* Marks of places close together move aside, the lower ranks first. */
    function spreadMarks() {
      if (!leaflet) return;
      const taken = [];
      const ranked = [...marks].sort((a, b) => a.feature.properties.rank - b.feature.properties.rank);
      for (const mark of ranked) {
        const { x, y } = leaflet.latLngToLayerPoint(mark.getLatLng());
        const isFree = ([dx, dy]) =>
          taken.every(([left, top]) => Math.hypot(left - x - dx, top - y - dy) >= MARK_PX);
        const [dx, dy] = ASIDE.find(isFree) || ASIDE[0];
        taken.push([x + dx, y + dy]);
        const { style } = mark.getElement();
        style.marginLeft = `${dx - MARK_PX / 2}px`;
        style.marginTop = `${dy - MARK_PX / 2}px`;
      }
      fitNames();
    }

    /* Values of the selection; with `muted`, of what could be chosen. A line may have its own color. */
    function shapeStyle(feature) {
      const muted = feature && feature.properties.muted;
      if (feature && feature.properties.note) {
        return { color: state.noteColor, weight: 2.5, dashArray: "1 5", fill: false, interactive: false };
      }
      if (feature && feature.properties.color) {
        const { color } = feature.properties;
        return { color, weight: muted ? 1 : 3, opacity: muted ? 0.5 : 0.9, fill: false, interactive: false };
      }
      const color = muted ? state.outlineColor : state.selectedColor;
      const dashArray = muted ? "5 4" : null;
      return { color, dashArray, weight: 2, fill: false, interactive: false };
    }

    function shapeToLayer(feature, latlng) {
      if (feature.properties.note) return new window.L.CircleMarker(latlng, { radius: NOTE_PX });
      return new window.L.Circle(latlng, { radius: feature.properties.meters });
    }

    function outlineStyle() {
      return { fill: false, weight: 0.8, opacity: 0.9, color: state.outlineColor };
    }

    /* Outlines only, so that the shapes under them can be clicked. They stay above the cells. */
    function onEachLine(feature, layer) {
      layer.options.interactive = false;
      const { name, note, by } = feature.properties;
      if (note) return writeOnMap(layer, note, by);
      if (name) {
        const label = document.createElement("span");
        label.textContent = name;
        const className = "outline-label";
        layer.bindTooltip(label, { permanent: true, direction: "center", className });
      }
      layer.on("add", () => {
        lines.add(layer);
        window.clearTimeout(fitTimer);
        fitTimer = window.setTimeout(fitNames);
      });
      layer.on("remove", () => lines.delete(layer));
      return undefined;
    }

    /* What somebody wrote on the map, with author and time, on the screen and on paper. */
    function writeOnMap(layer, note, by) {
      const label = document.createElement("span");
      const author = document.createElement("small");
      label.textContent = note;
      author.textContent = by;
      label.append(author);
      layer.bindTooltip(label, { permanent: true, direction: "right", className: "written-note" });
    }

    /* A name is drawn only in an area that is wide enough for it, and not under a rank. */
    function fitNames() {
      if (!leaflet) return;
      const ranks = [...marks].map((mark) => mark.getElement().getBoundingClientRect());
      for (const layer of lines) {
        const name = layer.getTooltip() && layer.getTooltip().getElement();
        if (!name) continue;
        const box = layer.getBounds();
        const [left, right] = [box.getNorthWest(), box.getNorthEast()].map((corner) =>
          leaflet.latLngToLayerPoint(corner)
        );
        const own = name.getBoundingClientRect();
        const isHidden =
          right.x - left.x < name.offsetWidth || ranks.some((rank) => touches(rank, own));
        name.style.visibility = isHidden ? "hidden" : "";
      }
      patroliq.redrawBase();
    }

    function touches(one, other) {
      return (
        one.left < other.right &&
        other.left < one.right &&
        one.top < other.bottom &&
        other.top < one.bottom
      );
    }

    const onMap = {}; // id of a layer → what it holds
    let paints = 0; // rises with each answer: one whose geometry came late must not undo a newer one
    let visit = 0; // rises when the page is left: what was on its way is for a map that is gone

    function hold(id, data, key) {
      if (onMap[id] === key) return false;
      onMap[id] = key;
      window.dash_clientside.set_props(id, { data });
      return true;
    }

    /* Features of one class and choice share a style; only those whose style has changed are drawn. */
    function restyle(name) {
      const styles = new Map();
      for (const layer of drawn[name].values()) {
        const { id } = layer.feature.properties;
        const chosen = selected.has(id);
        const color = state.colors[state.classes[order.get(id)]];
        const key = `${color} ${chosen}`;
        if (!styles.has(key)) {
          const found = styleOf(color, chosen);
          styles.set(key, [found, JSON.stringify(found)]);
        }
        const [style, text] = styles.get(key);
        if (styled.get(layer) === text) continue;
        styled.set(layer, text);
        layer.setStyle(style);
      }
      for (const id of selected) {
        const layer = drawn[name].get(id);
        if (layer) layer.bringToFront();
      }
      for (const line of lines) line.bringToFront();
    }

    /* New values from the server: restyle the layers in one frame; geometry is fetched once. */
    async function paint(next) {
      if (!next) return window.dash_clientside.no_update;
      const here = visit;
      const own = (paints += 1);
      const collection = next.url ? await geometry(next.url) : NOTHING;
      const outlines = next.outlinesUrl ? await geometry(next.outlinesUrl) : NOTHING;
      const drawnOn = [next.shapes, next.notes].flatMap((one) => (one || NOTHING).features);
      const shapes = [...drawnOn, ...(await chosenAreas(next))];
      if (here !== visit || own !== paints || !patroliq.at) return window.dash_clientside.no_update;
      state = { ...BLANK, ...next };
      frame();
      selected = new Set(next.selected);
      order.clear();
      const keys = next.keys || collection.features.map((feature) => feature.properties.id);
      keys.forEach((key, position) => order.set(key, position));
      for (const name of ["cells", "areas"]) {
        const id = `${prefix}-${name}`;
        const isShown = next.layer === name;
        if (onMap[id] !== (isShown ? next.url : null)) drawn[name].clear();
        hold(id, isShown ? collection : NOTHING, isShown ? next.url : null);
      }
      hold(`${prefix}-points`, next.points || NOTHING, next.points || null);
      const theme = next.outlineColor;
      hold(`${prefix}-outlines`, outlines, next.outlinesUrl && next.outlinesUrl + theme);
      const shown = { type: "FeatureCollection", features: shapes };
      hold(`${prefix}-shapes`, shown, JSON.stringify([drawnOn, next.chosen, theme]));
      const marked = next.marks && JSON.stringify([next.marks, next.selected]);
      hold(`${prefix}-marks`, next.marks || NOTHING, marked || null);
      if (drawn[next.layer]) restyle(next.layer);
      return window.dash_clientside.no_update;
    }

    /* Outlines of the areas that are chosen, without their names. */
    async function chosenAreas({ chosen = [] }) {
      const found = chosen.map(async ({ url, keys }) =>
        (await geometry(url)).features
          .filter((feature) => keys.includes(feature.properties.id))
          .map((feature) => ({ ...feature, properties: { id: `${url}#${feature.properties.id}` } }))
      );
      return (await Promise.all(found)).flat();
    }

    /* Move to the chosen place, or the whole city, once; then the map stays where it is moved to. */
    function frame() {
      if (!state.frame || state.frame.key === framed) return;
      framed = state.frame.key;
      touched = false;
      if (!leaflet || !leaflet.getContainer().offsetWidth) return;
      if (!sized) return fit();
      patroliq.page.framed = framed;
      if (!state.frame.corners || state.zoom === null) return;
      const middle = window.L.latLngBounds(state.frame.corners).getCenter();
      leaflet.setView(middle, state.zoom, { animate: false });
      Object.assign(patroliq.page, { size: state.size, bounds: shownBounds() });
    }

    /* The next answer frames its place, although the map has framed it before. */
    function frameAgain() {
      framed = undefined;
      if (sized) delete patroliq.page.framed;
    }

    function shownBounds() {
      const box = leaflet.getBounds();
      return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]
        .map((degree) => degree.toFixed(4))
        .join(",");
    }

    /* Zooming may change the cell size; the server is asked only then, or when points are shown. */
    function moved(event, context) {
      window.clearTimeout(moveTimer);
      const first = !leaflet;
      leaflet = context.map;
      if (first) leaflet.on("unload", removed);
      if (first) patroliq.drawBase(leaflet);
      spreadMarks(); // names are fitted around them
      if (first) fitSize();
      if (!sized) return follow();
      if (first) return undefined;
      moveTimer = window.setTimeout(view, 250);
      return undefined;
    }

    /* The page may be gone before it is forgotten; an answer on its way must not move its map. */
    function removed(event) {
      if (leaflet === event.target) leaflet = null;
    }

    /* Maps side by side show the same place. */
    function follow() {
      if (!touched) return;
      for (const other of Object.values(maps)) {
        if (other.group === group && other.leaflet() !== leaflet) other.go(leaflet);
      }
    }

    /* The server frames places by the size of the map. */
    function measure() {
      if (!sized || !leaflet) return;
      const { offsetWidth, offsetHeight } = leaflet.getContainer();
      patroliq.page.px = `${offsetWidth},${offsetHeight}`;
    }

    /* A resized map frames its place again unless the user has moved it; a second map that was
     * switched on shows the same area as the first. */
    function fitSize() {
      const own = leaflet;
      const box = own.getContainer();
      for (const name of ["pointerdown", "wheel", "keydown"]) {
        box.addEventListener(name, () => (touched = true));
      }
      new window.ResizeObserver(() => {
        if (leaflet !== own || !box.offsetWidth) return;
        measure();
        if (!sized || patroliq.started) fit();
      }).observe(box);
    }

    /* Frame the chosen place or the whole city; maps side by side use the scale that fits the
     * smaller one. */
    function fit() {
      leaflet.invalidateSize({ pan: false });
      const together = Object.values(maps).filter(
        (one) => one.group === group && one.leaflet() && one.leaflet().getContainer().offsetWidth
      );
      const moved = together.find((one) => one.touched());
      if (moved && moved.leaflet() !== leaflet) return go(moved.leaflet());
      if (moved || !state.frame || !state.frame.corners) return undefined;
      const box = window.L.latLngBounds(state.frame.corners);
      const margin = new window.L.Point(2 * MARGIN_PX, 2 * MARGIN_PX);
      const zoom = Math.min(
        sized ? DEEPEST : leaflet.getMaxZoom(),
        ...together.map((one) => one.leaflet().getBoundsZoom(box, false, margin))
      );
      for (const one of together) one.leaflet().setView(box.getCenter(), zoom, { animate: false });
      return undefined;
    }

    function go(to) {
      if (!leaflet || !leaflet.getContainer().offsetWidth || !to.getContainer().offsetWidth) return;
      const apart = leaflet.latLngToContainerPoint(to.getCenter()).distanceTo(
        leaflet.latLngToContainerPoint(leaflet.getCenter())
      );
      if (leaflet.getZoom() === to.getZoom() && apart < 2) return;
      leaflet.setView(to.getCenter(), to.getZoom(), { animate: false });
    }

    function view() {
      const page = patroliq.page;
      const mode = page.map || "cells";
      if (!sized || !leaflet || !["cells", "points", "block"].includes(mode)) return;
      if (!state.sizes) return;
      const zoom = leaflet.getZoom();
      const size = mode === "cells" ? state.sizes.find(([below]) => zoom < below)[1] : "points";
      const bounds = shownBounds();
      const points = size === "points";
      if (page.size === size && (!points || page.bounds === bounds)) return;
      const changes = points ? { size, bounds } : { size };
      if (patroliq.started) patroliq.setPage(changes, "map");
      else Object.assign(page, changes);
    }

    /* While drawing, cells ignore the pointer: Leaflet's canvas drops moves within 32 ms of one
     * another, and with them the vertex of a quick click. */
    function drawingStarted() {
      leaflet.getContainer().classList.add("is-drawing");
    }

    /* The click that ends a drawing has not been handled yet. */
    function drawingEnded() {
      window.setTimeout(
        () => leaflet.getContainer().classList.remove("is-drawing"),
        AFTER_DRAWING_MS
      );
    }

    /* A drawn polygon or rectangle becomes a clause, which is drawn from the selection; beside a line
     * or a point one writes, on the page of notes. */
    function drawnArea(event) {
      if (WRITTEN_AT[event.layerType]) return writeBeside(event.layer, WRITTEN_AT[event.layerType]);
      const ring = event.layer.getLatLngs()[0];
      const text = ring.map((point) => `${point.lat.toFixed(5)},${point.lng.toFixed(5)}`).join(";");
      patroliq.emit({ action: "set", dimension: "polygon", text });
      window.setTimeout(() => event.layer.remove());
      return undefined;
    }

    function writeBeside(layer, draw) {
      const places = draw === "point" ? [layer.getLatLng()] : layer.getLatLngs();
      const corners = places.map(({ lat, lng }) => `${lat.toFixed(5)},${lng.toFixed(5)}`).join(";");
      window.location.assign(`/notes?${new URLSearchParams({ draw, corners })}`);
    }

    /* A right click, or press and hold: everything within half a kilometer. */
    function pointedAt(event) {
      patroliq.emit({ action: "set", dimension: "near", text: `${around(event.latlng, 500)} m` });
    }

    function forget() {
      visit += 1;
      leaflet = null;
      lines.clear();
      marks.clear();
      for (const layers of Object.values(drawn)) layers.clear();
      for (const id of Object.keys(onMap)) delete onMap[id];
      state = BLANK;
      selected = new Set();
      touched = false;
      framed = undefined;
    }

    return {
      forget,
      frameAgain,
      measure,
      touched: () => touched,
      cellStyle: style,
      areaStyle: style,
      outlineStyle,
      shapeStyle,
      shapeToLayer,
      pointToLayer,
      markToLayer,
      onEachCell: register("cells"),
      onEachArea: register("areas"),
      onEachPoint: register("points"),
      onEachMark,
      onEachLine,
      moved,
      drawn: drawnArea,
      drawingStarted,
      drawingEnded,
      pointedAt,
      show: view,
      leaflet: () => leaflet,
      paint,
      go,
      group,
    };
  }

  maps.explore = makeMap("explore-map", { sized: true });
  maps.hotspots = makeMap("hotspots-map", { group: "hotspots" });
  maps.compared = makeMap("hotspots-compared", { group: "hotspots" });
  maps.record = makeMap("explore-record-map", { group: "record" });
  maps.patrol = makeMap("patrol-map", { group: "patrol" });
  patroliq.map = maps.explore;
  patroliq.arrivals.push(maps.explore.measure);

  /* Another page has other maps. */
  patroliq.forgetMaps = () => Object.values(maps).forEach((one) => one.forget());

  /* A reset shows the whole city, as the page did when it opened. */
  patroliq.frameMapsAgain = () => Object.values(maps).forEach((one) => one.frameAgain());

  /* Whether every map of the page is ready. */
  patroliq.mapsStand = (page) =>
    [...page.querySelectorAll(".explore-map")].every((element) =>
      Object.values(maps).some((one) => one.leaflet() && one.leaflet().getContainer() === element)
    );

  patroliq.takes["explore-map-state"] = maps.explore.paint;

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.patroliq = Object.assign(window.dash_clientside.patroliq || {}, {
    paintHotspots: maps.hotspots.paint,
    paintCompared: maps.compared.paint,
    paintPatrol: maps.patrol.paint,
  });
})(window.patroliq);
