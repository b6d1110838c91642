// Keeps the parts of a page marked `data-live` as a reload would show them: the server says when there is news.

import { fetchPage, swapLive } from "./html.js";

const LEAST_MS = 1000;

export function watchNews() {
  const { address } = document.body.dataset; // of a page that a form brought: where the same is read
  if (!address || !document.querySelector("[data-live]")) return;
  let tag = null;
  let news = false;
  let asking = false;

  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    news = false;
    try {
      const found = await fetchPage(address, tag);
      if (found) {
        tag = found.tag;
        swapLive(found.page);
      }
    } catch {
      // The server is away: the line comes back by itself, and asks then.
    }
    setTimeout(() => {
      asking = false;
      if (news) ask();
    }, LEAST_MS);
  };

  const line = new EventSource("/live");
  let broken = false;
  line.addEventListener("changed", () => {
    news = true;
    ask();
  });
  line.addEventListener("hello", () => {
    document.documentElement.dataset.line = "open";
    if (broken) ask();
    broken = false;
  });
  line.addEventListener("error", () => {
    document.documentElement.dataset.line = "broken";
    broken = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  addEventListener("pagehide", () => line.close());
}
