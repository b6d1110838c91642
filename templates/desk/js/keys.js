// Keys. A page names them in its HTML: an element with `data-key="e"` is pressed by e, in a list marked
// `data-list` j and k walk its `data-row`s and enter opens one; 1 to 9 open the menu's lines, ? lists them all.

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

export function watchKeys() {
  const dialog = document.getElementById("keys");
  const button = document.querySelector("[data-keys]");
  if (button && dialog) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }
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
  if (/^[1-9]$/.test(key)) {
    const line = document.querySelectorAll(".menu a")[Number(key) - 1];
    line?.click();
    return Boolean(line);
  }
  if (key === "Enter" && event.target.closest?.("a, button, summary")) return false;
  const row = document.activeElement?.closest?.("[data-row]");
  const named = `[data-key="${CSS.escape(key)}"]`;
  const target = row?.querySelector(named) ?? document.querySelector(`${named}:not([data-row] *)`);
  if (!target) return false;
  if (target.matches(TYPING)) target.focus();
  else target.click();
  return true;
}

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const here = rows.indexOf(document.activeElement?.closest?.("[data-row]"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, here + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}
