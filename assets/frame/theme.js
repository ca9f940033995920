/* Light or dark, as chosen last time or as the system has it, before the first paint. */
(function () {
  "use strict";

  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = window.localStorage.getItem("patroliq-theme");
  } catch (error) {
    window.reportError(error); // storage that is blocked must not stop the scripts behind this one
  }
  document.documentElement.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
})();
