// Changes to a text box that Ctrl+Z takes back.

export function replace(area, start, end, text, from = start + text.length, to = from) {
  area.focus();
  area.setSelectionRange(start, end);
  const done = text ? document.execCommand("insertText", false, text) : start === end || document.execCommand("delete");
  if (!done || area.value.slice(start, start + text.length) !== text) {
    area.setRangeText(text, start, end);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(from, to);
}

function selection(area) {
  return [area.selectionStart, area.selectionEnd, area.value.slice(area.selectionStart, area.selectionEnd)];
}

// Puts marks around the words that are selected, or takes them away.
export function wrap(area, mark) {
  let [start, end, words] = selection(area);
  const lead = words.length - words.trimStart().length;
  start += lead;
  end = Math.max(start, end - (words.length - lead - words.trim().length));
  words = area.value.slice(start, end);
  const { length } = mark;
  const around = area.value.slice(start - length, start) + area.value.slice(end, end + length);
  if (start >= length && around === mark + mark) {
    replace(area, start - length, end + length, words, start - length, end - length);
  } else {
    replace(area, start, end, mark + words + mark, start + length, end + length);
  }
}

// Puts a mark at the beginning of each selected line, or takes it away. `mark` is told the line's number.
export function mark(area, pattern, mark) {
  const [from, to] = selection(area);
  const start = area.value.lastIndexOf("\n", from - 1) + 1;
  const next = area.value.indexOf("\n", Math.max(from, to - 1));
  const end = next < 0 ? area.value.length : next;
  const lines = area.value.slice(start, end).split("\n");
  const full = lines.filter((line) => line.trim() || lines.length === 1);
  const marked = full.every((line) => pattern.test(line) && line.startsWith(mark(full.indexOf(line) + 1)));
  const plain = (line) => line.replace(/^(#{1,6}\s+|>\s?|[*+-]\s+|\d+[.)]\s+)/, "");
  const text = lines
    .map((line) => (full.includes(line) ? (marked ? "" : mark(full.indexOf(line) + 1)) + plain(line) : line))
    .join("\n");
  if (lines.length === 1) replace(area, start, end, text);
  else replace(area, start, end, text, start, start + text.length);
}

export function link(area) {
  const [start, end, words] = selection(area);
  const isAddress = /^(https?:\/\/|\/)\S+$/.test(words);
  const text = isAddress ? `[](${words})` : `[${words}](https://)`;
  const place = start + (isAddress || !words ? 1 : words.length + 3);
  replace(area, start, end, text, place, isAddress || !words ? place : place + 8);
}

// Puts a piece of text where the cursor is, as a paragraph of its own.
export function insertBlock(area, block, [from, to] = [block.length, block.length]) {
  const [start, end] = selection(area);
  const before = area.value.slice(0, start);
  const after = area.value.slice(end);
  const lead = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const tail = !after || after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  const at = start + lead.length;
  replace(area, start, end, lead + block + tail, at + from, at + to);
}

// Cites a source where the cursor is; joins the citation that stands there already.
export function cite(area, key) {
  const [, end] = selection(area);
  const standing = /\[@[^[\]]*\]$/.exec(area.value.slice(0, end));
  if (standing) replace(area, end - 1, end, `; @${key}]`);
  else replace(area, end, end, `${/\S$/.test(area.value.slice(0, end)) ? " " : ""}[@${key}]`);
}

// Enter in a list begins its next item; on an empty item it ends the list. True when it did.
export function nextItem(area) {
  const [start, end] = selection(area);
  const opened = area.value.lastIndexOf("\n", start - 1) + 1;
  const item = /^(\s*)([*+-]|(\d+)[.)]|>)(\s+)(.*)$/.exec(area.value.slice(opened, start));
  if (!item || start !== end) return false;
  const [, indent, sign, number, space, words] = item;
  if (!words.trim()) replace(area, opened, start, "");
  else replace(area, start, end, `\n${indent}${number ? `${Number(number) + 1}.` : sign}${space}`);
  return true;
}
