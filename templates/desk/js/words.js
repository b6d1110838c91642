// Words under work: counter and preview follow what is typed or chosen, from the same count that sends; e opens them.
// Only the inner parts change, in room that is held from the first stroke on: nothing moves under the hands.

import { parsed, say } from "./html.js";

const AFTER_MS = 250;
const SPARE = 4; // lines that problems and a longer post may take
const GAP = 12; // pixels between a field and the bar
const waiting = new Map();
const asked = new Map();

/** Scrolls a field of an open form, with the form where that fits, to above the bar that signs. */
function clearOfBar(field) {
  const bar = document.getElementById("sign");
  for (const part of [field.form, field]) {
    part.style.scrollMarginBlockEnd = `${(bar?.offsetHeight ?? 0) + GAP}px`;
    part.scrollIntoView({ block: "nearest" });
  }
}

function later(form, name) {
  holdRoom(name);
  clearTimeout(waiting.get(name));
  waiting.set(name, setTimeout(() => measure(form, name), AFTER_MS));
}

function resultOf(name) {
  return document.getElementById(`result-${name}`);
}

/** Fixes the size of what is replaced while somebody writes: as large as it is, and some lines to spare. */
function holdRoom(name) {
  const result = resultOf(name);
  if (!result || result.classList.contains("held")) return;
  const line = Number.parseFloat(getComputedStyle(result).lineHeight) || 22;
  result.style.blockSize = `${Math.ceil(result.getBoundingClientRect().height + SPARE * line)}px`;
  result.classList.add("held");
  result.style.marginInlineEnd = `${result.clientWidth - result.offsetWidth}px`; // the room of a scroll bar is taken outside
  result.tabIndex = 0; // whoever has no mouse scrolls it, too
}

/** Says below the form why something in it cannot be; "" takes it back. */
function refuse(form, why) {
  const told = form.querySelector(".behind");
  if (why || told.dataset.refused) told.textContent = why;
  told.dataset.refused = why;
}

async function measure(form, name, file = null) {
  const number = (asked.get(name) ?? 0) + 1;
  asked.set(name, number);
  const said = new FormData(form);
  said.delete("file");
  if (file) said.set("file", file);
  const answer = await fetch(form.querySelector("[data-try]").dataset.try, {
    method: "POST",
    body: file ? said : new URLSearchParams(said),
    headers: { Accept: "text/html" },
  }).catch(() => null);
  if (!answer || asked.get(name) !== number) return;
  const page = parsed(await answer.text());
  const there = page.querySelector(".result");
  const here = resultOf(name);
  if (!here) return;
  if (!there) {
    refuse(form, page.querySelector("main .sheet p")?.textContent.trim() ?? "");
    return;
  }
  refuse(form, "");
  for (const part of [".said", ".preview"]) {
    here.querySelector(part).replaceChildren(...there.querySelector(part).childNodes);
  }
  if (file) {
    form.elements.kept.value = there.dataset.kept;
    form.elements.file.value = "";
  }
  say(here.querySelector(".counter .number").textContent + " " + (here.querySelector(".problems")?.textContent ?? ""));
}

document.addEventListener("input", (event) => {
  const field = event.target.closest?.("[data-counts], [data-tries]");
  if (!field) return;
  later(field.form, field.dataset.counts ?? field.dataset.tries);
  clearOfBar(field);
});

document.addEventListener("change", (event) => {
  const field = event.target.closest?.("[data-uploads]");
  if (!field?.files.length) return;
  const { form } = field;
  form.querySelector('input[name="picture"][value="new"]').checked = true;
  holdRoom(field.dataset.uploads);
  measure(form, field.dataset.uploads, field.files[0]);
});

// Somebody else wrote while this card was worked in: it stays as it is and says so.
document.addEventListener("kept", (event) => {
  const here = event.target;
  const { there } = event.detail;
  if (!here.matches(".channel") || here.dataset.version === there.dataset.version) return;
  const told = here.querySelector(".behind");
  const news = there.querySelector(".behind")?.dataset.behind;
  if (told && news) told.textContent = news;
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-counts], [data-tries]");
  if (box && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    box.form.requestSubmit(box.form.querySelector("button:not([name])"));
  }
});

document.addEventListener(
  "toggle",
  (event) => {
    // The event may come late: whoever is in another field of it by then goes on writing there.
    const here = document.activeElement;
    if (!event.target.matches?.("details.edit[open]") || (event.target.contains(here) && !here.matches("summary"))) return;
    const box = event.target.querySelector("textarea");
    box.focus();
    clearOfBar(box);
  },
  true,
);

document.addEventListener("keydown", (event) => {
  if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select")) return;
  const panel = [...document.querySelectorAll("details.edit")].find((one) => !one.open);
  if (!panel) return;
  event.preventDefault();
  panel.open = true;
});

// The theme of the previews stays from story to story.
const LOOKS = "pressrun-looks";
for (const one of document.querySelectorAll('input[name="looks"]')) {
  if (localStorage.getItem(LOOKS) === one.value) one.checked = true;
  one.addEventListener("change", () => localStorage.setItem(LOOKS, one.value));
}
