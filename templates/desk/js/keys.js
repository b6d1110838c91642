// Keys. A page names them in its HTML: an element with `data-key="e"` is pressed by e, in a list marked
// `data-list` j and k walk its `data-row`s and enter opens one; 1 to 9 open the menu's lines, ? lists them all. Rows that
// carry `data-at` are walked in the order of these moments, whatever the table's is.

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

export function watchKeys() {
  const dialog = document.getElementById("keys");
  const button = document.querySelector("[data-keys]");
  if (button && dialog) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
  // A key that is held says one thing, once: it neither signs the next story nor presses the button that comes under it.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat && event.key === "Enter" && !event.target.closest?.("textarea")) event.preventDefault();
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.(TYPING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (press(event)) event.preventDefault();
  });
}

function press(event) {
  const { key } = event;
  if (key === "?") {
    document.getElementById("keys")?.showModal();
    return true;
  }
  if (key === "j" || key === "k") return walk(key === "j" ? 1 : -1);
  if (event.repeat) return false;
  if (/^[1-9]$/.test(key)) {
    const line = document.querySelectorAll(".menu a")[Number(key) - 1];
    line?.click();
    return Boolean(line);
  }
  if (key === "Enter" && event.target.closest?.("a, button, summary")) return false;
  const row = document.activeElement?.closest?.("[data-row]");
  const named = `[data-key="${CSS.escape(key)}"]`;
  const all = row?.querySelector(named) ? [row.querySelector(named)] : [...document.querySelectorAll(`${named}:not([data-row] *)`)];
  const target = all[(all.indexOf(document.activeElement) + 1) % all.length]; // the same key again: the next one
  if (!target) return false;
  if (target.matches(TYPING)) target.focus();
  else {
    if (target.matches("summary")) target.focus();
    target.click();
  }
  return true;
}

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
  if (!rows.length) return false;
  if (rows[0].dataset.at) rows.sort((one, other) => (one.dataset.at < other.dataset.at ? -1 : Number(one.dataset.at > other.dataset.at)));
  const here = rows.indexOf(document.activeElement?.closest?.("[data-row]"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, here + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}
