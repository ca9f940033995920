/* Links that carry the page's address; undo and redo by keyboard. */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const NOTE_MS = 4000;
  let noteTimer = null;

  /* The clipboard needs https; over plain http the browser copies what is selected. */
  async function copy(text) {
    if (window.isSecureContext && navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch (refused) {
        /* not permitted: select it instead */
      }
    }
    return copySelected(text);
  }

  function copySelected(text) {
    const before = document.activeElement;
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (before) before.focus({ preventScroll: true });
    return copied;
  }

  async function copyLink(button) {
    const note = button.parentElement.querySelector(".copied");
    const copied = await copy(window.location.href);
    note.textContent = copied ? "Link copied." : "Not copied: copy the address of this page.";
    window.clearTimeout(noteTimer);
    noteTimer = window.setTimeout(() => note.replaceChildren(), NOTE_MS);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest('[data-action="copy-link"]');
    if (button) copyLink(button);
    const link = event.target.closest('[data-action="save-view"]');
    if (link) {
      const { pathname, search, hash } = window.location;
      link.href = `/views?address=${encodeURIComponent(pathname + search + hash)}`;
    }
    const added = event.target.closest('[data-action="add-to-briefing"]');
    if (added) {
      const [path, query] = added.getAttribute("href").split("?");
      const card = new URLSearchParams(query).get("_card");
      const own = window.location.search.replace("?", "&");
      added.href = `${path}?_card=${encodeURIComponent(card)}${own}`;
    }
  });

  /* In a field these keys undo what was typed there. */
  function isTyping(element) {
    return element.isContentEditable || element.matches("input, textarea");
  }

  function step(event) {
    const key = event.key.toLowerCase();
    if (event.altKey || !(event.ctrlKey || event.metaKey)) return null;
    if (key === "z") return event.shiftKey ? "redo" : "undo";
    return key === "y" && !event.shiftKey ? "redo" : null;
  }

  document.addEventListener("keydown", (event) => {
    const name = step(event);
    if (!name || isTyping(event.target)) return;
    event.preventDefault();
    document.getElementById(`selection-${name}`).click();
  });
})(window.patroliq);
