// What every page may have: sharing. The menu, the search and the phone bar work without script.
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
