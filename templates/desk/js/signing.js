// A yes belongs to what a person has had before their eyes: nothing is signed in the moment in which it came into view,
// and nothing while words stand on the page that nobody kept.

import { say } from "./html.js";

const REST_MS = 700; // longer than two presses of a quick hand lie apart, and than a key needs to repeat itself
const SIGNS = "[data-signs]"; // a form that is a yes, or a button of one
let since = null; // when what stands here came into view; null: not yet

export function guardSigning() {
  if (!document.querySelector("[data-signing]")) return;
  rest();
  document.addEventListener("submit", weigh, true); // before anything takes the form for sent
  document.addEventListener("keydown", (event) => event.key === "Enter" && !isRested() && rest(), true); // hammered or held
  document.addEventListener("swapped", (event) => event.target.matches("[data-signing]") && rest());
  document.addEventListener("visibilitychange", rest);
  addEventListener("pageshow", (event) => event.persisted && rest());
}

function isRested() {
  return since !== null && performance.now() - since >= REST_MS;
}

/** Begins the rest: from when what is there is painted. A page that nobody sees paints nothing. */
function rest() {
  document.documentElement.dataset.yes = "rests";
  since = null;
  const begun = {};
  rest.last = begun;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (rest.last !== begun || document.hidden) return;
      since = performance.now();
      setTimeout(() => {
        if (rest.last === begun) document.documentElement.dataset.yes = "heard";
      }, REST_MS);
    }),
  );
}

function weigh(event) {
  const form = event.target;
  const said = form.matches(SIGNS) ? form : event.submitter?.closest(SIGNS);
  if (!said) return;
  const why = unkept(form.closest(".channel") ?? document) ? said.dataset.unkept : isRested() ? "" : said.dataset.signs;
  if (!why) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const place = form.querySelector(".why-not");
  if (place) place.textContent = why;
  say(why);
}

/** Whether words stand here that were typed or chosen and not kept: the preview shows them, a yes would not be to them. */
function unkept(part) {
  const changed = (field) =>
    field.type === "radio" || field.type === "checkbox"
      ? field.checked !== field.defaultChecked
      : field.type !== "hidden" && field.type !== "file" && "defaultValue" in field && field.value !== field.defaultValue;
  return [...part.querySelectorAll(".words-form")].some((form) => [...form.elements].some(changed));
}
