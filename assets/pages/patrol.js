/* The Patrol page: a place in the list or a position on the map goes into the form of changes. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  function fill(name, value) {
    const field = document.querySelector(`#patrol-changes [name="${name}"]`);
    if (!field) return;
    write(field, HTMLInputElement, value);
    field.focus();
  }

  // React notes a value only if it is set past the property that it watches.
  function write(field, kind, value) {
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* A right click on this map, or press and hold, means the position itself. */
  patroliq.maps.patrol.pointedAt = ({ latlng }) =>
    fill("position", `${latlng.lat.toFixed(6)}, ${latlng.lng.toFixed(6)}`);

  /* A number of the briefing shows the card that it comes from. */
  function show(card) {
    const before = document.querySelector(".patrol-shown");
    if (before) before.classList.remove("patrol-shown");
    card.classList.add("patrol-shown");
    card.scrollIntoView({ block: "nearest" });
    card.tabIndex = -1;
    card.focus({ preventScroll: true });
  }

  /* A text that is typed stays in this tab until it is saved, whatever redraws its form. */
  const isBriefing = (element) => element.matches("[id^='briefing-text-']");

  document.addEventListener("input", ({ target }) => {
    if (isBriefing(target)) sessionStorage.setItem(target.id, target.value);
  });

  document.addEventListener(
    "toggle",
    ({ target }) => {
      const text = target.open && target.querySelector("[id^='briefing-text-']");
      const typed = text && sessionStorage.getItem(text.id);
      if (typed && typed !== text.value) write(text, HTMLTextAreaElement, typed);
    },
    true,
  );

  const REPLACES = "Replace the text by a new draft? What was saved before stays under Earlier texts.";

  document.addEventListener("click", (event) => {
    const again = event.target.closest(".briefing-edit button[name='again']");
    if (again && !window.confirm(REPLACES)) event.preventDefault();
    const cited = event.target.closest("button[data-shows]");
    if (cited) show(document.getElementById(cited.dataset.shows));
    const button = event.target.closest("button[data-place]");
    if (button) fill("place", button.dataset.place);
  });
})(window.patroliq);
