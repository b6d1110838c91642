// The calendar's lines by keys: tab comes by one of them, the arrows go on to the one above, below or beside, as j and k
// go through them by their moments.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let current = "";

export function watchWalk(calendar) {
  const mark = (event) => {
    const line = event?.type === "focusin" ? event.target.closest?.("[data-row]") : null;
    if (event?.type === "focusin" && !line) return;
    if (line) current = line.id;
    const rows = rowsOf(calendar);
    const one = rows.find((row) => row.id === current) ?? document.getElementById(calendar.dataset.first) ?? rows[0];
    for (const row of rows) {
      for (const link of row.parentElement.querySelectorAll(":scope > a")) link.tabIndex = row === one ? 0 : -1;
    }
  };
  mark();
  openOnToday(calendar);
  for (const news of ["focusin", "swapped", "unfolded"]) calendar.addEventListener(news, mark);
  // j and k begin with what comes next, not with the week's first post.
  document.addEventListener(
    "keydown",
    (event) => {
      if (!"jk".includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target !== document.body && event.target.id !== "main") return;
      if (document.querySelector("dialog[open]")) return;
      const line = document.getElementById(current) ?? document.getElementById(calendar.dataset.first);
      if (!line) return;
      event.preventDefault();
      event.stopPropagation();
      show(line);
    },
    true,
  );
  calendar.addEventListener("keydown", (event) => {
    const line = event.target.closest?.("[data-row]");
    const step = STEPS[event.key];
    if (!line || !step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const next = nextOf(calendar, line, step);
    if (next) show(next);
  });
}

/** Where there is not room for all days, today's comes into sight; browsers that can do so by the style sheet did. */
function openOnToday(calendar) {
  const today = calendar.querySelector("thead th.today, .month td.today");
  if (!today || CSS.supports("scroll-initial-target", "nearest")) return;
  const frame = today.closest(".table-wrap");
  const head = frame.querySelector("tbody th")?.offsetWidth ?? 0;
  frame.scrollTo({ left: today.offsetLeft - head, behavior: "instant" });
}

/** Gives a line the focus, in sight. */
export function show(line) {
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function rowsOf(calendar) {
  return [...calendar.querySelectorAll("[data-row]")];
}

/** The line in that direction: in the same column the one before or after, else in the next column that has one. */
function nextOf(calendar, line, [right, down]) {
  const cell = line.closest("td");
  const across = document.documentElement.dir === "rtl" ? -right : right;
  const rows = rowsOf(calendar);
  const column = (one) => one.closest("td").cellIndex;
  if (down) {
    const same = rows.filter((one) => column(one) === cell.cellIndex);
    return same[same.indexOf(line) + down];
  }
  const middle = line.getBoundingClientRect().top;
  const beside = rows.filter((one) => Math.sign(column(one) - cell.cellIndex) === across);
  const nearest = Math.min(...beside.map((one) => Math.abs(column(one) - cell.cellIndex)));
  return beside
    .filter((one) => Math.abs(column(one) - cell.cellIndex) === nearest)
    .map((one) => [Math.abs(one.getBoundingClientRect().top - middle), one])
    .sort((one, other) => one[0] - other[0])[0]?.[1];
}
