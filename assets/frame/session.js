/* The session of a person who signed in: its lock after a while without use, and its end.
 *
 * A request that the server refuses because the session is locked or has ended waits until the person
 * gives the password, and is then sent again: selection, forms and maps stay as they are.
 */
window.patroliq = window.patroliq || {};

(function (patroliq) {
  "use strict";

  const { person, idleMinutes } = document.documentElement.dataset;
  if (!person) return; // open access: nobody signs in

  const TOKEN = "__Host-patroliq-token=";
  const USED = "patroliq-used"; // when this browser was last used, in all its tabs
  const LOCKED = "patroliq-locked";
  const LOOK_MS = 5000;
  const NOTE_MS = 2000;
  const send = window.fetch.bind(window);
  let noted = 0;
  let unlocking = null; // the promise of the open dialog

  function token() {
    const found = document.cookie.split("; ").find((one) => one.startsWith(TOKEN));
    return found ? decodeURIComponent(found.slice(TOKEN.length)) : "";
  }

  /* With the present token: the one that a request was made with may be older than the session. */
  function withToken(options) {
    const headers = new Headers((options || {}).headers);
    headers.set("X-CSRFToken", token());
    return { ...options, headers };
  }

  window.fetch = async function (address, options) {
    const isChange = options && options.method && options.method.toUpperCase() !== "GET";
    const ask = () => send(address, isChange ? withToken(options) : options);
    let response = await ask();
    while (response.status === 401 && response.headers.has("X-PatrolIQ-Session")) {
      if (response.headers.get("X-PatrolIQ-Session") === "unfinished") {
        window.location.assign("/account");
        return response;
      }
      await unlocked(response.headers.get("X-PatrolIQ-Session") === "locked");
      response = await ask();
    }
    return response;
  };

  function post(address, body) {
    return send(
      address,
      withToken({
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body || {}),
      })
    );
  }

  function used() {
    const now = Date.now();
    if (unlocking || now - noted < NOTE_MS) return;
    if (noted && isIdle(now)) { // the machine slept: the first movement must not skip the lock
      lock();
      return;
    }
    noted = now;
    window.localStorage.setItem(USED, String(now));
  }

  /* Idle in every tab of this browser. */
  function isIdle(now) {
    const last = Number(window.localStorage.getItem(USED)) || noted;
    return now - last > Number(idleMinutes) * 60000;
  }

  function look() {
    if (!unlocking && isIdle(Date.now())) lock();
  }

  async function lock() {
    const opened = unlocked(true);
    window.localStorage.setItem(LOCKED, String(Date.now())); // other tabs cover their pages too
    await post("/lock");
    return opened;
  }
  patroliq.lock = lock;

  function field(label, attributes) {
    const outer = document.createElement("label");
    const inner = document.createElement("input");
    for (const [name, value] of Object.entries(attributes)) inner.setAttribute(name, value);
    outer.append(label, inner);
    return outer;
  }

  /* Cover the page until the person gives the password. */
  function unlocked(isLocked) {
    if (unlocking) return unlocking.promise;
    const dialog = document.createElement("dialog");
    dialog.className = "lock";
    dialog.setAttribute("aria-labelledby", "lock-title");
    const form = document.createElement("form");
    const title = document.createElement("h2");
    title.id = "lock-title";
    title.textContent = isLocked ? "Locked" : "Your session ended";
    const said = document.createElement("p");
    said.setAttribute("role", "status");
    said.textContent = `Signed in as ${person}. Your work stays as it is.`;
    const password = field("Password", {
      type: "password", name: "password", autocomplete: "current-password", required: "",
    });
    const code = field("Code of your authenticator app", {
      name: "code", inputmode: "numeric", autocomplete: "one-time-code",
    });
    code.hidden = true;
    const button = document.createElement("button");
    button.className = "button";
    button.textContent = isLocked ? "Unlock" : "Sign in";
    const leave = document.createElement("a");
    leave.href = `/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`;
    leave.textContent = "Sign in another way";
    form.append(title, said, password, code, button, leave);
    dialog.append(form);
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    let resolve;
    unlocking = { promise: new Promise((done) => (resolve = done)), close };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      const values = Object.fromEntries(new FormData(form));
      try {
        const answer = await post("/unlock", { name: person, ...values });
        if (answer.status === 204) {
          close();
          window.localStorage.setItem(LOCKED, "");
        } else if (answer.status === 400) {
          window.location.assign(leave.href); // another tab signed out
        } else {
          const { reason, message } = await answer.json().catch(() => ({ message: answer.statusText }));
          code.hidden = reason !== "code" && code.hidden;
          said.textContent = message;
          form.querySelector("[name=password]").focus();
        }
      } catch {
        said.textContent = "The server does not answer. Check the connection and try again.";
      }
      button.disabled = false;
    });
    function close() {
      unlocking = null;
      noted = 0;
      used();
      dialog.remove();
      resolve();
    }
    document.body.append(dialog);
    dialog.showModal();
    return unlocking.promise;
  }

  window.addEventListener("storage", (event) => {
    if (event.key !== LOCKED) return;
    if (event.newValue) unlocked(true);
    else if (unlocking) unlocking.close();
  });
  for (const kind of ["pointerdown", "keydown", "wheel", "pointermove"])
    window.addEventListener(kind, used, { passive: true, capture: true });
  used();
  window.setInterval(look, LOOK_MS);

  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-session]");
    if (!element) return;
    event.preventDefault();
    if (element.dataset.session === "lock") lock();
    if (element.dataset.session === "sign-out")
      post("/sign-out").then(() => window.location.assign("/sign-in"));
  });
})(window.patroliq);
