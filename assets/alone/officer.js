/* The officer's page: stops of a unit in order, visits with a timer, sent when there is a connection.
 *
 * Everything is kept in this browser until the server has it: the chosen plan, the visit that runs, and
 * finished visits. A visit has an id from here, so that sending it twice stores it once.
 */
(function () {
  "use strict";

  const TOKEN = "__Host-patroliq-token=";
  const RETRY_MS = 30000;
  const PATIENCE_MS = 20000; // a weak connection may never answer
  const MOST_SENT = 200; // finished visits that are remembered to mark stops
  const find = (id) => document.getElementById(id);
  const said = { plans: "", news: "", visits: "" }; // by topic, until it is no longer so
  let sending = false;
  let isChoosing = false; // another plan or unit; until then the old one stays
  let offered = null; // the plan of which the form lists the units

  function read(key, otherwise) {
    try {
      return JSON.parse(window.localStorage.getItem(`patroliq-go-${key}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  function write(key, value) {
    window.localStorage.setItem(`patroliq-go-${key}`, JSON.stringify(value));
  }

  function make(tag, text, attributes = {}) {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  /* What a change must carry where people sign in. */
  function token() {
    const found = document.cookie.split("; ").find((one) => one.startsWith(TOKEN));
    return found ? decodeURIComponent(found.slice(TOKEN.length)) : "";
  }

  /* crypto.randomUUID needs a secure address, which an agency's own network may lack. */
  function newId() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function today() {
    const asked = new URLSearchParams(window.location.search).get("date");
    if (asked) return asked;
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  }

  /* The answer to a request; the reason that an officer is told otherwise, which is none offline. */
  async function ask(address, options = {}) {
    let response;
    let text;
    try {
      const signal = AbortSignal.timeout?.(PATIENCE_MS); // Safari has it since 16
      response = await fetch(address, { ...options, signal });
      text = await response.text();
    } catch {
      throw new Error(navigator.onLine ? "The server does not answer; this page tries again." : "");
    }
    find("sign-in").hidden = response.status !== 401;
    find("account").hidden = !token(); // with the way out; shown where people sign in
    if (response.status === 401) throw new Error("Sign in to go on; what you entered stays on this phone.");
    if (!response.ok) throw new Error(text.trim());
    try {
      return JSON.parse(text);
    } catch {
      throw new Error("The answer cannot be read, perhaps for want of a sign-in; open this page again.");
    }
  }

  /* What an officer was told, what waits to be sent, and what was refused. */
  function showStatus() {
    const waiting = read("queue", []).length;
    const refused = read("refused", []).length;
    const parts = Object.values(said).filter(Boolean);
    if (waiting) parts.push(`${waiting} ${waiting === 1 ? "visit waits" : "visits wait"} to be sent.`);
    else if (read("sent", []).length) parts.push("All visits are sent.");
    if (!navigator.onLine) parts.push("No connection.");
    if (refused) parts.push(`${refused} ${refused === 1 ? "visit was" : "visits were"} refused, see below.`);
    const text = parts.join(" ");
    if (find("status").textContent !== text) find("status").textContent = text; // else it is read out again
  }

  function say(topic, words) {
    said[topic] = words;
    showStatus();
  }

  /* Options of a list, as pairs of value and words; what is chosen stays chosen. */
  function setOptions(id, pairs) {
    const known = Array.from(find(id).options, (one) => [one.value, one.textContent]);
    const wanted = pairs.map((pair) => pair.map(String));
    if (JSON.stringify(known) === JSON.stringify(wanted)) return;
    const before = find(id).value;
    find(id).replaceChildren(...wanted.map(([value, words]) => make("option", words, { value })));
    if (wanted.some(([value]) => value === before)) find(id).value = before;
  }

  function offer(plan) {
    offered = plan;
    const units = plan ? plan.units : [];
    setOptions("unit", units.map((one) => [one.unit, `Unit ${one.unit}, area ${one.area}`]));
  }

  async function offerPlans() {
    const { plans } = await ask(`/go/plans.json?date=${encodeURIComponent(today())}`);
    const missing = "No plan for today yet; ask who makes the plans.";
    say("plans", plans.length || chosen() ? "" : missing);
    if (!plans.length && chosen()) return; // its own plan stays offered
    setOptions("plan", plans.map((one) => [one.plan, one.title]));
    await offerUnits();
  }

  /* Units of the plan that is chosen in the form; an answer for another one comes too late. */
  async function offerUnits() {
    const { value } = find("plan");
    if (!offered || String(offered.plan) !== value) offer(null);
    if (!value) return;
    try {
      const plan = await ask(`/go/plan.json?plan=${encodeURIComponent(value)}`);
      if (find("plan").value === value) offer(plan);
    } catch (error) {
      if (find("plan").value === value) throw error;
    }
  }

  /* The plan and unit, until an hour after the shift; a visit that runs then is ended first. */
  function chosen() {
    const plan = read("plan", null);
    if (plan && Date.now() > Date.parse(plan.until) && !read("running", null)) return null;
    const unit = plan && plan.units.find((one) => one.unit === read("unit", 0));
    return unit ? { plan, unit } : null;
  }

  /* Links of iPhones differ from those of all others. */
  function directions(stop) {
    const at = `${stop.lat},${stop.lon}`;
    if (/iPhone|iPad|Macintosh/.test(navigator.userAgent)) return `maps://?daddr=${at}`;
    return `geo:${at}?q=${encodeURIComponent(`${at}(${stop.place})`)}`;
  }

  /* The first visit to a place belongs to the first stop there, and so on; more to the last one. */
  function minutesDone(plan, unit, stop) {
    const { place } = stop;
    const stops = unit.stops.filter((one) => one.place === place);
    const order = stops.indexOf(stop);
    return [...read("sent", []), ...read("queue", [])]
      .filter((one) => one.plan === plan.plan && one.unit === unit.unit && one.place === place)
      .sort((one, other) => Date.parse(one.started) - Date.parse(other.started))
      .slice(order, order === stops.length - 1 ? undefined : order + 1)
      .map((one) => Math.max(1, Math.round((new Date(one.ended) - new Date(one.started)) / 60000)));
  }

  function stopItem(plan, unit, stop) {
    const item = make("li", "");
    const done = minutesDone(plan, unit, stop);
    item.append(
      make("h2", `${stop.arrive} · ${stop.place}`),
      make("p", stop.why),
      make("p", done.length ? `Visited: ${done.join(", ")} min` : `${stop.minutes} minutes planned`, {
        class: done.length ? "done" : "quiet",
      })
    );
    const buttons = make("div", "", { class: "buttons" });
    const start = make("button", "Start visit", {
      type: "button",
      class: "primary",
      "aria-label": `Start visit: ${stop.arrive}, ${stop.place}`,
    });
    start.disabled = Boolean(read("running", null));
    start.addEventListener("click", () => begin(stop));
    buttons.append(
      make("a", "Navigate", { href: directions(stop), "aria-label": `Navigate: ${stop.arrive}, ${stop.place}` }),
      start
    );
    item.append(buttons);
    return item;
  }

  function show() {
    const found = chosen();
    if (!found && !find("shift").hidden) {
      setOptions("plan", []); // offers of an earlier day
      offer(null);
    }
    const hasStops = Boolean(found) && !isChoosing;
    find("choice").hidden = hasStops;
    find("keep").hidden = !found;
    find("shift").hidden = !hasStops;
    find("stops").replaceChildren();
    if (hasStops) {
      const { plan, unit } = found;
      const who = `${plan.title}, unit ${unit.unit}, area ${unit.area}`;
      const about = `${who} (plan ${plan.plan}, version ${plan.version})`;
      find("about").textContent = [about, ...(plan.notes || [])].join(". ");
      find("stops").append(...unit.stops.map((stop) => stopItem(plan, unit, stop)));
    }
    showVisit();
    showRefused();
    showStatus();
  }

  function begin(stop) {
    const found = chosen();
    if (!found) return keepCurrent();
    said.news = "";
    const { plan, unit } = found;
    const { place, lat, lon } = stop;
    const own = { plan: plan.plan, version: plan.version, unit: unit.unit, place, lat, lon };
    write("running", { id: newId(), ...own, started: new Date().toISOString(), note: "" });
    show();
    return find("stop").focus();
  }

  function end() {
    const running = read("running", null);
    if (!running) return;
    const visit = { ...running, ended: new Date().toISOString(), person: read("person", "") };
    write("queue", [...read("queue", []), visit]);
    write("running", null);
    show();
    sync();
  }

  function showVisit() {
    const running = read("running", null);
    find("visit").hidden = !running;
    document.body.classList.toggle("is-visiting", Boolean(running));
    if (running) {
      find("visit-place").textContent = running.place;
      find("note").value = running.note;
    }
    tick();
  }

  function tick() {
    const running = read("running", null);
    if (!running) return;
    const seconds = Math.max(0, Math.floor((Date.now() - new Date(running.started)) / 1000));
    find("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  /* What the server answers for is taken from the queue; everything else stays in it. */
  async function send() {
    const queue = read("queue", []).slice(0, 100);
    if (!queue.length) say("visits", "");
    if (sending || !queue.length) return;
    sending = true;
    try {
      const answer = await ask("/go/visits", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ visits: queue }),
      });
      said.visits = settle(answer);
    } catch (error) {
      said.visits = error.message;
    }
    sending = false;
    showStatus();
  }

  /* What is refused only for now stays in the queue; returns why. */
  function settle({ stored, refused }) {
    const early = refused.find((one) => one.again);
    const final = refused.filter((one) => !one.again);
    const reasons = new Map(final.map((one) => [one.id, one.reason]));
    const queue = read("queue", []);
    const done = queue.filter((one) => stored.includes(one.id));
    const failed = queue.filter((one) => reasons.has(one.id));
    write("sent", [...read("sent", []), ...done].slice(-MOST_SENT));
    write("refused", [
      ...read("refused", []),
      ...failed.map((one) => ({ ...one, reason: reasons.get(one.id) })),
    ]);
    write("queue", queue.filter((one) => !stored.includes(one.id) && !reasons.has(one.id)));
    if (failed.length) showRefused();
    return early ? early.reason : "";
  }

  function refusedItem(visit) {
    const item = make("li", "");
    const clock = new Date(visit.started).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
    const name = `${clock} · ${visit.place}`;
    const buttons = make("div", "", { class: "buttons" });
    const again = make("button", "Send again", { type: "button", "aria-label": `Send again: ${name}` });
    const dismiss = make("button", "Dismiss", { type: "button", "aria-label": `Dismiss: ${name}` });
    again.addEventListener("click", () => takeRefused(visit.id, true));
    dismiss.addEventListener("click", () => takeRefused(visit.id, false));
    buttons.append(dismiss, again);
    item.append(make("h2", name), make("p", `Refused: ${visit.reason}`), buttons);
    return item;
  }

  function showRefused() {
    const refused = read("refused", []);
    find("refused").hidden = !refused.length;
    find("refused").replaceChildren(...refused.map(refusedItem));
  }

  /* Take a visit from the refused ones, to send it by the name of now, or for good. */
  function takeRefused(id, isSent) {
    const refused = read("refused", []);
    const taken = refused.filter((one) => one.id === id);
    write("refused", refused.filter((one) => one.id !== id));
    if (isSent) {
      const person = read("person", "");
      write("queue", [...read("queue", []), ...taken.map((one) => ({ ...one, person }))]);
    }
    show();
    send();
  }

  /* The newest version of the plan, unless a visit runs; plans to choose from while the form is open,
   * as it is after the shift. */
  async function refresh() {
    const found = chosen();
    if (!found && !find("shift").hidden) show();
    if (!find("choice").hidden) return offerPlans();
    if (read("running", null)) return;
    const newest = await ask(`/go/plan.json?plan=${found.plan.plan}`);
    const now = chosen();
    if (read("running", null) || !now || now.plan.plan !== newest.plan) return; // it is late
    write("plan", newest);
    if (newest.version === now.plan.version) return;
    said.news = `The plan has changed: this is version ${newest.version}.`;
    show();
  }

  async function keepCurrent() {
    try {
      await refresh();
    } catch (error) {
      say("plans", find("choice").hidden ? "" : error.message);
    }
  }

  /* Send what waits, and take what is new; a page that nobody looks at only sends. */
  async function sync() {
    await send();
    if (!document.hidden) await keepCurrent();
  }

  function choose(event) {
    event.preventDefault();
    if (!offered || String(offered.plan) !== find("plan").value) return keepCurrent(); // its units are to come
    write("person", find("person").value.trim());
    write("plan", offered);
    write("unit", Number(find("unit").value));
    return keep();
  }

  /* Close the form; the stops are those of the plan and unit that are chosen. */
  function keep() {
    isChoosing = false;
    Object.assign(said, { plans: "", news: "" });
    show();
    return keepCurrent();
  }

  /* The own plan and unit are offered at once, as there may be no connection. */
  function change() {
    const found = chosen();
    if (found) {
      isChoosing = true;
      setOptions("plan", [[found.plan.plan, found.plan.title]]);
      offer(found.plan);
      find("unit").value = found.unit.unit;
    }
    show();
    keepCurrent();
  }

  function listen() {
    find("person").value = read("person", "");
    find("choice").addEventListener("submit", choose);
    find("plan").addEventListener("change", () => {
      said.plans = "";
      offerUnits().catch((error) => say("plans", error.message));
    });
    find("keep").addEventListener("click", keep);
    find("change").addEventListener("click", change);
    find("stop").addEventListener("click", end);
    find("note").addEventListener("input", ({ target }) => {
      const running = read("running", null); // another tab may have ended it
      if (running) write("running", { ...running, note: target.value });
    });
    window.addEventListener("online", sync);
    window.addEventListener("offline", showStatus);
    document.addEventListener("visibilitychange", () => document.hidden || sync());
    window.setInterval(tick, 1000);
    window.setInterval(sync, RETRY_MS);
  }

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/go/worker.js", { scope: "/go" }).catch(() => {
      // Without a secure address there is no worker; the page works while it is connected.
    });
  }
  listen();
  show();
  sync();
})();
