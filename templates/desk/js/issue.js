// An issue's lineup: a story is dragged to its place, or moved with Alt and an arrow; the order is kept at once.

import { fetchPage, say, swapLive } from "./html.js";

const form = document.getElementById("order");
const outcome = document.getElementById("outcome");
const lineup = document.getElementById("lineup");
let dragged = null;
let keeping = Promise.resolve(); // one order after the other, each from what the one before led to

const list = () => lineup.querySelector("[data-lineup]");
const lines = () => [...list().querySelectorAll("[data-story]")];
const clear = () => lines().forEach((one) => one.classList.remove("before", "behind", "dragged"));

function tell(sentence, kind) {
  outcome.textContent = sentence;
  outcome.className = `notice ${kind}`;
  outcome.hidden = false;
  say(sentence);
}

/** The sentence that says where a story stands now. */
function placed(id) {
  const order = lines();
  const at = order.findIndex((one) => one.dataset.story === id);
  const story = order[at]?.querySelector("a").textContent ?? "";
  const words = { story, place: at + 1, of: order.length };
  return list().dataset.moved.replace(/\{(story|place|of)\}/g, (_, name) => words[name]);
}

/** Shows the order that is meant, keeps it, and shows what the server made of it. */
function keep(id, place) {
  const order = lines();
  const line = order.find((one) => one.dataset.story === id);
  const to = Math.max(0, Math.min(order.length - 1, place(order.indexOf(line))));
  if (!line || order.indexOf(line) === to) return;
  const rest = order.filter((one) => one !== line);
  list().insertBefore(line, rest[to] ?? null);
  line.focus({ preventScroll: false });
  keeping = keeping.then(() => carryOut(id, lines().map((one) => one.dataset.story)));
}

async function carryOut(id, order) {
  const body = new URLSearchParams({ form_token: form.querySelector("[name=form_token]").value });
  const seen = form.querySelector("[name=seen]");
  if (seen) body.set("seen", seen.value);
  for (const story of order) body.append("story", story);
  const told = placed(id);
  lineup.setAttribute("aria-busy", "true");
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(form.action, { method: "POST", headers, body, credentials: "same-origin" });
    if (!answer.headers.get("content-type")?.includes("json")) throw new Error("no answer of the issue's");
    const { sentence } = await answer.json();
    tell(answer.ok ? told : sentence, answer.ok ? "done" : "failed");
    const found = await fetchPage(location.href);
    if (found) show(found.page);
  } catch {
    tell(list().dataset.away, "failed");
  } finally {
    lineup.removeAttribute("aria-busy");
  }
}

/** What a reload would show: the lineup, the words above it, the pre-flight, the mail and every form's fingerprint. */
function show(page) {
  const held = document.activeElement?.closest?.("[data-story]")?.id;
  const kind = lineup.dataset.live;
  lineup.dataset.live = ""; // nobody is in the middle of anything: this is what they asked for
  swapLive(page);
  lineup.dataset.live = kind;
  for (const name of ["#above .inbox", ".findings"]) {
    const [here, there] = [document.querySelector(name), page.querySelector(name)];
    if (here && there) here.replaceChildren(...there.childNodes);
  }
  const seen = page.querySelector("[name=seen]");
  if (seen) for (const one of document.querySelectorAll("[name=seen]")) one.value = seen.value;
  const [frame, fresh] = [document.getElementById("mail"), page.getElementById("mail")];
  const other = frame && fresh && frame.getAttribute("src") !== fresh.getAttribute("src");
  if (other) frame.replaceWith(document.adoptNode(fresh));
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
}

form.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-story]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.querySelector("a").textContent);
  dragged.classList.add("dragged");
  lineup.removeAttribute("data-live"); // nothing is swapped under the mouse
});
form.addEventListener("dragend", () => {
  clear();
  dragged = null;
  lineup.dataset.live = "calm";
});
form.addEventListener("dragover", (event) => {
  const line = event.target.closest?.("[data-story]");
  if (!dragged || !line) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  const order = lines();
  const down = order.indexOf(line) > order.indexOf(dragged);
  for (const one of order) one.classList.remove("before", "behind");
  if (line !== dragged) line.classList.add(down ? "behind" : "before");
});
form.addEventListener("drop", (event) => {
  const line = event.target.closest?.("[data-story]");
  if (!dragged || !line) return;
  event.preventDefault();
  const to = lines().indexOf(line);
  const id = dragged.dataset.story;
  clear();
  keep(id, () => to);
});
form.addEventListener("keydown", (event) => {
  const line = event.target.closest?.("[data-story]");
  const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
  if (!line || step === undefined || !event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  keep(line.dataset.story, (at) => at + step);
});
