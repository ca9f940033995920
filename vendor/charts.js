/* Plotly with the traces that PatrolIQ draws, none of which needs `eval`. Those drawn by the
 * graphics card are half of the code and load with the first figure that has one.
 */
import bar from "plotly.js/lib/bar";
import barpolar from "plotly.js/lib/barpolar";
import Plotly from "plotly.js/lib/core";
import heatmap from "plotly.js/lib/heatmap";
import scatterpolar from "plotly.js/lib/scatterpolar";

Plotly.register([bar, barpolar, heatmap, scatterpolar]);

const LATER = new Set(["scatter3d", "scattergl"]);

for (const name of ["newPlot", "react"]) {
  const draw = Plotly[name];
  Plotly[name] = async (graph, figure, ...rest) => {
    const traces = Array.isArray(figure) ? figure : (figure && figure.data) || [];
    if (traces.some(({ type }) => LATER.has(type))) {
      Plotly.register((await import("./webgl.js")).default);
    }
    return draw(graph, figure, ...rest);
  };
}

export default Plotly;
