// Shows what needs a script (passkeys); without one it stays hidden and the password form works.
for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = !window.PublicKeyCredential;

// A passkey that was refused or cancelled is said in words, not in the console.
document.addEventListener("allauth.error", (event) => {
  const words = document.querySelector("[data-passkey-problem]");
  if (!words) return;
  event.preventDefault();
  words.hidden = false;
  words.focus();
});
