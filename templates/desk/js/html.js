// The one door for HTML from our own server into the page (Trusted Types policy "pressrun").

const policy = globalThis.trustedTypes?.createPolicy("pressrun", { createHTML: (text) => text });

/** A document from a page of ours. Scripts in it do not run. */
export function parsed(text) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
}

/** Fetches a page of this desk; null where it is unchanged (`tag`) or cannot be had. */
export async function fetchPage(address, tag = null) {
  const headers = { Accept: "text/html" };
  if (tag) headers["If-None-Match"] = tag;
  const answer = await fetch(address, { headers, credentials: "same-origin", cache: "no-store" });
  if (answer.redirected && new URL(answer.url).pathname === "/enter") location.reload();
  if (!answer.ok) return null;
  return { page: parsed(await answer.text()), tag: answer.headers.get("ETag") };
}

/** Puts the parts named `data-live` of a fetched page in the place of ours; keeps what a person is working in. */
export function swapLive(page) {
  for (const here of document.querySelectorAll("[data-live]")) {
    const there = page.getElementById(here.id);
    if (!there) {
      if (here.dataset.live === "whole") location.reload(); // it is another page by now
      continue;
    }
    if (isWorkedIn(here)) {
      here.dispatchEvent(new CustomEvent("kept", { bubbles: true, detail: { there } }));
      continue;
    }
    if (here.innerHTML === there.innerHTML) continue;
    const focused = here.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...here.querySelectorAll("details[open][id]")].map((one) => one.id);
    here.replaceChildren(...there.childNodes);
    if (there.dataset.version) here.dataset.version = there.dataset.version;
    for (const id of open) here.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    here.dispatchEvent(new CustomEvent("swapped", { bubbles: true }));
  }
}

/** Whether a person is in the middle of something that a swap would take from them. */
function isWorkedIn(part) {
  if (part.dataset.live !== "calm") return false;
  return Boolean(part.querySelector("input[type=checkbox]:checked, [data-opened], :focus, details.edit[open]"));
}

/** Says something to who cannot see the page change. */
export function say(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
}
