// The queue: files may be dropped, and text pasted, anywhere on the page; a key opens the sheet to add stories.

const add = document.getElementById("add");
const files = document.getElementById("files");
const text = document.getElementById("text");
const address = document.getElementById("address");
const landing = document.getElementById("landing");

if (add && files && text && address && landing) {
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    landing.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) landing.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    landing.hidden = true;
    add.open = true;
    files.files = event.dataTransfer.files;
    document.getElementById("take-in").focus(); // what was dropped is taken in by one key
  });
  files.addEventListener("change", () => {
    if (files.files.length) document.getElementById("take-in").focus();
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
