// What every page may have: sharing, and suggestions while searching. The menu, the search and the phone bar work without script.
for (const share of document.querySelectorAll(".share")) {
  const { url, title } = share.dataset;
  const copy = share.querySelector('[data-share="copy"]');
  const device = share.querySelector('[data-share="device"]');
  const say = share.querySelector('[role="status"]');
  if (copy && navigator.clipboard) {
    copy.parentElement.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(url);
      copy.textContent = say.textContent = copy.dataset.done;
    });
  }
  if (device && navigator.share) {
    device.parentElement.hidden = false;
    // Closing the share sheet rejects the promise; there is nothing to do then.
    device.addEventListener("click", () => navigator.share({ title, url }).catch(() => {}));
  }
}

// They come when a search box is first used: until then they weigh nothing.
for (const form of document.querySelectorAll("form[data-suggest]")) {
  const begin = () => import(form.dataset.script).then(({ suggest }) => suggest(form), () => {});
  form.addEventListener("focusin", begin, { once: true });
}
