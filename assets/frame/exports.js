/* Images of charts. Each carries its title, the selection as a sentence, snapshot and date. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

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

  /* Bar lists are buttons on the page; the image is a bar chart of the same rows. */
  function barsFigure(card) {
    const rows = [...card.querySelectorAll(".bar-row")].reverse();
    const pressed = rows.map((row) => row.getAttribute("aria-pressed") === "true");
    const plain = token(pressed.includes(true) ? "--mark-muted" : "--mark");
    return {
      data: [
        {
          type: "bar",
          orientation: "h",
          y: rows.map((row) => row.querySelector(".bar-label").textContent),
          x: rows.map((row) => Number(row.dataset.value)),
          text: rows.map((row) => row.dataset.shown),
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
    for (const layer of map.querySelectorAll("canvas")) {
      const box = layer.getBoundingClientRect();
      pen.drawImage(layer, box.left - frame.left, box.top - frame.top + head, box.width, box.height);
    }
    save(canvas.toDataURL("image/png"), fileName(titleOf(card)) + ".png");
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
  function serverFile(card, format) {
    const page = patroliq.page;
    const text = (patroliq.state || {}).text || "";
    const points = page.map === "points" || (isCells(page) && page.size === "points");
    const bounds = page.bounds || "-180,-90,180,90";
    const mode = points ? "points:" + bounds : isCells(page) ? "cells:" + (page.size || "250") : page.map;
    const path = {
      "explore-map-card": `map.geojson?_mode=${encodeURIComponent(mode)}`,
      "explore-table-card": "incidents.csv?",
      "explore-hours-card": "view.csv?_view=hour_weekday",
      "temporal-week-card": "view.csv?_view=hour_weekday",
      "temporal-series-card": `view.csv?_view=${page.step === "month" ? "month" : "day"}`,
      "explore-days-card": "view.csv?_view=day",
      "explore-offenses-card": `view.csv?_view=${encodeURIComponent(page.offenses || "type")}`,
      "explore-areas-card": `view.csv?_view=${encodeURIComponent(page.areas || firstLevel())}`,
    }[card.id];
    if (path) save(`/export/${path}${text ? "&" + text : ""}`.replace("?&", "?"));
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
    else if (action === "export-csv" || action === "export-geojson") serverFile(card);
    else if (card.querySelector(".leaflet-container")) mapImage(card);
    else image(card, action.slice("export-".length));
  });

  /* One menu open at a time, closed by a click elsewhere or Escape. */
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open], details.more[open]")) {
      if (!menu.contains(event.target) && document.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open], details.more[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})(window.patroliq);
