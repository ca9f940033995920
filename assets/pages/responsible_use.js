/* The page Responsible use is handed out on paper: its button opens the browser's print dialog. */
(function () {
  "use strict";

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
})();
