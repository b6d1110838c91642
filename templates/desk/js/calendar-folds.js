// The line of a full hour unfolds in its place: the posts behind it come from the page that the line leads to.

import { fetchPage } from "./html.js";

const open = new Map(); // the line's id -> its list, so that news folds nothing up

export function watchFolds(calendar) {
  if (!calendar.classList.contains("week")) return; // a month's line stands for a whole day, which has a page of its own
  calendar.addEventListener("click", (event) => {
    const line = event.target.closest?.(".fold > a");
    if (!line || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    toggle(line);
  });
  calendar.addEventListener("swapped", () => {
    for (const [id, list] of open) {
      const line = document.getElementById(id);
      if (!line) {
        open.delete(id);
        continue;
      }
      attach(line, list);
      fill(line);
    }
  });
  for (const line of calendar.querySelectorAll(".fold > a")) line.setAttribute("aria-expanded", "false");
  calendar.addEventListener("swapped", () => {
    for (const line of calendar.querySelectorAll(".fold > a:not([aria-expanded])")) line.setAttribute("aria-expanded", "false");
  });
}

/** Unfolds the line behind which a post may stand, or all that are open anew; resolves when its posts are there. */
export async function unfoldAt(cell) {
  const line = cell?.querySelector(".fold > a[aria-expanded=false]");
  if (line) await toggle(line);
}

async function toggle(line) {
  if (open.has(line.id)) {
    open.get(line.id).remove();
    open.delete(line.id);
    line.setAttribute("aria-expanded", "false");
    return;
  }
  line.setAttribute("aria-busy", "true");
  try {
    await fill(line);
  } catch {
    location.assign(line.href); // the page itself says what is wrong
  } finally {
    line.removeAttribute("aria-busy");
  }
}

/** Puts behind a line what its page shows now, without what stands beside the line already. */
async function fill(line) {
  const found = await fetchPage(line.href);
  if (!found) {
    location.assign(line.href);
    return;
  }
  const here = document.getElementById(line.id);
  if (!here) return;
  const focused = open.get(line.id)?.contains(document.activeElement) ? document.activeElement.id : "";
  open.get(line.id)?.remove();
  const beside = new Set([...here.closest("td").querySelectorAll("[data-row]")].map((one) => one.id));
  const list = document.createElement("ul");
  for (const one of found.page.querySelectorAll("#calendar .entry:has(> [data-row])")) {
    if (!beside.has(one.querySelector("[data-row]").id)) list.append(document.adoptNode(one));
  }
  const further = found.page.querySelector(".pager a[rel=next]");
  if (further) {
    const more = document.createElement("li");
    more.append(document.adoptNode(further));
    list.append(more);
  }
  open.set(line.id, list);
  attach(here, list);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  list.dispatchEvent(new CustomEvent("unfolded", { bubbles: true }));
}

function attach(line, list) {
  line.setAttribute("aria-expanded", "true");
  line.after(list);
}
