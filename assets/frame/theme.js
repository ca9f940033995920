/* Light or dark, as chosen last time or as the system has it, before the first paint. */
(function () {
  "use strict";

  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = window.localStorage.getItem("patroliq-theme");
  document.documentElement.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
})();
