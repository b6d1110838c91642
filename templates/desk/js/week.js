// The week's grid by keyboard: arrows go from hour to hour and day to day; space is the box's own. Tab passes the grid in one step.

const boxes = [...document.querySelectorAll("#hours tbody tr")].map((row) =>
  [...row.querySelectorAll("td")].map((cell) => cell.querySelector("input")),
);
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** The next box from a place in one direction; quiet hours have none and are passed over. */
function next(row, column, [down, across]) {
  for (let r = row + down, c = column + across; boxes[r] && c >= 0 && c < 7; r += down, c += across) {
    if (boxes[r][c]) return boxes[r][c];
  }
  return null;
}

const all = boxes.flat().filter(Boolean);
let current = all.find((box) => box.checked) ?? all[0];
for (const box of all) box.tabIndex = box === current ? 0 : -1;

document.getElementById("hours").addEventListener("focusin", (event) => {
  if (!all.includes(event.target)) return;
  current.tabIndex = -1;
  current = event.target;
  current.tabIndex = 0;
});

document.getElementById("hours").addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || !all.includes(event.target)) return;
  const row = boxes.findIndex((one) => one.includes(event.target));
  const found = next(row, boxes[row].indexOf(event.target), step);
  event.preventDefault();
  found?.focus();
});
