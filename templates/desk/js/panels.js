// Panels that a button opens: what they ask for has the focus, escape and a click beside them close them again.

const PANEL = "details.drop, details.mover";
const FIELD = "input:not([type=hidden], [type=checkbox], [type=radio]), textarea";

export function openPanels() {
  document.addEventListener(
    "toggle",
    (event) => {
      const panel = event.target;
      if (!panel.matches?.(PANEL) || !panel.open) return;
      const here = document.activeElement;
      // Whoever works elsewhere by now is not pulled away; a panel that came open says that something in it is wrong.
      if (here !== panel.querySelector("summary") && !(here === document.body && panel.dataset.wrong !== undefined)) return;
      for (const other of document.querySelectorAll("details.drop[open]")) {
        if (!other.contains(panel)) other.open = false;
      }
      panel.querySelector(".panel")?.scrollIntoView({ block: "nearest" });
      const field = panel.querySelector(FIELD);
      field?.focus();
      // A moment is written anew; long words are gone on with, one key must not wipe them.
      if (field?.matches("textarea")) field.setSelectionRange(field.value.length, field.value.length);
      else field?.select();
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
    const inside = event.target.closest?.(`:is(${PANEL})[open]`);
    const panel = inside ?? document.querySelector("details.drop[open]");
    if (!panel) return;
    event.preventDefault();
    panel.open = false;
    panel.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    for (const panel of document.querySelectorAll("details.drop[open]")) {
      if (!panel.contains(event.target)) panel.open = false;
    }
  });
}
