// Moves posts: dragged to another place, with Alt and an arrow while one has the focus, or to a moment that is typed.

import { unfoldAt } from "./calendar-folds.js";
import { show } from "./calendar-walk.js";
import { fetchPage, say, swapLive } from "./html.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MOVABLE = ".moves > [data-row]";
const outcome = document.getElementById("outcome");
const dialog = document.getElementById("in-the-way");
const mover = document.getElementById("mover");
let calendar = null;
let dragged = null;
let told = null; // what was said last of which post: { id, sentence, kind }
let busy = Promise.resolve(); // one move after the other: a second key means the place that the first one led to

export function watchMoves(whole) {
  calendar = whole;
  for (const [name, act] of Object.entries({ dragstart, dragend, dragover, drop, keydown, click })) {
    calendar.addEventListener(name, act);
  }
  for (const news of ["swapped", "unfolded"]) calendar.addEventListener(news, () => told && showTold());
  mover.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "move") return;
    event.preventDefault();
    moveTo(mover.dataset.entry, document.getElementById("mover-at").value);
  });
}

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

/** Says how it ended, and shows it beside the post; above the calendar where the post is not on this page. */
function tell(id, sentence, kind, day = "") {
  told = { id, sentence, kind, day };
  showTold();
  say(sentence);
}

function showTold() {
  for (const old of calendar.querySelectorAll(".told")) old.remove();
  const post = document.getElementById(`entry-${told.id}`);
  const note = document.createElement("p");
  note.className = `told notice ${told.kind}`;
  note.textContent = told.sentence;
  outcome.hidden = Boolean(post);
  outcome.textContent = told.sentence;
  outcome.className = `notice ${told.kind}`;
  if (post) post.parentElement.append(note);
  else if (told.day) {
    const there = document.createElement("a");
    const address = new URL(location.href);
    address.searchParams.set("day", told.day);
    there.href = `${address.pathname}${address.search}#entry-${told.id}`;
    there.textContent = calendar.dataset.there;
    outcome.append(" ", there);
  }
}

function takeBack() {
  told = null;
  outcome.hidden = true;
  for (const old of calendar.querySelectorAll(".told")) old.remove();
}

async function order(id, at, passed = null) {
  const form = new URLSearchParams({ form_token: document.querySelector("#move-token input").value, delivery: id, at });
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
    const post = document.getElementById(`entry-${id}`);
    return post?.matches(MOVABLE) ? carryOut(id, where(post.dataset.at)) : null;
  });
}

/** Moves a post to the moment that was typed; what is wrong with it stands beside the field, and the dialog stays. */
function moveTo(id, typed) {
  busy = busy.then(() => carryOut(id, typed, true));
}

async function carryOut(id, at, typed = false) {
  calendar.setAttribute("aria-busy", "true");
  takeBack();
  try {
    let said = await order(id, at);
    if (typed && !said.moved && !said.passable) {
      wrong(said.sentence);
      return;
    }
    mover.close();
    if (!said.moved && said.passable) {
      const why = await askToPass(said.sentence);
      if (why !== null) said = await order(id, at, why);
    }
    const found = await fetchPage(location.href);
    if (found) swapLive(found.page);
    if (said.day) await unfoldAt(placeOf(id, said.at));
    tell(id, said.sentence, said.moved ? "done" : "failed", said.day);
  } catch {
    mover.close();
    tell(id, calendar.dataset.away, "failed");
  } finally {
    calendar.removeAttribute("aria-busy");
    if (!mover.open) focusOn(id);
  }
}

function focusOn(id) {
  const post = document.getElementById(`entry-${id}`);
  if (!post) {
    outcome.scrollIntoView({ block: "nearest" });
    return;
  }
  show(post);
  post.parentElement.querySelector(".told")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** The cell of a moment, where the post is not shown by itself there; null for none. */
function placeOf(id, at) {
  if (document.getElementById(`entry-${id}`) || !at || calendar.classList.contains("month")) return null;
  const [day, clock] = at.split("T");
  return calendar.querySelector(`td[data-day="${day}"][data-hour="${Number(clock.slice(0, 2))}"]`);
}

function wrong(sentence) {
  const place = document.getElementById("mover-wrong");
  const field = document.getElementById("mover-at");
  place.textContent = sentence;
  place.hidden = !sentence;
  field.setAttribute("aria-invalid", String(Boolean(sentence)));
  if (sentence) {
    say(sentence);
    field.focus();
    field.select();
  }
}

/** Asks for the moment to which a post shall move. */
function ask(post) {
  mover.dataset.entry = post.id.slice("entry-".length);
  document.getElementById("mover-what").textContent = post.textContent.trim();
  const field = document.getElementById("mover-at");
  field.value = post.dataset.at.replace("T", " ");
  wrong("");
  mover.showModal();
  field.focus();
  field.select();
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

function click(event) {
  const link = event.target.closest?.(".mover");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(link.parentElement.querySelector("[data-row]"));
}

function keydown(event) {
  const post = event.target.closest?.(MOVABLE);
  if (event.key === "Escape" && told) takeBack();
  if (!post || event.ctrlKey || event.metaKey) return;
  if (event.key === "m" && !event.altKey && !event.repeat) {
    event.preventDefault();
    event.stopPropagation();
    ask(post);
    return;
  }
  const step = STEPS[event.key];
  if (!step || !event.altKey) return;
  event.preventDefault();
  const [across, down] = document.documentElement.dir === "rtl" ? [-step[0], step[1]] : step;
  const month = calendar.classList.contains("month");
  const days = month ? across + 7 * down : across;
  move(post.id.slice("entry-".length), (at) => later(at, days, month ? 0 : down));
}

function dragstart(event) {
  dragged = event.target.closest?.(MOVABLE) ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.textContent.trim());
  dragged.parentElement.classList.add("dragged");
  calendar.removeAttribute("data-live"); // nothing is swapped under the mouse
}

function dragend() {
  dragged?.parentElement.classList.remove("dragged");
  dragged = null;
  calendar.setAttribute("data-live", "");
  for (const cell of calendar.querySelectorAll(".over")) cell.classList.remove("over");
}

function dragover(event) {
  const cell = event.target.closest?.("td");
  if (!dragged || !cell) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  if (cell.classList.contains("over")) return;
  for (const other of calendar.querySelectorAll(".over")) other.classList.remove("over");
  cell.classList.add("over");
}

function drop(event) {
  const cell = event.target.closest?.("td");
  if (!dragged || !cell) return;
  event.preventDefault();
  const at = meant(dragged, cell, event.target);
  const id = dragged.id.slice("entry-".length);
  if (at !== dragged.dataset.at) move(id, () => at);
}
