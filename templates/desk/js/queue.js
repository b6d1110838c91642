// The queue: files may be dropped, and text pasted, anywhere on the page; a key opens the sheet to add stories.

import { isBusy } from "./once.js";

const add = document.getElementById("add");
const files = document.getElementById("files");
const text = document.getElementById("text");
const address = document.getElementById("address");

if (add && files && text && address) {
  // The event may come late: whoever works in the sheet by then, or has a finger on a button, is not pulled away.
  add.addEventListener("toggle", () => {
    const here = document.activeElement;
    if (add.open && !isBusy() && (here === document.body || here?.matches("summary"))) address.focus({ preventScroll: true });
  });
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    add.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) add.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    add.classList.remove("over");
    add.open = true;
    files.files = event.dataTransfer.files;
    files.focus();
  });
  document.addEventListener("paste", (event) => {
    if (event.target.closest?.("input, textarea")) return;
    const pasted = event.clipboardData?.getData("text/plain").trim();
    if (!pasted) return;
    event.preventDefault();
    add.open = true;
    const isAddress = /^https?:\/\/\S+$/.test(pasted);
    (isAddress ? address : text).value = pasted;
    (isAddress ? address : text).focus();
  });
}

// All stories of the page at once, or none of them again.
const all = document.querySelector("[data-all]");
if (all) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const boxes = [...document.querySelectorAll('#stories input[name="row"]')];
    const some = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = some;
  });
}
