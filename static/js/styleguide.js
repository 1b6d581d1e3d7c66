// Prints each example's own HTML below it, so that the guide cannot drift from what it shows.
for (const example of document.querySelectorAll(".example")) {
  const details = document.createElement("details");
  details.className = "more";
  const summary = document.createElement("summary");
  summary.textContent = "HTML";
  const wrap = document.createElement("div");
  wrap.className = "table-wrap";
  wrap.tabIndex = 0;
  wrap.setAttribute("role", "region");
  wrap.setAttribute("aria-label", "HTML of this example");
  const pre = document.createElement("pre");
  pre.textContent = example.innerHTML.trim();
  wrap.append(pre);
  details.append(summary, wrap);
  example.after(details);
}
