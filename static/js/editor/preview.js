// The real page beside the text, made anew when typing pauses. Where it was scrolled to, it stays.
const SIZES = { phone: 375, desktop: 1280 };

export function preview(form, screen, work) {
  const frame = screen.querySelector("[data-frame]");
  const stage = frame.parentElement;
  const buttons = [...screen.querySelectorAll("[data-size]")];
  let size = "phone";
  let asked;

  const fit = () => {
    const scale = Math.min(1, stage.clientWidth / SIZES[size]);
    frame.style.width = `${SIZES[size]}px`;
    frame.style.height = `${stage.clientHeight / scale}px`;
    frame.style.transform = `scale(${scale})`;
  };
  const choose = (name) => {
    size = name;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.size === name));
    fit();
  };
  for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.size));
  choose(size);
  new ResizeObserver(fit).observe(stage);

  // The first time the frame itself asks for the page; from then on only what is in it changes.
  const load = () => {
    const request = document.createElement("form");
    request.hidden = true;
    Object.assign(request, { method: "post", action: screen.dataset.preview, target: frame.name });
    for (const [name, value] of new FormData(form)) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      request.append(field);
    }
    document.body.append(request);
    request.submit();
    request.remove();
  };
  frame.addEventListener("load", () => frame.contentDocument?.addEventListener("click", follow));

  return async () => {
    if (!frame.contentDocument?.querySelector("#main")) return load();
    asked?.abort();
    asked = new AbortController();
    const html = await work.ask(screen.dataset.preview, asked.signal);
    if (html !== null) swap(frame, html);
  };
}

function swap(frame, html) {
  const { contentDocument: shown, contentWindow: pane } = frame;
  const next = new DOMParser().parseFromString(html, "text/html");
  const place = pane.scrollY;
  const open = [...shown.querySelectorAll("details")].map((details) => details.open);
  shown.body.replaceWith(shown.adoptNode(next.body));
  shown.querySelectorAll("details").forEach((details, n) => (details.open = open[n] ?? false));
  shown.title = next.title;
  pane.scrollTo({ top: place, behavior: "instant" });
}

// A link within the page is followed there, any other in a new tab.
function follow(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  open(link.href, "_blank", "noopener");
}
