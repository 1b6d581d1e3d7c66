// What to mend and what to know, made by the server when typing pauses.
export function remarks(form, screen, work) {
  const panel = screen.querySelector("[data-report]");
  const counts = screen.querySelectorAll("[data-count-remarks]");
  let asked;
  return async () => {
    asked?.abort();
    asked = new AbortController();
    const html = await work.ask(screen.dataset.remarks, asked.signal);
    if (html === null) return;
    const focused = panel.contains(document.activeElement) && document.activeElement.dataset.start;
    const open = [...panel.querySelectorAll("details")].map((details) => details.open);
    panel.innerHTML = html;
    panel.querySelectorAll("details").forEach((details, n) => (details.open = open[n] ?? details.open));
    if (focused) panel.querySelector(`[data-start="${focused}"]`)?.focus();
    const { count } = panel.firstElementChild.dataset;
    for (const place of counts) place.textContent = count === "0" ? "" : count;
  };
}
