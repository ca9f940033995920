/* The map: draws values the server sends over geometry the browser has already cached.
 *
 * dash-leaflet builds every feature anew when `hideout` changes; restyling the layers that are there
 * costs a tenth of that, so hideout only names the layer and the values travel in a store.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const layers = { cells: new Map(), areas: new Map(), points: new Map() };
  let state = { layer: "none", values: [], classes: [], selected: [], colours: [], breaks: [] };
  let selected = new Set();
  let byKey = null;
  let leaflet = null;
  let moveTimer = null;

  const SIZES = [
    { zoom: 10.5, size: "1000" },
    { zoom: 11.5, size: "500" },
    { zoom: 13.5, size: "250" },
    { zoom: 15.5, size: "150" },
    { zoom: 99, size: "points" },
  ];

  function indexOf(feature) {
    return byKey ? byKey.get(feature.properties.id) : feature.properties.i;
  }

  function style(feature) {
    const index = indexOf(feature);
    const value = index === undefined ? 0 : state.values[index] || 0;
    const chosen = selected.has(feature.properties.id);
    const muted = selected.size > 0 && !chosen;
    const area = state.layer === "areas";
    return {
      stroke: chosen || area,
      color: chosen ? state.selectedColour : state.outlineColour,
      weight: chosen ? 2 : 0.8,
      opacity: chosen ? 1 : 0.8,
      fill: true,
      fillColor: value > 0 ? state.colours[state.classes[index]] : state.colours[0],
      fillOpacity: value > 0 ? (muted ? 0.35 : 0.7) : 0,
    };
  }

  function describe(feature) {
    const index = indexOf(feature);
    const value = index === undefined ? 0 : state.values[index] || 0;
    const place = feature.properties.name || feature.properties.id;
    const shown = value.toLocaleString("en-US", { maximumFractionDigits: 1 });
    return [place, shown + " " + state.unit];
  }

  function showTip(event) {
    const [place, value] = describe(event.target.feature);
    const tip = document.createElement("span");
    const strong = document.createElement("strong");
    strong.textContent = place;
    tip.append(strong, " " + value);
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
    patroliq.emit({ action: extend ? "toggle" : "only", dimension: state.dimension, keys: [id] });
  }

  function register(name) {
    return function (feature, layer) {
      layers[name].set(feature.properties.id, layer);
      layer.on({ mouseover: showTip, mouseout: hideTip });
      if (name !== "points") layer.on("click", choose);
    };
  }

  function pointToLayer(feature, latlng) {
    const radius = 3 + 2.5 * Math.sqrt(Math.min(feature.properties.value, 100));
    return window.L.circleMarker(latlng, { radius });
  }

  function pointStyle() {
    return {
      stroke: true,
      weight: 1,
      color: state.outlineColour,
      fillColor: state.colours[state.colours.length - 2],
      fillOpacity: 0.7,
    };
  }

  function describePoint(event) {
    const { value, name } = event.target.feature.properties;
    const tip = document.createElement("span");
    tip.textContent = `${name}: ${value.toLocaleString("en-US")} ${state.unit}`;
    event.target.bindTooltip(tip, { direction: "top", className: "map-tip" }).openTooltip();
  }

  function registerPoint(_feature, layer) {
    layer.on({ mouseover: describePoint, mouseout: hideTip });
  }

  function outlineStyle() {
    return { fill: false, interactive: false, weight: 0.8, opacity: 0.9, color: state.outlineColour };
  }

  /* New values from the server: restyle what is drawn, in one frame. */
  function paint(next) {
    if (!next) return window.dash_clientside.no_update;
    if (next.url !== state.url) layers.cells.clear();
    if (next.areasUrl !== state.areasUrl) layers.areas.clear();
    state = next;
    selected = new Set(next.selected);
    byKey = next.keys ? new Map(next.keys.map((key, index) => [key, index])) : null;
    const name = next.layer;
    if (layers[name]) {
      for (const layer of layers[name].values()) {
        layer.setStyle(style(layer.feature));
        if (selected.has(layer.feature.properties.id)) layer.bringToFront();
      }
    }
    return window.dash_clientside.no_update;
  }

  /* Zooming picks another cell size; only then, or when points are shown, is the server asked. */
  function moved(event, context) {
    leaflet = context.map;
    window.clearTimeout(moveTimer);
    moveTimer = window.setTimeout(view, 250);
  }

  function view() {
    const page = patroliq.page;
    if (!leaflet || (page.map && page.map !== "cells")) return;
    const zoom = leaflet.getZoom();
    const { size } = SIZES.find((step) => zoom < step.zoom);
    const box = leaflet.getBounds();
    const bounds = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]
      .map((degree) => degree.toFixed(4))
      .join(",");
    if (size === "points" && (page.size !== size || page.bounds !== bounds)) {
      patroliq.setPage({ size, bounds }, "map");
    } else if (size !== "points" && (page.size || "1000") !== size) {
      patroliq.setPage({ size }, "map");
    }
  }

  /* A drawn polygon or rectangle becomes a clause; the clause draws itself. */
  function drawn(event) {
    const ring = event.layer.getLatLngs()[0];
    const text = ring.map((point) => `${point.lat.toFixed(5)},${point.lng.toFixed(5)}`).join(";");
    patroliq.emit({ action: "set", dimension: "polygon", text });
    window.setTimeout(() => event.layer.remove());
  }

  patroliq.map = {
    style,
    outlineStyle,
    pointStyle,
    pointToLayer,
    registerCell: register("cells"),
    registerArea: register("areas"),
    registerPoint,
    moved,
    drawn,
    fit: (bounds) => leaflet && leaflet.fitBounds(bounds),
  };
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.patroliq = Object.assign(window.dash_clientside.patroliq || {}, { paint });
})(window.patroliq);
