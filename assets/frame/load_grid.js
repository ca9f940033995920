/* Loads the grid's script, the largest of all, with the first page that has a table of rows.
 *
 * Until then a box stands for the grid.
 */
(function (grid) {
  "use strict";

  let started = null;

  function load() {
    if (!started) {
      started = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        Object.assign(script, { src: grid, onload: resolve, onerror: reject });
        document.head.append(script);
      }).then(() => {
        const library = window.dash_ag_grid;
        window.dash_ag_grid = { ...library, AgGrid: Grid };
        return library.AgGrid;
      });
      started.catch(() => (started = null)); // the next page with a table tries again
    }
    return started;
  }

  function Grid(props) {
    const { createElement, useEffect, useState } = window.React;
    const [Drawn, setDrawn] = useState(null);
    useEffect(() => {
      let stands = true;
      load().then((component) => stands && setDrawn(() => component));
      return () => (stands = false);
    }, []);
    if (Drawn) return createElement(Drawn, props);
    return createElement("div", { id: props.id, className: props.className, style: props.style });
  }

  Grid.dashRenderType = true;
  window.dash_ag_grid = { AgGrid: Grid };
})(document.currentScript.dataset.grid);
