// A search of the log that ended on its way with nothing found goes on by itself, answer by answer, until something is
// found, all is looked at or a person stops it. Without this its link leads on.

import { fetchPage, say } from "./html.js";

const STOPPED = "#stopped"; // the page at which a person stopped the search does not begin it again

const rows = document.getElementById("rows");
const going = rows?.querySelector("[data-going]");
if (going && !rows.querySelector("[data-row]") && location.hash !== STOPPED) searchOn();

async function searchOn() {
  const told = rows.querySelector("[data-ended]");
  const stop = rows.querySelector("[data-stop]");
  let stopped = false;
  rows.querySelector(".ended").dataset.opened = ""; // somebody is at work here: news of others waits
  told.hidden = true;
  going.hidden = false;
  stop.hidden = false;
  stop.addEventListener("click", () => {
    stopped = true;
  });
  say(going.textContent);
  let next = rows.querySelector("a[rel=next]").href;
  for (;;) {
    const found = await fetchPage(next).catch(() => null);
    const there = found?.page.getElementById("rows");
    if (!there) break; // the link is still there, and the page tells by itself that the server is away
    const further = there.querySelector("a[rel=next]");
    const on = there.querySelector("[data-going]");
    if (stopped || !on || there.querySelector("[data-row]")) {
      location.replace(stopped && on ? next + STOPPED : next);
      return;
    }
    going.textContent = on.textContent;
    rows.querySelector("a[rel=next]").href = next = new URL(further.getAttribute("href"), location.href).href;
  }
  going.hidden = true;
  stop.hidden = true;
  told.hidden = false;
}
