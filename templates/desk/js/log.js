// A row of the log opens in its place; without this its link leads to the same on a page of its own. All rows of the page
// are chosen at once.

import { fetchPage, say } from "./html.js";

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const row = link.closest("tr");
  if (row.nextElementSibling?.matches(".inside")) {
    row.nextElementSibling.remove();
    delete row.dataset.opened;
    link.setAttribute("aria-expanded", "false");
    return;
  }
  const found = await fetchPage(link.href).catch(() => null);
  const inside = found?.page.getElementById("opened");
  if (!inside) {
    location.href = link.href;
    return;
  }
  inside.removeAttribute("id");
  inside.removeAttribute("data-live");
  const cell = document.createElement("td");
  cell.colSpan = row.cells.length;
  cell.append(inside);
  const line = document.createElement("tr");
  line.className = "inside";
  line.append(cell);
  row.after(line);
  row.dataset.opened = "";
  link.setAttribute("aria-expanded", "true");
  say(link.textContent);
});

const all = document.querySelector("[data-all]");
if (all) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const boxes = [...document.querySelectorAll('#rows input[name="row"]')];
    const some = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = some;
  });
}
