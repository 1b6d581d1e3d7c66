// Improves a form that already works: folds away fields that do not apply, counts characters,
// holds a second press of Send. Documented in templates/styleguide.html.

function answers(form, name) {
  return new FormData(form).getAll(name);
}

function fold(form) {
  for (const field of form.querySelectorAll("[data-shows-when]")) {
    const [name, values] = field.dataset.showsWhen.split("=");
    const given = answers(form, name);
    // A field that is wrong stays in view, so that the error summary's link has somewhere to go.
    field.hidden = !field.matches(".wrong") && !values.split("|").some((value) => given.includes(value));
  }
}

function count(counter) {
  const field = document.getElementById(counter.dataset.counts);
  const limit = Number(counter.dataset.count);
  let timer;
  const show = () => {
    // The server counts a line break as two characters, as it is sent.
    const left = limit - field.value.replace(/\r?\n/g, "\r\n").length;
    counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace("%s", Math.abs(left).toLocaleString());
    counter.classList.toggle("error-message", left < 0);
  };
  // Screen readers hear the count when typing pauses, not at every key.
  counter.setAttribute("aria-live", "polite");
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 600);
  });
  show();
}

for (const form of document.querySelectorAll("form.form")) {
  fold(form);
  form.addEventListener("change", () => fold(form));
  form.querySelectorAll("[data-count]").forEach(count);
  if (form.matches("[data-send-once]")) {
    const button = form.querySelector('button:not([type="button"])');
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      button.setAttribute("aria-disabled", "true");
    });
    // Coming back by the Back button gives a page that was already sent: let it be sent again.
    addEventListener("pageshow", () => {
      delete form.dataset.sent;
      button.removeAttribute("aria-disabled");
    });
  }
}

const summary = document.querySelector(".error-summary");
if (summary) summary.focus();
