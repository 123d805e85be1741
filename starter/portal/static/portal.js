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

// A page that waits for the shop's systems looks again by itself.
if (document.querySelector("[data-waits]")) setTimeout(() => location.reload(), 3000);
