/* The traces that the graphics card draws. */
import scatter3d from "plotly.js/lib/scatter3d";
import scattergl from "plotly.js/src/traces/scattergl/strict";

export default [scattergl, scatter3d];
