// Suggestions while somebody types into a search box: an ARIA combobox with a list of links to go to.
// Loaded by site.js when the box is first used. Without it the results page does the same work.
const WAIT = 150;
const SHORTEST = 2;

export function suggest(form) {
  const input = form.querySelector("input");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let timer, asked, options = [], active = -1;

  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.suggestions);
  status.className = "hidden";
  status.setAttribute("role", "status");
  form.append(list, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (n) => {
    options[active]?.setAttribute("aria-selected", "false");
    active = n;
    const option = options[n];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };

  const show = (suggestions) => {
    close();
    options = suggestions.map(({ title, kind, url }, n) => {
      const option = document.createElement("li");
      const small = document.createElement("span");
      small.textContent = kind;
      option.append(`${title} `, small);
      option.id = `${list.id}-${n}`;
      option.dataset.url = url;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      return option;
    });
    list.replaceChildren(...options);
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = form.dataset.count.replace("0", options.length);
  };

  const ask = async () => {
    const query = input.value.trim();
    asked?.abort();
    if (query.length < SHORTEST) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: query })}`, {
        signal: asked.signal,
      });
      if (answer.ok && document.activeElement === input) show((await answer.json()).suggestions);
    } catch {
      // Offline, or the next letter came first: the form still works.
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const count = options.length;
    if (event.key === "ArrowDown") choose((active + 1) % count);
    else if (event.key === "ArrowUp") choose(active < 1 ? count - 1 : active - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) location.assign(options[active].dataset.url);
    else return;
    event.preventDefault();
  });
  // Pressing an option must not take the focus from the box before the click counts.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
}
