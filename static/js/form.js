// Improves a form that already works: folds away fields that do not apply, counts characters,
// holds a second press of Send, keeps what was typed when no server answers. Documented in templates/styleguide.html.

function fold(form) {
  for (const field of form.querySelectorAll("[data-shows-when]")) {
    const [name, values] = field.dataset.showsWhen.split("=");
    const given = new FormData(form).getAll(name);
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

// Sends the form without leaving the page, so that what was typed is still there when no server
// answers. Sending twice is safe: the form's token makes it one request.
//
// Any answer but success is fetched again as the form's own: the browser then keeps what was sent
// through a reload, a pull-down and a way back. The confirmation takes the place of the form, so that
// the Back button does not lead to one that was sent.
async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  const response = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(30000) });
  if (response.redirected) {
    location.replace(response.url);
    return;
  }
  // The site's own answers, even about its own trouble, carry the filled form. Others do not.
  if (response.status >= 500 && !(await response.text()).includes("data-send-once")) throw new Error("no answer");
  // Under the form's own address, the answer takes the place of this page instead of following it.
  history.replaceState(null, "", form.action);
  form.submit();
}

function holdSecondPress(form) {
  const button = form.querySelector('button:not([type="button"])');
  const lost = document.createElement("p");
  lost.className = "error-message";
  lost.setAttribute("role", "alert");
  lost.textContent = form.dataset.lost;
  const release = () => {
    delete form.dataset.sent;
    button.removeAttribute("aria-disabled");
  };
  // An older browser sends the form as one without script does.
  const inPlace = form.dataset.lost && "timeout" in AbortSignal;
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent || inPlace) event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    button.setAttribute("aria-disabled", "true");
    lost.remove();
    if (!inPlace) return;
    send(form).catch(() => {
      release();
      (button.closest("p") ?? button).before(lost);
    });
  });
  // Coming back by the Back button gives a page that was already sent: let it be sent again.
  addEventListener("pageshow", release);
}

for (const form of document.querySelectorAll("form.form")) {
  fold(form);
  form.addEventListener("change", () => fold(form));
  form.querySelectorAll("[data-count]").forEach(count);
  if (form.matches("[data-send-once]")) holdSecondPress(form);
}

document.querySelector(".error-summary")?.focus();
