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

  const SIZES = [
    { zoom: 10.5, size: "1000" },
    { zoom: 11.5, size: "500" },
    { zoom: 13.5, size: "250" },
    { zoom: 15.5, size: "150" },
    { zoom: 99, size: "points" },
  ];
  const AFTER_DRAWING_MS = 100;
  const MARGIN_PX = 8; // around the city
  const BLANK = { layer: "none", values: [], classes: [], selected: [], colors: [] };
  const NOTHING = { type: "FeatureCollection", features: [] };
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

  /* `sized` maps request another cell size when zoomed; those of a `group` move together. */
  function makeMap(prefix, { sized = false, group = "" } = {}) {
    const drawn = { cells: new Map(), areas: new Map() }; // feature id → Leaflet layer
    const order = new Map(); // feature id → position of its value
    let state = BLANK;
    let selected = new Set();
    const lines = new Set(); // outlines and shapes on the map
    let leaflet = null;
    let moveTimer = null;
    let fitTimer = null;
    let touched = false; // somebody has moved this map

    function positionOf(feature) {
      return order.get(feature.properties.id);
    }

    function style(feature) {
      const color = state.colors[state.classes[positionOf(feature)]];
      const chosen = selected.has(feature.properties.id);
      const muted = selected.size > 0 && !chosen;
      return {
        stroke: chosen || state.layer === "areas",
        color: chosen ? state.selectedColor : state.outlineColor,
        weight: chosen ? 2 : 0.8,
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

    /* The class first, then its value and its p-value. */
    function tested(position) {
      const word = state.labels[state.classes[position]] || "not counted here";
      const value = state.values[position];
      if (value === null || value === undefined) return word;
      const q = state.q && state.q[position];
      const p = q === null || q === undefined ? "" : q < 0.0001 ? ", p < 0.0001" : `, p = ${q}`;
      return `${word} (${state.unit} ${value}${p}${p && " adjusted for all cells"})`;
    }

    function describe(feature) {
      const { id, name, value } = feature.properties;
      const position = positionOf(feature);
      const called = (state.names && state.names[id]) || name || id;
      const place = state.layer === "cells" ? "Cell " + id.split(":")[1] : called;
      if (state.labels) return [place, tested(position)];
      if (state.values[position] === null && state.empty) return [place, state.empty];
      const found = value === undefined ? state.values[position] || 0 : value;
      return [state.layer === "points" ? "" : place, shown(found)];
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
      const { id } = event.target.feature.properties;
      const original = event.originalEvent;
      const extend = original.shiftKey || original.ctrlKey || original.metaKey;
      const keys = [state.layer === "points" ? around(event.target.getLatLng(), state.radius) : id];
      patroliq.emit({ action: extend ? "toggle" : "only", dimension: state.dimension, keys });
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
        fillColor: state.markColor,
        fillOpacity: selected.size > 0 && !chosen ? 0.3 : 0.7,
      });
    }

    /* Values of the selection; with `muted`, of what could be chosen. */
    function shapeStyle(feature) {
      const muted = feature && feature.properties.muted;
      const color = muted ? state.outlineColor : state.selectedColor;
      const dashArray = muted ? "5 4" : null;
      return { color, dashArray, weight: 2, fill: false, interactive: false };
    }

    function shapeToLayer(feature, latlng) {
      return new window.L.Circle(latlng, { radius: feature.properties.meters });
    }

    function outlineStyle() {
      return { fill: false, weight: 0.8, opacity: 0.9, color: state.outlineColor };
    }

    /* Outlines only, so that the shapes under them can be clicked. They stay above the cells. */
    function onEachLine(feature, layer) {
      layer.options.interactive = false;
      const { name } = feature.properties;
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
    }

    /* A name is drawn only in an area that is wide enough for it. */
    function fitNames() {
      if (!leaflet) return;
      for (const layer of lines) {
        const name = layer.getTooltip() && layer.getTooltip().getElement();
        if (!name) continue;
        const box = layer.getBounds();
        const [left, right] = [box.getNorthWest(), box.getNorthEast()].map((corner) =>
          leaflet.latLngToLayerPoint(corner)
        );
        name.style.visibility = right.x - left.x < name.offsetWidth ? "hidden" : "";
      }
    }

    const onMap = {}; // id of a layer → what it holds
    let visit = 0; // rises when the page is left: what was on its way is for a map that is gone

    function hold(id, data, key) {
      if (onMap[id] === key) return false;
      onMap[id] = key;
      window.dash_clientside.set_props(id, { data });
      return true;
    }

    function restyle(name) {
      for (const layer of drawn[name].values()) layer.setStyle(style(layer.feature));
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
      const collection = next.url ? await geometry(next.url) : NOTHING;
      const outlines = next.outlinesUrl ? await geometry(next.outlinesUrl) : NOTHING;
      if (here !== visit || !patroliq.at) return window.dash_clientside.no_update;
      const first = state.layer === "none";
      state = { ...BLANK, ...next };
      if (first && !sized && leaflet && leaflet.getContainer().offsetWidth) fit();
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
      hold(`${prefix}-shapes`, next.shapes, JSON.stringify(next.shapes));
      if (drawn[next.layer]) window.requestAnimationFrame(() => restyle(next.layer));
      return window.dash_clientside.no_update;
    }

    /* Zooming may change the cell size; the server is asked only then, or when points are shown. */
    function moved(event, context) {
      window.clearTimeout(moveTimer);
      const first = !leaflet;
      leaflet = context.map;
      fitNames();
      if (!sized) {
        if (first) fitSize();
        return follow();
      }
      if (first) return view();
      moveTimer = window.setTimeout(view, 250);
      return undefined;
    }

    /* Maps side by side show the same place. */
    function follow() {
      if (!touched) return;
      for (const other of Object.values(maps)) {
        if (other.group === group && other.leaflet() !== leaflet) other.go(leaflet);
      }
    }

    /* A resized map shows the whole city again unless the user has moved it; a second map that was
     * switched on shows the same area as the first. */
    function fitSize() {
      const own = leaflet;
      const box = own.getContainer();
      for (const name of ["pointerdown", "wheel", "keydown"]) {
        box.addEventListener(name, () => (touched = true));
      }
      new window.ResizeObserver(() => {
        if (leaflet === own && box.offsetWidth) fit();
      }).observe(box);
    }

    /* Show the whole city; maps side by side use the scale that fits the smaller one. */
    function fit() {
      leaflet.invalidateSize({ pan: false });
      const together = Object.values(maps).filter(
        (one) => one.group === group && one.leaflet() && one.leaflet().getContainer().offsetWidth
      );
      const moved = together.find((one) => one.touched());
      if (moved && moved.leaflet() !== leaflet) return go(moved.leaflet());
      if (moved || !state.bounds) return undefined;
      const box = window.L.latLngBounds(state.bounds);
      const margin = new window.L.Point(2 * MARGIN_PX, 2 * MARGIN_PX);
      const zoom = Math.min(
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
      if (!sized || !leaflet || (mode !== "cells" && mode !== "points")) return;
      const zoom = leaflet.getZoom();
      const size = mode === "points" ? "points" : SIZES.find((step) => zoom < step.zoom).size;
      const box = leaflet.getBounds();
      const bounds = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]
        .map((degree) => degree.toFixed(4))
        .join(",");
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

    /* A drawn polygon or rectangle becomes a clause, which is drawn from the selection. */
    function drawnArea(event) {
      const ring = event.layer.getLatLngs()[0];
      const text = ring.map((point) => `${point.lat.toFixed(5)},${point.lng.toFixed(5)}`).join(";");
      patroliq.emit({ action: "set", dimension: "polygon", text });
      window.setTimeout(() => event.layer.remove());
    }

    /* A right click, or press and hold: everything within half a kilometer. */
    function halfAKilometer(event) {
      patroliq.emit({ action: "set", dimension: "near", text: `${around(event.latlng, 500)} m` });
    }

    function forget() {
      visit += 1;
      leaflet = null;
      lines.clear();
      for (const layers of Object.values(drawn)) layers.clear();
      for (const id of Object.keys(onMap)) delete onMap[id];
      state = BLANK;
      selected = new Set();
      touched = false;
    }

    return {
      forget,
      touched: () => touched,
      cellStyle: style,
      areaStyle: style,
      outlineStyle,
      shapeStyle,
      shapeToLayer,
      pointToLayer,
      onEachCell: register("cells"),
      onEachArea: register("areas"),
      onEachPoint: register("points"),
      onEachLine,
      moved,
      drawn: drawnArea,
      drawingStarted,
      drawingEnded,
      halfAKilometer,
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
  patroliq.map = maps.explore;

  /* Another page has other maps. */
  patroliq.forgetMaps = () => Object.values(maps).forEach((one) => one.forget());

  /* Whether every map of the page is ready. */
  patroliq.mapsStand = (page) =>
    [...page.querySelectorAll(".explore-map")].every((element) =>
      Object.values(maps).some((one) => one.leaflet() && one.leaflet().getContainer() === element)
    );

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.patroliq = Object.assign(window.dash_clientside.patroliq || {}, {
    paint: maps.explore.paint,
    paintHotspots: maps.hotspots.paint,
    paintCompared: maps.compared.paint,
  });
})(window.patroliq);
