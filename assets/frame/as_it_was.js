/* One tab may open a kept snapshot as it was, or return to today, while others show the other.
 *
 * Every request says which one its page was made from, and the server refuses those of another page.
 * Before a click or a form leaves a page that is out of step, the cookie tells.
 */
(function () {
  "use strict";

  const own = document.documentElement.dataset.asItWas || "";
  const HEADER = "X-PatrolIQ-As-It-Was";
  const COOKIE = "patroliq-as-it-was=";
  const send = window.fetch.bind(window);
  let told = false;

  function opened() {
    const found = document.cookie.split("; ").find((one) => one.startsWith(COOKIE));
    return found ? found.slice(COOKIE.length).replace(/"/g, "").split("~")[0] : "";
  }

  function isOwn(address) {
    return new URL(address instanceof Request ? address.url : address, window.location.href).origin
      === window.location.origin;
  }

  window.fetch = async function (address, options) {
    if (!isOwn(address)) return send(address, options);
    const headers = new Headers((options || {}).headers
      || (address instanceof Request ? address.headers : undefined));
    headers.set(HEADER, own);
    const response = await send(address, { ...options, headers });
    if (response.status === 409 && response.headers.has(HEADER)) {
      const { message } = await response.clone().json().catch(() => ({}));
      if (message) tell(message);
    }
    return response;
  };

  function tell(message) {
    if (told) return;
    told = true;
    const dialog = document.createElement("dialog");
    dialog.className = "other-page";
    dialog.setAttribute("aria-label", "Other data is open now");
    const said = document.createElement("p");
    said.textContent = message;
    const again = document.createElement("button");
    again.className = "button";
    again.textContent = "Load the page again";
    again.addEventListener("click", () => window.location.reload());
    dialog.append(said, again);
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
  }

  function look(event) {
    if (opened() === own) return;
    if (event && event.cancelable && !(event.target.closest && event.target.closest(".other-page"))) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    tell(own
      ? "This page shows data as it was, but this browser has returned to today or opened other data since. Load the page again."
      : "This page shows today's data, but this browser has a kept snapshot open as it was since. Load the page again.");
  }

  document.addEventListener("click", look, true);
  document.addEventListener("submit", look, true);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  window.addEventListener("pageshow", () => look());
})();
