"use strict";
// Everything works without this file; it only spares a click here and there.

// A form that is on its way is not sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

// Coming back with the browser's own button makes forms usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A page that waits for the shop's systems looks again by itself, the longer it takes the less often.
const waiting = document.querySelector("[data-waits]");
if (waiting) {
  const looks = Number(sessionStorage.getItem(waiting.dataset.waits)) || 0;
  sessionStorage.setItem(waiting.dataset.waits, looks + 1);
  setTimeout(() => location.replace(waiting.dataset.waits), 1000 * Math.min(60, 3 * 1.5 ** looks));
}
