/* The page is printed as it stands on the screen, scaled to the paper's width; that of a phone or
 * tablet as on a desk screen. Charts are pictures of the screen's size that shrink to their card;
 * maps keep their size.
 */
(function () {
  "use strict";

  const LANDSCAPE = 940; // css pixels between the margins of a Letter sheet, the shorter of the two
  const DESK = 1240; // css pixels of a page on a desk screen
  const NARROW = 1000; // a page in one or two columns
  const CHARTS = ".js-plotly-plot .svg-container";
  const root = document.documentElement;

  function sizeOf(element) {
    return { width: element.clientWidth, height: element.clientHeight };
  }

  /* Without the attribute a picture of fixed size would be cut instead of scaled. */
  function scaleChart(chart) {
    const { width, height } = sizeOf(chart);
    if (!width || !height) return;
    chart.style.setProperty("--drawn-width", width);
    chart.style.setProperty("--drawn-height", height);
    for (const picture of chart.querySelectorAll(".main-svg")) {
      picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    }
  }

  function keepMap(map) {
    const { width, height } = sizeOf(map);
    if (!width) return;
    map.style.setProperty("--drawn-width", width);
    map.style.setProperty("--drawn-height", height);
  }

  window.addEventListener("beforeprint", () => {
    const stage = document.querySelector(".stage");
    const page = document.querySelector("#page main");
    if (!stage || !page) return;
    const width = Number(getComputedStyle(stage).getPropertyValue("--printed-width")) || LANDSCAPE;
    const isNarrow = stage.clientWidth < NARROW;
    root.dataset.printed = isNarrow ? "narrow" : "wide";
    const laidOut = isNarrow ? DESK : stage.clientWidth;
    root.style.setProperty("--printed-scale", Math.min(1, width / laidOut));
    root.style.setProperty("--printed-height", `${Math.min(page.clientHeight, 1000)}px`);
    page.querySelectorAll(CHARTS).forEach(scaleChart);
    page.querySelectorAll(".explore-map").forEach(keepMap);
  });

  window.addEventListener("afterprint", () => {
    for (const picture of document.querySelectorAll(`${CHARTS} .main-svg`)) {
      picture.removeAttribute("viewBox");
    }
  });
})();
