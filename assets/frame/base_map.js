/* Water, streets, places and names under the data of every map, from the app's own tiles.
 *
 * Each map gets one canvas below its data. `/layers/current.json` says what there is; a tile holds
 * whole numbers from 0 to `extent`, and the places of a line after the first are differences.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const ABOUT = "/layers/current.json";
  const TILE_PX = 256;
  const SHOWN_FROM = 8; // zoom; a map of a whole country stays empty
  const NEAR_FROM = 12.5; // zoom from which all streets are drawn
  const PLACES_FROM = 15;
  const STREET_NAMES_FROM = 14.5;
  const HIGHWAY = 1;
  const LOCAL = 3;
  const WIDTHS = { 1: 2.2, 2: 1.4, 3: 0.7 }; // pixels at zoom 13, by rank
  const NAME_PX = 11;
  const GAP_PX = 4; // between names of streets and places
  const AREA_GAP_PX = 20; // between names of areas, so that a map of a whole city shows some of them
  const tiles = new Map(); // address → content, or null while it is on its way
  const drawings = new Set(); // one for each map
  let about = null; // promise of what there is

  function whatThereIs() {
    if (!about) {
      about = fetch(ABOUT).then((response) => {
        if (!response.ok) throw new Error(ABOUT + " answered " + response.status);
        return response.json();
      });
      about.catch(() => (about = null));
    }
    return about;
  }

  /* The layers were changed while the page is open: every map is drawn with the new ones. */
  function renew(outdated) {
    whatThereIs().then((base) => {
      if (base.version !== outdated) return;
      about = null;
      tiles.clear();
      whatThereIs().then((now) => {
        for (const one of drawings) one.base = now;
        patroliq.redrawBase();
      });
    });
  }

  function tile(url, version) {
    if (!tiles.has(url)) {
      tiles.set(url, null);
      fetch(url)
        .then((response) => {
          if (response.status === 204) renew(version);
          return response.status === 200 ? response.json() : {};
        })
        .then((content) => {
          tiles.set(url, content);
          patroliq.redrawBase();
        })
        .catch(() => tiles.delete(url));
    }
    return tiles.get(url);
  }

  function palette(container) {
    const style = window.getComputedStyle(container);
    const read = (name) => style.getPropertyValue(name).trim();
    return {
      water: read("--map-water"),
      street: read("--map-street"),
      major: read("--map-street-major"),
      name: read("--map-name"),
      halo: read("--ground"),
      font: `${NAME_PX}px ${read("--font")}`,
    };
  }

  /* Columns and rows of the tiles that a box of map pixels touches and that may have content. */
  function* addresses(base, zoom, level, min, max) {
    const side = TILE_PX * 2 ** (zoom - level);
    const [west, south, east, north] = base.bounds;
    const crs = window.L.CRS.EPSG3857;
    const corner = (lat, lng) => crs.latLngToPoint(window.L.latLng(lat, lng), level);
    const [first, last] = [corner(north, west), corner(south, east)];
    const from = (low, edge) => Math.floor(Math.max(low / side, edge / TILE_PX));
    const to = (high, edge) => Math.floor(Math.min(high / side, edge / TILE_PX));
    for (let x = from(min.x, first.x); x <= to(max.x, last.x); x += 1) {
      for (let y = from(min.y, first.y); y <= to(max.y, last.y); y += 1) {
        yield { x, y, side, url: `/layers/${base.version}/${level}/${x}/${y}.json` };
      }
    }
  }

  function layers(content, kind) {
    return (content && content[kind] ? content[kind] : []).flat();
  }

  function trace(context, flat, place) {
    let [x, y] = flat;
    context.moveTo(...place(x, y));
    for (let at = 2; at < flat.length; at += 2) {
      x += flat[at];
      y += flat[at + 1];
      context.lineTo(...place(x, y));
    }
  }

  function drawWater(context, found, colors) {
    context.fillStyle = context.strokeStyle = colors.water;
    for (const { content, place } of found) {
      for (const [filled, lines] of layers(content, "water")) {
        context.beginPath();
        for (const flat of lines) trace(context, flat, place);
        if (filled) context.fill("evenodd");
        else context.stroke();
      }
    }
  }

  function drawStreets(context, found, colors, zoom) {
    const grown = Math.min(Math.max(2 ** ((zoom - 13) / 2), 0.7), 5);
    for (let rank = LOCAL; rank >= HIGHWAY; rank -= 1) {
      context.strokeStyle = rank === LOCAL ? colors.street : colors.major;
      context.lineWidth = WIDTHS[rank] * grown;
      context.beginPath();
      for (const { content, place } of found) {
        for (const [of, , lines] of layers(content, "streets")) {
          if (of === rank) for (const flat of lines) trace(context, flat, place);
        }
      }
      context.stroke();
    }
  }

  function drawPlaces(context, found, colors, names) {
    context.fillStyle = colors.name;
    for (const { content, place } of found) {
      for (const [x, y, name] of layers(content, "places")) {
        const [left, top] = place(x, y);
        context.beginPath();
        context.arc(left, top, 2.5, 0, 2 * Math.PI);
        context.fill();
        if (name) names.write(name, left, top + NAME_PX);
      }
    }
  }

  /* The stretch of a line's longest straight part that is inside a box; null if none is. */
  function longestStretch(flat, place, box) {
    let [x, y] = flat;
    let best = null;
    for (let at = 2; at < flat.length; at += 2) {
      const start = place(x, y);
      x += flat[at];
      y += flat[at + 1];
      const cut = window.L.LineUtil.clipSegment(
        new window.L.Point(...start), new window.L.Point(...place(x, y)), box, at > 2
      );
      if (!cut) continue;
      const length = cut[0].distanceTo(cut[1]);
      if (!best || length > best.length) best = { length, middle: cut[0].add(cut[1]).divideBy(2), cut };
    }
    return best;
  }

  function drawStreetNames(found, box, names) {
    const longest = new Map(); // street → its longest stretch in view
    for (const { content, place } of found) {
      for (const [rank, name, lines] of layers(content, "streets")) {
        if (!name) continue;
        for (const flat of lines) {
          const stretch = longestStretch(flat, place, box);
          const known = longest.get(name);
          if (stretch && (!known || stretch.length > known.length)) {
            longest.set(name, { ...stretch, rank });
          }
        }
      }
    }
    const ordered = [...longest].sort(([, a], [, b]) => a.rank - b.rank || b.length - a.length);
    for (const [name, { length, middle, cut }] of ordered) {
      const [a, b] = cut;
      const angle = Math.atan((b.y - a.y) / (b.x - a.x || 1e-9));
      names.write(name, middle.x, middle.y, { angle, room: length });
    }
  }

  /* Boxes of the names and ranks that the data's layers show, such as those of outlines. */
  function taken(map) {
    const origin = map.getContainer().getBoundingClientRect();
    const shown = [...map.getContainer().querySelectorAll(".outline-label, .rank-mark")].filter(
      (one) => one.style.visibility !== "hidden"
    );
    return shown.map((one) => {
      const own = one.getBoundingClientRect();
      return window.L.bounds(
        ...[[own.left, own.top], [own.right, own.bottom]].map(([x, y]) =>
          map.containerPointToLayerPoint([x - origin.left, y - origin.top])
        )
      );
    });
  }

  /* Writes names that do not touch one another. */
  function writer(context, colors, box, boxes) {
    context.font = colors.font;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.lineJoin = "round";
    return {
      write(name, x, y, { angle = 0, room = Infinity, gap = GAP_PX } = {}) {
        const wide = context.measureText(name).width + gap;
        const high = NAME_PX + gap;
        if (wide > room) return;
        const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
        const half = [(wide * cos + high * sin) / 2, (wide * sin + high * cos) / 2];
        const own = window.L.bounds([x - half[0], y - half[1]], [x + half[0], y + half[1]]);
        if (!box.contains(own) || boxes.some((other) => other.intersects(own))) return;
        boxes.push(own);
        context.save();
        context.translate(x, y);
        context.rotate(angle);
        context.strokeStyle = colors.halo;
        context.strokeText(name, 0, 0);
        context.fillStyle = colors.name;
        context.fillText(name, 0, 0);
        context.restore();
      },
    };
  }

  function drawNames(base, map, found, box, colors, names, zoom) {
    const apart = { gap: AREA_GAP_PX };
    for (const { content, place } of found) {
      for (const [x, y, name] of layers(content, "labels")) names.write(name, ...place(x, y), apart);
    }
    for (const [lat, lng, name] of base.names) {
      const { x, y } = map.latLngToLayerPoint([lat, lng]);
      names.write(name, x, y, apart);
    }
    if (zoom >= STREET_NAMES_FROM) drawStreetNames(found, box, names);
  }

  function paint(base, map, canvas, context) {
    const zoom = map.getZoom();
    const box = canvas._bounds;
    context.clearRect(box.min.x, box.min.y, ...Object.values(box.getSize()));
    if (zoom < SHOWN_FROM) return;
    const colors = palette(map.getContainer());
    const origin = map.getPixelOrigin();
    const level = base.levels[zoom < NEAR_FROM ? 0 : 1];
    const found = [];
    const [min, max] = [box.min.add(origin), box.max.add(origin)];
    for (const { x, y, side, url } of base.version ? addresses(base, zoom, level, min, max) : []) {
      const content = tile(url, base.version);
      const scale = side / base.extent;
      const [left, top] = [x * side - origin.x, y * side - origin.y];
      const place = (right, down) => [left + right * scale, top + down * scale];
      if (content) found.push({ content, place });
    }
    context.lineCap = context.lineJoin = "round";
    drawWater(context, found, colors);
    drawStreets(context, found, colors, zoom);
    const names = writer(context, colors, box, taken(map));
    drawNames(base, map, found, box, colors, names, zoom);
    if (zoom >= PLACES_FROM) drawPlaces(context, found, colors, names);
  }

  function credit(map, licenses) {
    if (!licenses.length) return;
    const control = window.L.control.attribution({ prefix: false, position: "bottomleft" });
    const text = document.createElement("span");
    text.textContent = licenses.join(" · ");
    control.addTo(map).addAttribution(text.innerHTML);
  }

  async function draw(map) {
    const base = await whatThereIs();
    if (!map.getContainer().isConnected || !(base.version || base.names.length)) return;
    const pane = map.createPane("base");
    pane.style.zIndex = 250; // above tiles, below the data
    pane.style.pointerEvents = "none";
    const canvas = new window.L.Canvas({ pane: "base", padding: 0.1 });
    canvas.addTo(map);
    let frame = 0;
    const drawing = {
      base,
      paint: () => paint(drawing.base, map, canvas, canvas._ctx),
      redraw() {
        window.cancelAnimationFrame(frame);
        frame = window.requestAnimationFrame(drawing.paint);
      },
    };
    canvas.on("update", drawing.paint);
    drawings.add(drawing);
    map.on("unload", () => {
      window.cancelAnimationFrame(frame); // its canvas is gone by then
      drawings.delete(drawing);
    });
    credit(map, base.licenses);
    drawing.redraw();
  }

  /* Below the data of a map. Map tiles show streets themselves: with them, only if they fail. */
  patroliq.drawBase = function (map) {
    let tiled = null;
    map.eachLayer((layer) => {
      if (layer instanceof window.L.TileLayer) tiled = layer;
    });
    if (tiled) tiled.once("tileerror", () => draw(map));
    else draw(map);
  };

  patroliq.redrawBase = () => drawings.forEach((one) => one.redraw());

  new window.MutationObserver(patroliq.redrawBase).observe(
    document.documentElement,
    { attributes: true, attributeFilter: ["data-bs-theme"] }
  );
})(window.patroliq);
