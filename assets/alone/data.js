/* Sends a file in parts, so that none is larger than a request may be, and waits for the steps of the
 * worker.
 */
(function () {
  "use strict";

  const LOOK_MS = 700;
  const TRIES = 6;
  const json = { "Content-Type": "application/json" };

  /* The answer's JSON. What may pass by itself is tried again: the network, a busy server. */
  async function ask(address, options) {
    for (let left = TRIES; ; left--) {
      let answer = null;
      try {
        answer = await window.fetch(address, options);
      } catch (error) {
        if (left <= 1) throw error;
      }
      if (answer && answer.ok) return await answer.json();
      const passes = !answer || answer.status === 429 || answer.status >= 500;
      if (!passes || left <= 1) throw new Error((await answer.text()).trim());
      const seconds = answer ? Number(answer.headers.get("Retry-After")) : 0;
      await rest(1000 * (seconds || TRIES - left + 1));
    }
  }

  function rest(ms) {
    return new Promise((done) => window.setTimeout(done, ms));
  }

  async function send(file, bar, said) {
    const about = JSON.stringify({ name: file.name, size: file.size });
    const { id, part } = await ask("/data/uploads", { method: "POST", headers: json, body: about });
    for (let start = 0; start < file.size; start += part) {
      said.textContent = `Sending ${file.name}: ${Math.round((100 * start) / file.size)}%`;
      bar.value = start / file.size;
      await ask(`/data/uploads/${id}/parts?start=${start}`, {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream" },
        body: file.slice(start, start + part),
      });
    }
    window.location.assign(`/data/uploads/${id}`);
  }

  function takeFiles(form) {
    const field = form.querySelector("input[type=file]");
    const said = form.querySelector("[role=status]");
    const bar = form.querySelector("progress");
    const button = form.querySelector("button");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const file = field.files[0];
      if (!file) return;
      bar.hidden = false;
      button.disabled = true;
      try {
        await send(file, bar, said);
      } catch (error) {
        said.textContent = error.message || "The file could not be sent.";
        bar.hidden = true;
        button.disabled = false;
      }
    });
  }

  async function wait(shown) {
    const words = shown.querySelector("span");
    const bar = shown.querySelector("progress");
    for (;;) {
      await rest(LOOK_MS);
      let now;
      try {
        now = await ask(shown.dataset.state, {});
      } catch (error) {
        words.textContent = error.message || "The server does not answer.";
        bar.hidden = true;
        return;
      }
      if (now.state !== "waiting" && now.state !== "running") break;
      words.textContent = now.said;
      bar.value = now.share;
    }
    window.location.reload();
  }

  document.querySelectorAll("form[data-upload]").forEach(takeFiles);
  document.querySelectorAll("[data-state]").forEach(wait);
})();
