/* Images of charts. Each carries its title, the selection as a sentence, snapshot and date. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const ALL_FIELDS = {
    "export-all": "incidents.csv",
    "export-parquet": "incidents.parquet",
    "export-geoparquet": "incidents.geoparquet",
  };
  const SERVER_FILES = ["export-csv", "export-page", "export-list", "export-geojson", ...Object.keys(ALL_FIELDS)];
  const WIDTH = 1200;
  const HEIGHT = 720;
  const SMALL = "12px system-ui, sans-serif";

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function textOf(selector) {
    return [...document.querySelectorAll(selector)].map((one) => one.textContent.trim());
  }

  /* A view is not filtered by its own choice: the caption says what is drawn, then what is chosen. */
  function provenance(card) {
    const [sentence] = textOf("#selection-sentence");
    const [title, last] = textOf("#dataset > *");
    const badges = textOf("#badges > *");
    const { snapshot, captions } = patroliq.state || {};
    return [
      ...((captions || {})[card.id] || [sentence]),
      ...textOf(`#${card.id} .map-note:not(:empty), #${card.id} .card-said:not(:empty)`),
      [`${title} ${last || ""}`.trim(), ...badges].join(" · "),
      `Snapshot ${snapshot || "none"} · made ${new Date().toISOString().slice(0, 10)}`,
    ];
  }

  const MOST_BARS = 30; // of a list of blocks

  /* Bar lists are buttons on the page, blocks rows of a table; the image is a bar chart of the same. */
  function barsOf(card) {
    const rows = [...card.querySelectorAll(".bar-row")].map((row) => ({
      button: row,
      label: row.querySelector(".bar-label").textContent,
      value: Number(row.dataset.value),
      shown: row.dataset.shown,
    }));
    const blocks = [...card.querySelectorAll(".blocks tbody tr")].slice(0, MOST_BARS).map((row) => ({
      button: row.querySelector("button"),
      label: row.cells[0].textContent,
      value: Number(row.cells[1].dataset.value),
      shown: row.cells[1].textContent,
    }));
    return [...rows, ...blocks].reverse();
  }

  function barsFigure(card) {
    const rows = barsOf(card);
    const pressed = rows.map((row) => row.button.getAttribute("aria-pressed") === "true");
    const plain = token(pressed.includes(true) ? "--mark-muted" : "--mark");
    return {
      data: [
        {
          type: "bar",
          orientation: "h",
          y: rows.map((row) => row.label),
          x: rows.map((row) => row.value),
          text: rows.map((row) => row.shown),
          textposition: "outside",
          cliponaxis: false,
          marker: { color: pressed.map((chosen) => (chosen ? token("--selected") : plain)) },
        },
      ],
      layout: { yaxis: { automargin: true }, xaxis: { rangemode: "tozero" } },
    };
  }

  function figureOf(card) {
    const graph = card.querySelector(".js-plotly-plot");
    if (!graph) return barsFigure(card);
    return {
      data: structuredClone(graph.data),
      layout: structuredClone(graph.layout),
    };
  }

  function titled(figure, title, card) {
    const origin = provenance(card).map((line) => `<br><sup>${escape(line)}</sup>`);
    const layout = figure.layout;
    layout.paper_bgcolor = token("--surface");
    layout.font = Object.assign({}, layout.font, { color: token("--text") });
    layout.title = {
      text: `<b>${escape(title)}</b>${origin.join("")}`,
      x: 0.02,
      xanchor: "left",
      y: 0.97,
      yanchor: "top",
    };
    layout.margin = Object.assign({}, layout.margin, { t: 146, l: 80, r: 60, b: 60 });
    layout.autosize = false;
    layout.width = WIDTH;
    layout.height = HEIGHT;
    return figure;
  }

  function escape(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  }

  function fileName(title) {
    const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
    return `patroliq-${slug}-${(patroliq.state || {}).snapshot || "none"}`;
  }

  async function image(card, format) {
    const title = titleOf(card);
    const figure = titled(figureOf(card), title, card);
    const filename = fileName(title);
    await window.Plotly.downloadImage(figure, { format, filename, width: WIDTH, height: HEIGHT });
  }

  function titleOf(card) {
    const level = card.querySelector("select");
    const title = card.querySelector("h2").firstChild.textContent.trim();
    if (!level) return title;
    const shown = level.selectedOptions[0].textContent.toLowerCase();
    return card.id === "explore-map-card" ? `${title}, ${shown}` : `${title} ${shown}`;
  }

  const LINE = 16; // px
  const MARGIN = 12;
  const FOOT = 44; // below the map, for the legend

  /* The map's canvases as they appear on the page, between title and legend. */
  function mapImage(card) {
    const map = card.querySelector(".leaflet-container");
    const frame = map.getBoundingClientRect();
    const scale = Math.max(2, window.devicePixelRatio || 1);
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    pen.font = SMALL;
    const lines = provenance(card).flatMap((line) => wrapped(pen, line, frame.width - 2 * MARGIN));
    const head = 2 * LINE + LINE * lines.length;
    canvas.width = frame.width * scale;
    canvas.height = (head + frame.height + FOOT) * scale;
    pen.scale(scale, scale);
    pen.fillStyle = token("--surface");
    pen.fillRect(0, 0, frame.width, head + frame.height + FOOT);
    writeHead(pen, titleOf(card), lines);
    writeLegend(pen, card, head + frame.height + 16);
    pen.beginPath();
    pen.rect(0, head, frame.width, frame.height);
    pen.clip();
    pen.fillStyle = token("--ground");
    pen.fillRect(0, head, frame.width, frame.height);
    for (const { layer, blend } of layersOf(map)) {
      const box = layer.getBoundingClientRect();
      pen.globalCompositeOperation = blend;
      pen.drawImage(layer, box.left - frame.left, box.top - frame.top + head, box.width, box.height);
    }
    pen.globalCompositeOperation = "source-over";
    pen.fillStyle = token("--text-muted");
    const [credit] = textOf(`#${card.id} .leaflet-control-attribution`);
    pen.fillText(credit || "", MARGIN / 2, head + frame.height - 6);
    save(canvas.toDataURL("image/png"), fileName(titleOf(card)) + ".png");
  }

  /* Canvases of a map, lowest first, with the way in which each lies on those below. */
  function layersOf(map) {
    const found = [...map.querySelectorAll("canvas")].map((layer) => {
      const { zIndex, mixBlendMode } = window.getComputedStyle(layer.closest(".leaflet-pane"));
      return { layer, height: Number(zIndex), blend: mixBlendMode };
    });
    const named = (one) => ({ ...one, blend: one.blend === "normal" ? "source-over" : one.blend });
    return found.sort((a, b) => a.height - b.height).map(named);
  }

  function wrapped(pen, text, width) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = lines[lines.length - 1] + (lines[lines.length - 1] && " ") + word;
      if (pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  function writeHead(pen, title, lines) {
    pen.fillStyle = token("--text");
    pen.font = "600 15px system-ui, sans-serif";
    pen.fillText(title, MARGIN, 20);
    pen.font = SMALL;
    lines.forEach((line, place) => pen.fillText(line, MARGIN, 38 + LINE * place));
  }

  function writeLegend(pen, card, top) {
    const [title] = textOf("#explore-map-legend .legend-title");
    pen.font = "600 12px system-ui, sans-serif";
    pen.fillText(title || "", MARGIN, top);
    pen.font = SMALL;
    let left = MARGIN;
    for (const item of card.querySelectorAll(".legend li")) {
      pen.fillStyle = item.querySelector(".swatch").style.backgroundColor;
      pen.globalAlpha = 0.7; // as on the map
      pen.fillRect(left, top + 8, 14, 12);
      pen.globalAlpha = 1;
      pen.fillStyle = token("--text");
      pen.fillText(item.textContent, left + 18, top + 18);
      left += 30 + pen.measureText(item.textContent).width;
    }
  }

  function save(href, name) {
    const link = document.createElement("a");
    link.href = href;
    link.download = name || "";
    link.click();
  }

  /* Numbers come from the server, which streams them with their provenance. */
  function serverFile(card, action) {
    const page = patroliq.page;
    const part = /^responsible_use-(\w+)-card$/.exec(card.id);
    if (part) return save(`/export/responsible-use.csv?part=${part[1]}`);
    if (CALLS_FIGURES[card.id]) return save(callsFile(CALLS_FIGURES[card.id], page));
    const address = patroliq.address();
    const path = (FILES[card.id] || (() => ""))(page, action);
    if (path) save(`/export/${path}${address ? "&" + address : ""}`.replace("?&", "?"));
  }

  const viewFile = (view) => `view.csv?_view=${encodeURIComponent(view)}`;

  /* By card; only that of the clicked card is asked, since others need what is on their own page. */
  const FILES = {
    "forecast-areas-card": (page, action) => demandFile(action, page),
    "forecast-fan-card": (page, action) => demandFile(action, page, "total"),
    "explore-map-card": (page) => `map.geojson?_mode=${encodeURIComponent(mapMode(page))}`,
    "explore-table-card": (page, action) =>
      ALL_FIELDS[action] ? `${ALL_FIELDS[action]}?` : `incidents.csv?${listOptions(action, page)}`,
    "explore-hours-card": () => viewFile("hour_weekday"),
    "temporal-week-card": () => viewFile("hour_weekday"),
    "temporal-series-card": (page) => viewFile(page.step === "month" ? "month" : "day"),
    "explore-days-card": () => viewFile("day"),
    "explore-offenses-card": (page) => viewFile(page.offenses || "type"),
    "explore-areas-card": (page) =>
      page.areas === "block"
        ? `blocks.csv?_sort=${page.block_sort || "incidents"}`
        : viewFile(page.areas || firstLevel()),
  };

  function mapMode(page) {
    const points = page.map === "points" || (isCells(page) && page.size === "points");
    if (points) return "points:" + (page.bounds || "-180,-90,180,90");
    return isCells(page) ? "cells:" + (page.size || "250") : page.map;
  }

  /* Calls have a selection of their own, in the page's options. */
  const CALLS_FIGURES = {
    "calls-week-card": "week",
    "calls-bars-card": "values",
    "calls-waits-card": "waits",
    "calls-workload-card": "workload",
    "calls-staffing-card": "staffing",
  };
  const CALLS_OPTIONS = {
    c_sel: "sel", c_level: "level", c_by: "by", c_wait: "wait", c_share: "call_share",
    c_crew: "officers_per_unit", c_hours: "officer_hours", c_most: "most_waiting",
  };

  function callsFile(figure, page) {
    const options = { figure };
    for (const [name, option] of Object.entries(CALLS_OPTIONS)) {
      if (page[name]) options[option] = page[name];
    }
    return `/export/calls.csv?${new URLSearchParams(options)}`;
  }

  /* Exactly what the Forecast page shows: each area, or the sum of the chosen ones. */
  function demandFile(action, page, sum = "areas") {
    const options = { _sum: sum };
    for (const name of ["target", "level", "shift", "step", "measure"]) {
      if (page[`f_${name}`]) options[`_${name}`] = page[`f_${name}`];
    }
    const ending = action === "export-geojson" ? "geojson" : "csv";
    return `demand.${ending}?${new URLSearchParams(options)}`;
  }

  /* The list's columns and order; for its page, also where that begins and how many rows it has. */
  function listOptions(action, page) {
    const grid = window.dash_ag_grid.getApi("explore-table");
    const columns = grid.getAllDisplayedColumns().map((column) => column.getColId());
    const options = { _columns: columns.join(","), _sort: page.sort || "occurred_from", _desc: page.desc || "1" };
    if (action === "export-page") {
      const rows = grid.getDisplayedRowCount();
      Object.assign(options, { _offset: page.offset || "0", _rows: String(rows) });
    }
    return new URLSearchParams(options).toString();
  }

  /* The card's default: the first level that the source has. */
  function firstLevel() {
    const level = document.getElementById("explore-areas-level");
    return (level && level.value) || "district";
  }

  function isCells(page) {
    return !page.map || page.map === "cells";
  }

  function showTable(entry, card) {
    const numbers = document.getElementById(entry.getAttribute("aria-controls"));
    const shown = !card.classList.contains("shows-numbers");
    card.classList.toggle("shows-numbers", shown);
    numbers.hidden = !shown;
    entry.setAttribute("aria-expanded", String(shown));
    entry.textContent = shown ? "Back to the chart" : "Table of the same numbers";
    const open = [...document.querySelectorAll(".shows-numbers")].map((one) => one.id.split("-")[1]);
    patroliq.setPage({ numbers: open.join(",") });
  }

  document.addEventListener("click", (event) => {
    const entry = event.target.closest("[data-action][data-card]");
    if (!entry) return;
    const { action } = entry.dataset;
    const card = document.getElementById(entry.dataset.card);
    entry.closest("details").open = false;
    if (action === "show-table") showTable(entry, card);
    else if (SERVER_FILES.includes(action)) serverFile(card, action);
    else if (card.querySelector(".leaflet-container")) mapImage(card);
    else image(card, action.slice("export-".length));
  });

  const PANELS = "details.menu[open], details.more[open], details.dates[open]";

  /* One menu open at a time, closed by a click elsewhere or Escape. */
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(PANELS)) {
      if (!menu.contains(event.target) && document.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(PANELS)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})(window.patroliq);
