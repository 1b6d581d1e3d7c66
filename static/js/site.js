// What every page may have: the display face, sharing, and suggestions while searching. The menu, the search and the phone bar
// work without script.

// The face, Newsreader cut to Latin and to weights 400 to 650, is asked for when the words have been painted in the device's own
// serif, and takes their place only if it comes at once: nothing moves under somebody who reads. Whoever comes from another page
// of this site has it already, and sees it from the start.
const newsreader = new FontFace("Newsreader", `url(${document.documentElement.dataset.face})`, { weight: "400 650", display: "optional" });
if (document.referrer.startsWith(`${location.origin}/`)) {
  document.fonts.add(newsreader);
} else {
  new PerformanceObserver(async (_paints, observer) => {
    observer.disconnect();
    const asked = performance.now();
    await newsreader.load();
    if (performance.now() - asked < 500) document.fonts.add(newsreader);
  }).observe({ type: "paint", buffered: true });
}

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
