/* Loads the charts' script beside everything else. Dash waits for a `Plotly` that is a promise, and
 * would load a script that needs `eval` if there were none.
 */
(function (source) {
  "use strict";

  window.Plotly = import(source).then((charts) => (window.Plotly = charts.default));
})(document.currentScript.dataset.source);
