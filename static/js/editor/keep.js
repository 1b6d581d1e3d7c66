// Nothing typed is lost: a copy stays in this browser until the server has it, and a save that did not arrive says so.
export function keep(form, told) {
  const notice = document.querySelector("[data-lost]");
  const key = `article:${location.pathname}:${told.user}`;
  const written = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
  // A page that names mistakes shows text that the server does not have.
  const start = told.unsaved ? "" : written();
  let saving = false;

  const say = (name) => {
    for (const part of notice.children) part.hidden = part.dataset.when !== name;
    notice.hidden = !name;
    if (name) notice.scrollIntoView({ block: "nearest" });
  };

  // --- The copy ---
  let timer;
  const copy = () => {
    if (saving) return;
    try {
      if (written() === start) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ at: Date.now(), text: written() }));
    } catch {
      // A full or forbidden storage: the page itself still has the text.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(copy, 300);
  });
  offer(form, key, written(), copy);
  addEventListener("beforeunload", (event) => {
    if (saving || written() === start) return;
    copy();
    event.preventDefault();
  });

  // --- Asking the server ---
  const signedOut = (response) => response.redirected && new URL(response.url).pathname.startsWith("/accounts/");
  const post = (address, signal, button) =>
    fetch(address, {
      method: "POST",
      headers: { Accept: "application/json, text/html" },
      body: new FormData(form, button),
      signal,
    });
  // Signing in again gives this page another token.
  const renewToken = async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector("#article_form [name=csrfmiddlewaretoken]");
    if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
    return Boolean(fresh);
  };
  const postTwice = async (...parts) => {
    const response = await post(...parts);
    return response.status === 403 && (await renewToken()) ? post(...parts) : response;
  };

  async function ask(address, signal) {
    try {
      const response = await postTwice(address, signal);
      if (signedOut(response)) say("signed-out");
      else if (response.ok && !notice.hidden) say("");
      return response.ok && !response.redirected ? await response.text() : null;
    } catch {
      return null;
    }
  }

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.formTarget) return;
    event.preventDefault();
    if (saving) return;
    copy();
    saving = true;
    const button = event.submitter ?? undefined;
    try {
      const response = await postTwice(form.action, AbortSignal.timeout(30000), button);
      if (signedOut(response)) throw new Error("signed-out");
      if (!response.ok) throw new Error("no-answer");
      if (response.headers.get("Content-Type").startsWith("application/json")) {
        localStorage.removeItem(key);
        location.assign((await response.json()).location);
        return;
      }
      // Something must be mended: the page that says what is asked for in the plain way.
      if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: "1" }));
      HTMLFormElement.prototype.submit.call(form);
    } catch (error) {
      saving = false;
      say(error.message === "signed-out" ? "signed-out" : "no-answer");
    }
  });

  return { ask };
}

// Text that an earlier visit could not save is offered, never put in unasked.
function offer(form, key, shown, copy) {
  const box = document.querySelector("[data-found]");
  let found;
  try {
    found = JSON.parse(localStorage.getItem(key));
  } catch {
    return;
  }
  if (!found || found.text === shown) return;
  box.hidden = false;
  box.querySelector("time").textContent = new Date(found.at).toLocaleString();
  box.querySelector("[data-restore]").addEventListener("click", () => {
    const values = JSON.parse(found.text);
    for (const field of form.elements) {
      if (!field.name || field.name === "csrfmiddlewaretoken" || field.type === "submit") continue;
      const given = values.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox") field.checked = given.includes(field.value);
      else if (given.length) field.value = given[0];
    }
    box.hidden = true;
    form.elements.body.dispatchEvent(new Event("input", { bubbles: true }));
  });
  box.querySelector("[data-drop]").addEventListener("click", () => {
    localStorage.removeItem(key);
    box.hidden = true;
    copy();
  });
}
