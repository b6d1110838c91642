// Words under work: the counter and the preview follow what is typed, from the same count that sends; e opens them.

import { parsed, say } from "./html.js";

const AFTER_MS = 250;
const waiting = new Map();

document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-counts]");
  if (!box) return;
  clearTimeout(waiting.get(box.id));
  waiting.set(box.id, setTimeout(() => measure(box), AFTER_MS));
});

async function measure(box) {
  const text = box.value;
  const answer = await fetch(box.dataset.try, {
    method: "POST",
    body: new URLSearchParams(new FormData(box.form)),
    headers: { Accept: "text/html" },
  }).catch(() => null);
  if (!answer?.ok || box.value !== text) return;
  const there = parsed(await answer.text()).querySelector(".result");
  const here = document.getElementById(`result-${box.dataset.counts}`);
  if (!there || !here) return;
  here.replaceWith(there);
  say(there.querySelector(".counter .number").textContent + " " + (there.querySelector(".problems")?.textContent ?? ""));
}

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-counts]");
  if (box && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    box.form.requestSubmit(box.form.querySelector("button:not([name])"));
  }
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details.edit[open]")) event.target.querySelector("textarea").focus();
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
