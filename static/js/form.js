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
    const wrong = field.matches(".wrong") || field.querySelector(".wrong");
    field.hidden = !wrong && !values.split("|").some((value) => given.includes(value));
  }
}

function count(field) {
  const { count: limit, left, over } = field.dataset;
  const counter = document.createElement("p");
  counter.className = "hint";
  // Screen readers hear the count when typing pauses, not at every key.
  counter.setAttribute("aria-live", "polite");
  field.after(counter);
  let timer;
  const show = () => {
    // A line break is sent, and counted by the server, as two characters.
    const rest = limit - [...field.value.replace(/\r?\n/g, "\r\n")].length;
    counter.textContent = (rest < 0 ? over : left).replace("%s", Math.abs(rest).toLocaleString());
    counter.classList.toggle("error-message", rest < 0);
  };
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
