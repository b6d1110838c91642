// What stands under a list for the rows that are chosen: a button that would be refused for each of them is off and says so.

const acts = document.querySelector("fieldset[data-none]");
const rows = document.querySelector("[data-fits]");

function fit() {
  const all = acts.querySelector('input[name="all_found"]')?.checked;
  const chosen = [...rows.querySelectorAll('input[name="row"]:checked')].map((box) => box.closest("[data-may]"));
  for (const button of acts.querySelectorAll('button[name="verb"]')) {
    const fits = all || !chosen.length || chosen.some((row) => row?.dataset.may.split(" ").includes(button.value));
    button.disabled = !fits;
    button.title = fits ? "" : acts.dataset.none;
  }
}

if (acts && rows) {
  document.addEventListener("change", fit);
  document.addEventListener("click", fit); // all rows at once, or one by its key
  new MutationObserver(fit).observe(rows, { childList: true, subtree: true });
  fit(); // what a browser ticks again by itself
}
