// The buttons above a text box: one stop of the Tab key, then the arrow keys.
import { cite, insertBlock, link, mark, nextItem, wrap } from "./text.js";

const template = document.querySelector("#toolbar");
const words = template.dataset;

const TABLE = `| ${words.column} 1 | ${words.column} 2 |\n|---|---|\n|  |  |`;
const DO = {
  h2: (area) => mark(area, /^##\s/, () => "## "),
  h3: (area) => mark(area, /^###\s/, () => "### "),
  bold: (area) => wrap(area, "**"),
  italic: (area) => wrap(area, "*"),
  bullets: (area) => mark(area, /^[*+-]\s/, () => "* "),
  numbers: (area) => mark(area, /^\d+[.)]\s/, (line) => `${line}. `),
  quote: (area) => mark(area, /^>\s/, () => "> "),
  link,
  table: (area) => insertBlock(area, TABLE, [2, 2 + words.column.length + 2]),
  cite: (area) => choose("#choose-source", (key) => cite(area, key), area),
  picture: (area) =>
    choose("#choose-picture", (key, alt) => insertBlock(area, `![${alt}](${key})`, [2, 2 + alt.length]), area),
};
const KEYS = { b: "bold", i: "italic", k: "link" };

export function addToolbar(area) {
  const bar = template.content.firstElementChild.cloneNode(true);
  const label = document.querySelector(`label[for="${area.id}"]`)?.textContent.trim().replace(/:$/, "") ?? "";
  bar.setAttribute("aria-label", `${words.label} ${label}`);
  bar.setAttribute("aria-controls", area.id);
  for (const button of bar.querySelectorAll("[data-only]")) {
    if (!button.dataset.only.split(" ").includes(area.name)) button.remove();
  }
  const buttons = [...bar.querySelectorAll("button")];
  const stop = (chosen) => buttons.forEach((button) => (button.tabIndex = button === chosen ? 0 : -1));
  stop(buttons[0]);
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    stop(button);
    DO[button.dataset.do](area);
  });
  bar.addEventListener("keydown", (event) => {
    const here = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "Escape") area.focus();
    if (step === undefined) return;
    event.preventDefault();
    const button = buttons[(step + buttons.length) % buttons.length];
    stop(button);
    button.focus();
  });
  area.before(bar);
  area.addEventListener("keydown", (event) => onKey(event, area, buttons));
}

function onKey(event, area, buttons) {
  const name = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
  if (name) {
    event.preventDefault();
    DO[name](area);
  } else if (event.altKey && event.key === "F10") {
    event.preventDefault();
    buttons.find((button) => button.tabIndex === 0).focus();
  } else if (event.key === "Enter" && !event.isComposing && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
    if (nextItem(area)) event.preventDefault();
  }
}

// --- Choosing a source or a picture -------------------------------------------------------------

function choose(id, take, area) {
  const dialog = document.querySelector(id);
  const find = dialog.querySelector("input");
  const filter = () => {
    const wanted = find.value.trim().toLowerCase().split(/\s+/);
    let left = 0;
    for (const row of dialog.querySelectorAll("[data-key]")) {
      const text = row.textContent.toLowerCase();
      row.parentElement.hidden = !wanted.every((word) => text.includes(word));
      left += !row.parentElement.hidden;
    }
    dialog.querySelector("[data-none]").hidden = left > 0;
  };
  find.value = "";
  filter();
  find.oninput = filter;
  find.onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    dialog.querySelector("li:not([hidden]) [data-key]")?.click();
  };
  dialog.onclick = (event) => {
    const row = event.target.closest("[data-key]");
    if (!row) return;
    dialog.close();
    take(row.dataset.key, row.dataset.alt ?? "");
  };
  dialog.onclose = () => area.focus();
  dialog.showModal();
  renew(dialog, filter);
}

// Something added in another tab meanwhile is in the list as well.
async function renew(dialog, filter) {
  const list = dialog.querySelector("ul");
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector(`#${dialog.id} ul`);
    if (!fresh || fresh.textContent === list.textContent || list.contains(document.activeElement)) return;
    list.replaceChildren(...fresh.children);
    filter();
  } catch {
    // The list that is there will do.
  }
}

