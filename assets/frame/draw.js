/* Draws html components of an answer into an element that is marked with data-drawn.
 *
 * Dash would wrap each component, and ask every wrapper on the page again for each output. Nothing that
 * is drawn here has callbacks, so the elements are enough; those that stay are kept, with their focus.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const HTML = "dash_html_components";
  const NAMES = { className: "class", htmlFor: "for" };
  const NOT_ATTRIBUTES = ["children", "style", "key"];
  const given = new WeakMap(); // element → the component that it shows

  function listed(children) {
    return [children].flat(Infinity).filter((child) => child !== null && child !== undefined);
  }

  function setStyle(element, style, before) {
    for (const name of Object.keys(before)) if (!(name in style)) put(name, "");
    for (const [name, value] of Object.entries(style)) if (before[name] !== value) put(name, value);
    function put(name, value) {
      if (name.startsWith("--")) element.style.setProperty(name, value);
      else element.style[name] = value;
    }
  }

  function setAttribute(element, name, value) {
    const called = NAMES[name] || (/^(data|aria)-/.test(name) ? name : name.toLowerCase());
    const isNone = value === null || value === undefined;
    if (isNone || value === false) element.removeAttribute(called);
    else element.setAttribute(called, value === true ? "" : value);
  }

  function fit(element, props) {
    const before = (given.get(element) || { props: {} }).props;
    for (const name of new Set([...Object.keys(before), ...Object.keys(props)])) {
      if (!NOT_ATTRIBUTES.includes(name) && before[name] !== props[name]) {
        setAttribute(element, name, props[name]);
      }
    }
    setStyle(element, props.style || {}, before.style || {});
    if (JSON.stringify(before.children) !== JSON.stringify(props.children)) fill(element, props.children);
  }

  function made(component) {
    if (component.namespace !== HTML) throw new Error(`${component.namespace} cannot be drawn here`);
    return document.createElement(component.type);
  }

  function suits(node, component) {
    return node.localName === component.type.toLowerCase() && given.has(node);
  }

  /* The elements of an answer by their keys, which the bars of a list have; others by their place. */
  function keyed(nodes) {
    return new Map(nodes.filter((node) => node.dataset && node.dataset.key).map((node) => [node.dataset.key, node]));
  }

  function shownBy(child, stands, byKey) {
    if (typeof child !== "object") {
      if (stands && stands.nodeType === Node.TEXT_NODE) {
        if (stands.data !== String(child)) stands.data = child;
        return stands;
      }
      return document.createTextNode(child);
    }
    const key = child.props["data-key"];
    const same = key === undefined ? stands : byKey.get(key);
    const isFree = same && suits(same, child) && (key !== undefined || !same.dataset.key);
    const node = isFree ? same : made(child);
    if (key !== undefined) byKey.delete(key);
    fit(node, child.props);
    given.set(node, child);
    return node;
  }

  function fill(element, children) {
    const byKey = keyed([...element.childNodes]);
    let next = element.firstChild;
    for (const child of listed(children)) {
      const node = shownBy(child, next, byKey);
      if (node === next) next = next.nextSibling;
      else element.insertBefore(node, next);
    }
    while (next) {
      const last = next;
      next = next.nextSibling;
      last.remove();
    }
  }

  /* Children that the page came with are React's, and are not kept. */
  patroliq.draw = function (element, children) {
    if (!given.has(element)) element.replaceChildren();
    given.set(element, { props: {} });
    fill(element, children);
  };
})(window.patroliq);
