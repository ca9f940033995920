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
    const title = card.querySelector(".card-title").textContent.trim();
    const figure = titled(figureOf(card), title);
    const filename = fileName(title);
    await window.Plotly.downloadImage(figure, { format, filename, width: WIDTH, height: HEIGHT });
  }

  function toggleTable(card) {
    const shown = card.classList.toggle("shows-table");
    const table = card.querySelector(".card-table");
    if (table) table.hidden = !shown;
  }

  document.addEventListener("click", (event) => {
    const entry = event.target.closest("[data-action][data-card]");
    if (!entry) return;
    const card = document.getElementById(entry.dataset.card);
    const menu = entry.closest("details");
    if (menu) menu.open = false;
    if (entry.dataset.action === "export-png") image(card, "png");
    if (entry.dataset.action === "export-svg") image(card, "svg");
    if (entry.dataset.action === "show-table") toggleTable(card);
  });

  patroliq.exportImage = image;
})(window.patroliq);
