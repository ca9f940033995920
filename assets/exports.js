/* Images of charts. Each carries its title, the selection as a sentence, snapshot and date. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const WIDTH = 1200;
  const HEIGHT = 720;

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function provenance() {
    const text = (id) => (document.getElementById(id) || { textContent: "" }).textContent.trim();
    const state = patroliq.state || {};
    return [
      text("selection-sentence"),
      [text("dataset"), text("badges"), "Snapshot " + (state.snapshot || "none")]
        .concat("made " + new Date().toISOString().slice(0, 10))
        .filter(Boolean)
        .join(" · "),
    ];
  }

  /* Bar lists are buttons on the page; as an image they are a bar chart of the same rows. */
  function barsFigure(card) {
    const rows = [...card.querySelectorAll(".bar-row")].reverse();
    return {
      data: [
        {
          type: "bar",
          orientation: "h",
          y: rows.map((row) => row.querySelector(".bar-label").textContent),
          x: rows.map((row) => Number(row.dataset.value)),
          text: rows.map((row) => row.querySelector(".bar-value").textContent),
          textposition: "outside",
          cliponaxis: false,
          marker: { color: token("--bar") || "#4a6fa5" },
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

  function titled(figure, title) {
    const [sentence, origin] = provenance();
    const layout = figure.layout;
    layout.paper_bgcolor = token("--surface") || "#ffffff";
    layout.font = Object.assign({}, layout.font, { color: token("--text") || "#222222" });
    layout.title = {
      text: `<b>${escape(title)}</b><br><sup>${escape(sentence)}</sup><br><sup>${escape(origin)}</sup>`,
      x: 0.02,
      xanchor: "left",
      y: 0.97,
      yanchor: "top",
    };
    layout.margin = Object.assign({}, layout.margin, { t: 110, l: 80, r: 60, b: 60 });
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
    const figure = titled(figureOf(card), title);
    const filename = fileName(title);
    await window.Plotly.downloadImage(figure, { format, filename, width: WIDTH, height: HEIGHT });
  }

  function titleOf(card) {
    const level = card.querySelector("select");
    const title = card.querySelector("h2").firstChild.textContent.trim();
    return level ? `${title} ${level.selectedOptions[0].textContent}` : title;
  }

  /* The map's canvases, as they lie on the page, under the same title. */
  function mapImage(card) {
    const map = card.querySelector(".leaflet-container");
    const frame = map.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    const canvas = document.createElement("canvas");
    canvas.width = frame.width * scale;
    canvas.height = (frame.height + 64) * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.fillStyle = token("--surface");
    pen.fillRect(0, 0, frame.width, frame.height + 64);
    pen.fillStyle = token("--text");
    pen.font = "600 15px system-ui, sans-serif";
    pen.fillText(titleOf(card), 12, 20);
    pen.font = "12px system-ui, sans-serif";
    provenance().forEach((line, place) => pen.fillText(line, 12, 38 + 16 * place));
    pen.beginPath();
    pen.rect(0, 64, frame.width, frame.height);
    pen.clip();
    for (const layer of map.querySelectorAll("canvas")) {
      const box = layer.getBoundingClientRect();
      pen.drawImage(layer, box.left - frame.left, box.top - frame.top + 64, box.width, box.height);
    }
    save(canvas.toDataURL("image/png"), fileName(titleOf(card)) + ".png");
  }

  function save(href, name) {
    const link = document.createElement("a");
    link.href = href;
    link.download = name || "";
    link.click();
  }

  /* Numbers come from the server, which streams them with where they come from. */
  function serverFile(card, format) {
    const page = patroliq.page;
    const text = (patroliq.state || {}).text || "";
    const mode = !page.map || page.map === "cells" ? "cells:" + cellSize(page) : page.map;
    const path = {
      "explore-map-card": `map.geojson?mode=${encodeURIComponent(mode)}`,
      "explore-table-card": "incidents.csv?",
      "explore-hours-card": "view.csv?view=hour_weekday",
      "explore-days-card": "view.csv?view=day",
      "explore-offences-card": `view.csv?view=${encodeURIComponent(page.offences || "type")}`,
      "explore-areas-card": `view.csv?view=${encodeURIComponent(page.areas || "district")}`,
    }[card.id];
    if (path) save(`/export/${path}${text ? "&" + text : ""}`.replace("?&", "?"));
  }

  function cellSize(page) {
    return !page.size || page.size === "points" ? "250" : page.size;
  }

  function showTable(entry, card) {
    const numbers = document.getElementById(entry.getAttribute("aria-controls"));
    const shown = !card.classList.contains("shows-numbers");
    card.classList.toggle("shows-numbers", shown);
    numbers.hidden = !shown;
    entry.setAttribute("aria-expanded", String(shown));
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
