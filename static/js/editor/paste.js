// What is pasted from Word, Google Docs or a page becomes Markdown: headings, lists, links, bold, italics and tables.
// Everything else is dropped. The server cleans the text again, whatever comes from here.
import { replace } from "./text.js";

const BLOCKS = "address,article,aside,blockquote,div,dd,dl,dt,figure,footer,h1,h2,h3,h4,h5,h6,header,hr,li,main,ol,p,pre,section,table,ul";
const DROPPED = "style,script,meta,link,title,head,img,svg,video,audio,iframe,object,form,input,button,del,template";
const FORMATTED = "h1,h2,h3,h4,h5,h6,ul,ol,table,a[href],b,strong,em,i,[role=heading],[style*=mso-list],[style*=font-weight],[style*=font-style]";

export function takePaste(area) {
  area.addEventListener("paste", (event) => {
    const plain = event.clipboardData.getData("text/plain").trim();
    const { selectionStart: start, selectionEnd: end } = area;
    const chosen = area.value.slice(start, end);
    const address = chosen && !/[[\]\n]/.test(chosen) && /^https?:\/\/\S+$/.test(plain);
    const text = address ? `[${chosen}](${plain})` : fromHtml(event.clipboardData.getData("text/html"), area.name);
    if (!text) return;
    event.preventDefault();
    const isBlock = /\n/.test(text);
    const lead = isBlock && start && !area.value.slice(0, start).endsWith("\n") ? "\n\n" : "";
    const after = area.value.slice(end);
    replace(area, start, end, lead + text + (isBlock && after && !after.startsWith("\n") ? "\n\n" : ""));
  });
}

// Nothing when there is no formatting in it: then the plain text is pasted as it is.
export function fromHtml(html, field = "body") {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  body.querySelectorAll(DROPPED).forEach((node) => node.remove());
  const wrapped = body.querySelectorAll("[id^=docs-internal-guid]");
  const bold = [...body.querySelectorAll(FORMATTED)].some((node) => ![...wrapped].includes(node));
  if (!bold) return "";
  const blocks = [];
  read(body, blocks);
  return print(blocks, field);
}

// --- Blocks -------------------------------------------------------------------------------------

function read(parent, blocks, depth = 0) {
  let runs = [];
  const flush = () => {
    addParagraph(blocks, inline(runs));
    runs = [];
  };
  for (const node of parent.childNodes) {
    if (node.nodeType === Node.ELEMENT_NODE && (node.matches(BLOCKS) || node.querySelector(BLOCKS))) {
      flush();
      readBlock(node, blocks, depth);
    } else collect(node, runs);
  }
  flush();
}

function readBlock(node, blocks, depth) {
  const level = /^H[1-6]$/.test(node.tagName) ? Number(node.tagName[1]) : headingLevel(node);
  const list = /mso-list:\s*l\d+\s+level(\d)/i.exec(node.getAttribute("style") ?? "");
  if (list) blocks.push({ kind: "item", depth: Number(list[1]) - 1, ordered: isNumbered(node), text: wordsOf(node) });
  else if (level) blocks.push({ kind: "heading", level, text: wordsOf(node, true) });
  else if (node.matches("ul,ol")) readList(node, blocks, depth);
  else if (node.matches("table")) readTable(node, blocks);
  else if (node.matches("blockquote")) {
    const inner = [];
    read(node, inner);
    for (const block of inner) blocks.push(block.kind === "paragraph" ? { ...block, kind: "quote" } : block);
  } else if (node.matches("pre")) addParagraph(blocks, escaped(node.textContent));
  else read(node, blocks, depth);
}

function headingLevel(node) {
  if (node.getAttribute("role") === "heading") return Number(node.getAttribute("aria-level") ?? 2);
  if (node.matches("p.MsoTitle")) return 1;
  return Number(/\bMsoHeading(\d)/.exec(node.className)?.[1] ?? 0);
}

// Word writes a list as paragraphs with the bullet or number in front.
function isNumbered(node) {
  const sign = [...node.querySelectorAll("[style]")].find(isSign)?.textContent.trim() ?? "";
  return /^\(?([0-9]+|[a-z]{1,5})[.)]$/i.test(sign);
}
const isSign = (node) => /mso-list:\s*ignore/i.test(node.getAttribute("style") ?? "");

function readList(list, blocks, depth) {
  for (const item of list.children) {
    if (item.matches("ul,ol")) readList(item, blocks, depth + 1);
    if (!item.matches("li")) continue;
    const inner = [];
    read(item, inner, depth + 1);
    const nested = inner.findIndex((block) => block.kind === "item");
    const own = nested < 0 ? inner : inner.slice(0, nested);
    const text = own.map((block) => block.text).join(" ").trim();
    if (text) blocks.push({ kind: "item", depth, ordered: list.matches("ol"), text });
    if (nested >= 0) blocks.push(...inner.slice(nested));
  }
}

function readTable(table, blocks) {
  const rows = [...table.rows].map((row) =>
    [...row.cells].flatMap((cell) => [cellText(cell), ...Array(Math.max(0, cell.colSpan - 1)).fill("")]),
  );
  const width = Math.max(0, ...rows.map((row) => row.length));
  // A table of one cell, or one column, is a frame around text.
  if (width < 2) for (const cell of table.querySelectorAll("td,th")) read(cell, blocks);
  else blocks.push({ kind: "table", rows: rows.map((row) => [...row, ...Array(width - row.length).fill("")]) });
}

function cellText(cell) {
  const inner = [];
  read(cell, inner);
  return inner.map((block) => block.text ?? "").join(" ").replace(/\s+/g, " ").replace(/\|/g, "\\|").trim();
}

function addParagraph(blocks, text) {
  const bullet = /^[•·▪◦‣]\s*(?=\S)/.exec(text);
  if (bullet) blocks.push({ kind: "item", depth: 0, ordered: false, text: text.slice(bullet[0].length) });
  else if (text.trim()) blocks.push({ kind: "paragraph", text: text.trim().replace(/^(#{1,6}\s|>|[+-]\s)/gm, "\\$1").replace(/^(\d+)([.)]\s)/gm, "$1\\$2") });
}

// --- Words --------------------------------------------------------------------------------------

function wordsOf(node, plain = false) {
  const runs = [];
  collect(node, runs);
  if (plain) for (const run of runs) run.bold = run.italic = false;
  return inline(runs).replace(/\s*\n\s*/g, " ").trim();
}

// Words with what is said of them, in a row: tags may nest in any order.
function collect(node, runs, look = {}) {
  if (node.nodeType === Node.TEXT_NODE) {
    runs.push({ ...look, text: node.data.replace(/[\s\u00a0]+/g, " ") });
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE || isSign(node)) return;
  if (node.tagName === "BR") runs.push({ text: "\n" });
  const style = node.getAttribute("style") ?? "";
  const weight = /(?:^|[;\s])font-weight:\s*(\w+)/i.exec(style)?.[1];
  const slant = /(?:^|[;\s])font-style:\s*(\w+)/i.exec(style)?.[1];
  const next = {
    bold: weight ? weight === "bold" || Number(weight) >= 600 : look.bold || node.matches("b,strong"),
    italic: slant ? slant !== "normal" : look.italic || node.matches("i,em,cite"),
    href: node.matches("a[href]") ? addressOf(node.getAttribute("href")) : look.href,
  };
  for (const child of node.childNodes) collect(child, runs, next);
}

function inline(runs) {
  const merged = [];
  for (const run of runs) {
    const last = merged.at(-1);
    if (last && (same(last, run) || !run.text.trim())) last.text += run.text;
    else merged.push({ ...run });
  }
  return merged.map(printRun).join("").replace(/ +/g, " ").replace(/ ?\n ?/g, "\n").trim();
}

const same = (one, other) => ["bold", "italic", "href"].every((name) => (one[name] || "") === (other[name] || ""));

function printRun({ text, bold, italic, href }) {
  const words = text.trim();
  if (!words) return text;
  const [before, after] = [text.slice(0, text.indexOf(words)), text.slice(text.indexOf(words) + words.length)];
  const sign = (bold ? "**" : "") + (italic ? "*" : "");
  const marked = sign + escaped(words) + [...sign].reverse().join("");
  return before + (href ? `[${marked}](${href})` : marked) + after;
}

// Signs that Markdown would read, except in a citation.
function escaped(text) {
  return text
    .split(/(\[@[\w;@ -]+\])/)
    .map((part, n) => (n % 2 ? part : part.replace(/[\\`*[\]<]/g, "\\$&").replace(/(?<!\w)_|_(?!\w)/g, "\\_")))
    .join("");
}

// The address behind the ones that Google Docs and Outlook put in front of it; nothing for any but a web, mail or phone address.
function addressOf(href) {
  let url;
  try {
    url = new URL(href);
  } catch {
    return href.startsWith("/") ? href : "";
  }
  if (/^(www\.)?google\.[a-z.]+$/.test(url.hostname) && url.pathname === "/url") return addressOf(url.searchParams.get("q") ?? url.searchParams.get("url") ?? "");
  if (url.hostname.endsWith(".safelinks.protection.outlook.com")) return addressOf(url.searchParams.get("url") ?? "");
  if (!["http:", "https:", "mailto:", "tel:"].includes(url.protocol)) return "";
  return url.href.replace(/\(/g, "%28").replace(/\)/g, "%29");
}

// --- Printing -----------------------------------------------------------------------------------

function print(blocks, field) {
  const top = Math.min(...blocks.filter((block) => block.kind === "heading").map((block) => block.level));
  let [text, before, opened] = ["", null, false];
  const widths = [];
  for (const block of blocks) {
    if (block.kind !== "table" && !block.text) continue;
    const isNext = block.kind === "item" && before?.kind === "item" && (block.depth > 0 || widths[0].ordered === block.ordered);
    if (!isNext) widths.length = 0;
    text += before ? (isNext ? "\n" : "\n\n") : "";
    if (block.kind === "heading") {
      text += headingOf(block, top, opened, field);
      opened = true;
    } else if (block.kind === "item") text += itemOf(block, widths, isNext);
    else if (block.kind === "table") text += tableOf(block);
    else text += block.kind === "quote" ? block.text.replace(/^/gm, "> ") : block.text;
    before = block;
  }
  return text;
}

// The highest heading of what is pasted becomes ##, all below it ###; no level is skipped.
function headingOf({ level, text }, top, opened, field) {
  if (field === "questions") return `## ${text}`;
  if (field !== "body") return `**${text}**`;
  return `${level === top || !opened ? "##" : "###"} ${text}`;
}

function itemOf({ depth, ordered, text }, widths, isNext) {
  const real = isNext ? Math.min(depth, widths.length) : 0;
  const indent = widths.slice(0, real).reduce((sum, { width }) => sum + width, 0);
  const number = ordered ? (widths[real]?.ordered ? widths[real].number + 1 : 1) : 0;
  const sign = ordered ? `${number}. ` : "* ";
  widths.length = real;
  widths.push({ width: sign.length, ordered, number });
  return " ".repeat(indent) + sign + text.replace(/\n/g, " ");
}

function tableOf({ rows: [head, ...rows] }) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
