/* The box that finds things and reads phrases: Ctrl-K or / opens it on every page.
 *
 * The text is written to a store, the server answers with options, and the keyboard moves through
 * them while the focus stays in the field. A chosen option is a gesture of the bus, or a link.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const TYPING_MS = 120;
  const AGAIN_MS = 500; // while the blocks are being indexed
  const observer = new MutationObserver(arrived);
  let timer = null;
  let asked = 0;
  let entered = null; // Enter was pressed before the answer for its text arrived

  const box = () => document.getElementById("ask");
  const field = () => document.getElementById("ask-phrase");
  const answer = () => document.getElementById("ask-answer");
  const options = () => [...answer().querySelectorAll("[role=option]")];

  function open() {
    const dialog = box();
    const isReady = dialog && window.dash_clientside && window.dash_clientside.set_props;
    if (!isReady || dialog.open) return;
    describe();
    watch();
    entered = null;
    dialog.showModal();
    field().select();
    ask();
  }

  function close() {
    window.clearTimeout(timer);
    entered = null;
    if (box().open) box().close();
  }

  /* The component of the field takes no roles. */
  function describe() {
    const attributes = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": "ask-answer",
      "aria-expanded": "true",
      "aria-label": box().dataset.label,
    };
    for (const [name, value] of Object.entries(attributes)) field().setAttribute(name, value);
  }

  function ask() {
    asked += 1;
    window.dash_clientside.set_props("ask-question", { data: { phrase: field().value, n: asked } });
  }

  function later(wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, wait);
  }

  function mark(option) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (!option) return field().removeAttribute("aria-activedescendant");
    field().setAttribute("aria-activedescendant", option.id);
    return option.scrollIntoView({ block: "nearest" });
  }

  const marked = () => options().find((one) => one.getAttribute("aria-selected") === "true");

  function move(step) {
    const all = options();
    if (all.length) mark(all[(all.indexOf(marked()) + step + all.length) % all.length]);
  }

  function isAnswered() {
    const shown = answer().querySelector("[data-phrase]");
    return shown && shown.dataset.phrase === field().value;
  }

  function choose(option, adds) {
    if (!option) return;
    if (adds && option.dataset.narrowed) option.dataset.text = option.dataset.narrowed;
    option.click();
  }

  function enter(adds) {
    if (isAnswered()) return choose(marked(), adds);
    entered = { adds };
    window.clearTimeout(timer);
    return ask();
  }

  /* React has drawn another answer. */
  function arrived() {
    if (!box().open) return;
    mark(options()[0]);
    if (!isAnswered()) return;
    if (answer().querySelector("[data-again]")) later(AGAIN_MS);
    if (!entered) return;
    const { adds } = entered;
    entered = null;
    choose(marked(), adds);
  }

  /* The first HTML's element is replaced when the app starts, so it is watched from each opening on. */
  function watch() {
    observer.disconnect();
    observer.observe(answer(), { childList: true, subtree: true });
  }

  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  document.addEventListener("keydown", (event) => {
    const combined = event.ctrlKey || event.metaKey;
    const opens = combined ? event.key.toLowerCase() === "k" : event.key === "/" && !isTyping(event.target);
    if (opens && !event.altKey && box() && !box().open) {
      event.preventDefault();
      return open();
    }
    if (event.target.id !== "ask-phrase" || event.isComposing) return undefined;
    const keys = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Enter: () => enter(event.shiftKey),
    };
    if (!keys[event.key]) return undefined;
    event.preventDefault();
    return keys[event.key]();
  });

  document.addEventListener("input", (event) => {
    if (event.target.id !== "ask-phrase") return;
    entered = null;
    later(TYPING_MS);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#ask-open")) return open();
    if (!box() || !box().open) return undefined;
    const outside = event.target === box();
    if (outside || event.target.closest("#ask-close, #ask [role=option]")) close();
    return undefined;
  });

})(window.patroliq);
