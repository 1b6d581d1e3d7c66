// The writing screen for articles. Without it there are plain text boxes and a preview button, and saving works.
import { keep } from "./keep.js";
import { takePaste } from "./paste.js";
import { preview } from "./preview.js";
import { remarks } from "./remarks.js";
import { addToolbar } from "./toolbar.js";

const form = document.querySelector("#article_form");
const screen = document.querySelector("[data-editor]");

for (const name of ["summary", "body", "questions"]) {
  const area = form.elements[name];
  addToolbar(area);
  takePaste(area);
}

const work = keep(form, screen.dataset);
const looks = [preview(form, screen, work), remarks(form, screen, work)];

// What is seen beside the text on a wide screen, and instead of it on a narrow one.
const views = [...screen.querySelectorAll("[data-view]")];
function show(name) {
  screen.dataset.shown = name;
  for (const button of views) button.setAttribute("aria-pressed", String(button.dataset.view === name));
}
for (const button of views) button.addEventListener("click", () => show(button.dataset.view));
const wide = matchMedia("(width >= 75rem)");
const begin = () => show(wide.matches ? "preview" : "write");
wide.addEventListener("change", begin);
begin();

// A remark leads to its sentence.
screen.addEventListener("click", (event) => {
  const { field, start, end } = event.target.closest("[data-field]")?.dataset ?? {};
  if (!field) return;
  if (!wide.matches) show("write");
  select(form.elements[field], Number(start), Number(end));
});

function select(area, start, end) {
  area.focus();
  area.setSelectionRange(start, end);
  if (area.tagName !== "TEXTAREA") return;
  const above = heightOf(area, start);
  area.scrollTop = above - area.clientHeight / 3;
  scrollTo({ top: scrollY + area.getBoundingClientRect().top + above - area.scrollTop - innerHeight / 3 });
}

// How far down in a text box a place is: measured in a copy, because boxes do not tell.
function heightOf(area, place) {
  const copy = document.createElement("div");
  copy.className = "text-measure";
  const style = getComputedStyle(area);
  for (const name of ["font", "letterSpacing", "lineHeight", "padding", "border", "width", "boxSizing"]) {
    copy.style[name] = style[name];
  }
  copy.textContent = area.value.slice(0, place);
  document.body.append(copy);
  const height = copy.offsetHeight;
  copy.remove();
  return height;
}

let timer;
const later = () => {
  clearTimeout(timer);
  timer = setTimeout(() => looks.forEach((look) => look()), 700);
};
form.addEventListener("input", later);
form.addEventListener("change", later);
looks.forEach((look) => look());
document.documentElement.dataset.editorReady = "1";
