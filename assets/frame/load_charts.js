/* Loads the charts' script beside everything else. Dash waits for a `Plotly` that is a promise, and
 * would load a script that needs `eval` if there were none.
 */
(function (charts) {
  "use strict";

  if (charts) window.Plotly = import(charts).then((loaded) => (window.Plotly = loaded.default));
})(document.currentScript.dataset.charts);
