// Moves posts in the calendar: dragged to another place, or with Alt and an arrow while one has the focus.

import { fetchPage, say, swapLive } from "./html.js";

const calendar = document.getElementById("calendar");
const outcome = document.getElementById("outcome");
const dialog = document.getElementById("in-the-way");
const token = document.querySelector("#move-token input").value;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let dragged = null;
let busy = Promise.resolve(); // one move after the other: a second key means the place that the first one led to

/** The same wall time so many days and hours on, as 2026-09-21T08:15. Walls have no zone: UTC stands in for one. */
function later(wall, days, hours) {
  const moment = new Date(`${wall}Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  moment.setUTCHours(moment.getUTCHours() + hours);
  return moment.toISOString().slice(0, 16);
}

/** Where a drop on a cell means: a free slot's own time, else the cell's day and hour with the post's minutes. */
function meant(entry, cell, target) {
  const [, clock] = entry.dataset.at.split("T");
  const slot = target.closest?.("[data-slot]");
  if (slot) return `${cell.dataset.day}T${slot.dataset.slot}`;
  if (cell.dataset.hour === undefined) return `${cell.dataset.day}T${clock}`;
  return `${cell.dataset.day}T${cell.dataset.hour.padStart(2, "0")}:${clock.slice(3)}`;
}

function tell(sentence, kind) {
  outcome.textContent = sentence;
  outcome.className = `notice ${kind}`;
  outcome.hidden = false;
  say(sentence);
}

async function order(id, at, passed = null) {
  const form = new URLSearchParams({ form_token: token, delivery: id, at });
  if (passed !== null) {
    form.set("override", "1");
    form.set("why", passed);
  }
  const headers = { Accept: "application/json" };
  const answer = await fetch("/calendar/move", { method: "POST", headers, body: form, credentials: "same-origin" });
  if (!answer.headers.get("content-type")?.includes("json")) throw new Error("no answer of the calendar's");
  return { moved: answer.ok, ...(await answer.json()) };
}

/** Moves a post once what was ordered before is done; `where` tells from its present wall time to which one. */
function move(id, where) {
  busy = busy.then(() => {
    const entry = document.getElementById(`entry-${id}`);
    return entry?.dataset.at ? carryOut(id, where(entry.dataset.at)) : null;
  });
}

async function carryOut(id, at) {
  calendar.setAttribute("aria-busy", "true");
  try {
    let said = await order(id, at);
    if (!said.moved && said.passable) {
      const why = await askToPass(said.sentence);
      if (why !== null) said = await order(id, at, why);
    }
    tell(said.sentence, said.moved ? "done" : "failed");
    const found = await fetchPage(location.href);
    if (found) swapLive(found.page);
  } catch {
    tell(calendar.dataset.away, "failed");
  } finally {
    calendar.removeAttribute("aria-busy");
    const link = document.querySelector(`#entry-${CSS.escape(id)} a`);
    link?.closest("details.rest")?.setAttribute("open", "");
    link?.focus();
  }
}

/** Asks whether to pass what stands in the way; the reason given, null for no. */
function askToPass(sentence) {
  document.getElementById("in-the-way-why").textContent = sentence;
  const why = document.getElementById("pass-why");
  why.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "pass" ? why.value : null), { once: true });
  });
}

calendar.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-entry]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.textContent.trim());
  dragged.classList.add("dragged");
  calendar.removeAttribute("data-live"); // nothing is swapped under the mouse
});
calendar.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  calendar.setAttribute("data-live", "");
  for (const cell of calendar.querySelectorAll(".over")) cell.classList.remove("over");
});
calendar.addEventListener("dragover", (event) => {
  const cell = event.target.closest?.("[data-cell]");
  if (!dragged || !cell) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  if (cell.classList.contains("over")) return;
  for (const other of calendar.querySelectorAll(".over")) other.classList.remove("over");
  cell.classList.add("over");
});
calendar.addEventListener("drop", (event) => {
  const cell = event.target.closest?.("[data-cell]");
  if (!dragged || !cell) return;
  event.preventDefault();
  const at = meant(dragged, cell, event.target);
  if (at !== dragged.dataset.at) move(dragged.dataset.entry, () => at);
});
calendar.addEventListener("keydown", (event) => {
  const entry = event.target.closest?.("[data-entry]");
  const step = STEPS[event.key];
  if (!entry || !step || !event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const [across, down] = document.documentElement.dir === "rtl" ? [-step[0], step[1]] : step;
  const month = calendar.classList.contains("month");
  const days = month ? across + 7 * down : across;
  move(entry.dataset.entry, (at) => later(at, days, month ? 0 : down));
});
