"use strict";
// Everything works without this file: it spares round trips while counting, and lets one key grade a unit.

// A scanner types a whole code faster than anybody can, and ends it with Enter.
const SCANNER_MS = 100;

// Counting: the buttons beside a number change it on the spot.

function shown(row) {
  const pieces = Number(row.querySelector("[data-pieces]").value) || 0;
  const awaited = Number(row.dataset.awaited);
  row.classList.toggle("is-right", awaited > 0 && pieces === awaited);
  row.querySelector("[data-more]").hidden = pieces <= Number(row.dataset.most);
}

for (const form of document.querySelectorAll("[data-count]")) {
  const rows = [...form.querySelectorAll("[data-line]")];
  rows.forEach(shown);
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-line]");
    if (row) shown(row);
  });
  const all = form.querySelector("[data-all]");
  if (all) {
    all.addEventListener("click", (event) => {
      event.preventDefault();
      for (const row of rows) {
        const field = row.querySelector("[data-pieces]");
        field.value = Math.max(Number(field.value) || 0, Number(row.dataset.awaited));
        shown(row);
      }
      form.querySelector("[data-main]").focus();
    });
  }
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("[data-line]");
    const field = row.querySelector("[data-pieces]");
    const scanned = row.querySelectorAll(".scanned").length;
    const next = (Number(field.value) || 0) + Number(button.dataset.step);
    field.value = Math.min(1000, Math.max(scanned, next));
    shown(row);
  });
  // A number is chosen whole, so that typing replaces it; Enter in it goes on to the next, and at last to the end.
  const stops = [...form.querySelectorAll("[data-pieces]"), form.querySelector("[data-main]")].filter(Boolean);
  for (const field of form.querySelectorAll("[data-pieces]")) {
    field.addEventListener("focus", () => field.select());
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey) return;
      event.preventDefault();
      stops[stops.indexOf(field) + 1].focus();
    });
  }
}

// A scan into a field for a code must not send the form it is in.
for (const field of document.querySelectorAll("[data-scan-here]")) {
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey) event.preventDefault();
  });
}

// Ctrl+Enter is the main button, wherever the focus is.
document.addEventListener("keydown", (event) => {
  const main = document.querySelector("[data-main]");
  if (main && event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    main.click();
  }
});

// Grading: one key judges the unit that has the focus, and the next one has it then.

for (const form of document.querySelectorAll("[data-grade]")) {
  const units = [...form.querySelectorAll("[data-unit]")];
  const heard = document.getElementById("heard");
  const main = form.querySelector("[data-main]");
  let typed = "";
  let waiting = 0;

  const isTyping = (target) => target.matches("select, input:not([type=radio]), textarea");
  const judged = (unit) => unit.querySelector("input[type=radio]:checked");
  const optional = (unit) => unit.closest("details");
  const name = (unit) => unit.querySelector("legend").lastChild.textContent.trim();

  function chosen(unit) {
    const radio = judged(unit);
    if (!radio) return;
    const rejected = radio.value === "reject";
    const goes = unit.querySelector("[data-goes]");
    goes.value = radio.dataset.way;
    for (const option of goes.options) {
      option.disabled = rejected
        ? !["", "return_to_customer", "dispose"].includes(option.value)
        : option.value === "return_to_customer";
    }
    unit.querySelector("[data-note]").required = rejected;
  }

  function goOn(unit) {
    const radio = judged(unit);
    heard.textContent = `${name(unit)}: ${radio.dataset.key}`;
    if (radio.value === "reject" && !unit.querySelector("[data-note]").value) {
      unit.querySelector("[data-note]").focus();
      return;
    }
    const next = units.find((other) => !judged(other) && !optional(other));
    if (next) {
      next.querySelector("input[type=radio]").focus();
    } else {
      heard.textContent += `. ${form.dataset.last}`;
      main.focus();
    }
  }

  function grade(key) {
    const unit = document.activeElement.closest("[data-unit]");
    const radio = unit && unit.querySelector(`[data-key="${key}"]`);
    if (!radio) return;
    radio.checked = true;
    chosen(unit);
    goOn(unit);
  }

  function scanned(code) {
    const unit = units.find((other) => other.dataset.serial && other.dataset.serial.toUpperCase() === code);
    if (unit) {
      unit.querySelector("input[type=radio]").focus();
      heard.textContent = name(unit);
    } else {
      heard.textContent = form.dataset.busy;
    }
  }

  units.forEach((unit) => {
    const radio = judged(unit);
    if (radio && !unit.querySelector("[data-goes]").value) chosen(unit);
    unit.addEventListener("change", (event) => {
      if (event.target.matches("input[type=radio]")) chosen(unit);
    });
    // A finger, unlike an arrow key, says so once and for all.
    unit.addEventListener("click", (event) => {
      if (event.target.matches("input[type=radio]") && event.detail > 0) goOn(unit);
    });
  });

  // One key alone grades; keys that follow each other at a scanner's pace are a code, and grade nothing.
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && typed.length > 1) {
      event.preventDefault();
      const code = typed.toUpperCase();
      typed = "";
      clearTimeout(waiting);
      scanned(code);
      return;
    }
    // A blank within a code is a part of it, and presses nothing; alone it chooses what has the focus.
    if (event.key.length !== 1 || (event.key === " " && !typed)) return;
    if (event.key === " ") event.preventDefault();
    typed += event.key;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const key = typed.toUpperCase();
      typed = "";
      if (key.length === 1) grade(key);
      else heard.textContent = form.dataset.busy;
    }, SCANNER_MS);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && typed) event.preventDefault();
  });
}

// A scan that lands nowhere lands in the scan field, in the place of whatever stands there.
const scan = document.querySelector("[data-scan]");
if (scan && !document.querySelector("[data-grade]")) {
  // A page that the browser kept as it was is as ready as a new one.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    scan.value = "";
    scan.focus();
  });
  document.addEventListener("keydown", (event) => {
    const free = event.target === document.body || event.target.matches("main, a, button");
    if (free && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      scan.focus();
      scan.value = event.key;
    }
  });
}

// Where nothing takes a scan, the Enter at its end presses no button.
if (!scan && !document.querySelector("[data-grade]")) {
  let last = -SCANNER_MS;
  let typed = 0;
  document.addEventListener("keydown", (event) => {
    const fast = event.timeStamp - last < SCANNER_MS;
    last = event.timeStamp;
    const free = !event.target.matches("select, input:not([type=radio]), textarea");
    if (event.key === "Enter" && fast && typed > 1 && free) event.preventDefault();
    typed = event.key.length === 1 ? (fast ? typed : 0) + 1 : 0;
  });
}

// Yes is a high sound, no two low ones: nobody has to look up from the parcel. A browser lets a page sound that follows a
// key or a press, and complains of any other; without sound it is silent.
const PRESSED = "pressed";
const follows = sessionStorage.getItem(PRESSED);
sessionStorage.removeItem(PRESSED);
for (const kind of ["keydown", "pointerdown"]) {
  document.addEventListener(kind, () => sessionStorage.setItem(PRESSED, "yes"), { capture: true });
}

function sound(tones) {
  if (!follows || !window.AudioContext) return;
  const context = new AudioContext();
  tones.forEach((hertz, place) => {
    const tone = new OscillatorNode(context, { frequency: hertz });
    const volume = new GainNode(context, { gain: 0.15 });
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + place * 0.2);
    tone.stop(context.currentTime + place * 0.2 + 0.15);
  });
}
if (document.querySelector("main [role=alert]")) sound([220, 180]);
else if (document.querySelector("main [role=status]")) sound([880]);
