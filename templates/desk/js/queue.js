// The queue: files may be dropped, and text pasted, anywhere on the page; a key opens the sheet to add stories.

const add = document.getElementById("add");
const files = document.getElementById("files");
const text = document.getElementById("text");
const address = document.getElementById("address");

if (add && files && text && address) {
  add.addEventListener("toggle", () => add.open && address.focus());
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
