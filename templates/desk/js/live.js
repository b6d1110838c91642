// Keeps the parts of a page marked `data-live` as a reload would show them: the server says when there is news.

import { fetchPage, swapLive } from "./html.js";
import { isBusy } from "./once.js";

const LEAST_MS = 1000;
const AGAIN_MS = 5000;

export function watchNews() {
  const { address } = document.body.dataset; // of a page that a form brought: where the same is read
  if (!address || !document.querySelector("[data-live]")) return;
  let tag = null;
  let news = false;
  let asking = false;

  const ask = async () => {
    if (asking || document.hidden) return;
    if (isBusy()) {
      tellNews(true);
      setTimeout(ask, LEAST_MS);
      return;
    }
    asking = true;
    news = false;
    try {
      const found = await fetchPage(address, tag);
      if (found && isBusy()) {
        news = true;
        tellNews(true);
      } else {
        tellNews(false);
        if (found) {
          tag = found.tag;
          swapLive(found.page);
        }
      }
    } catch {
      // The server is away: the line comes back by itself, and asks then.
    }
    setTimeout(() => {
      asking = false;
      if (news) ask();
    }, LEAST_MS);
  };

  let line = null;
  let broken = false;
  // A browser opens six connections to one address, and each line is one: a page that nobody sees gives its own back.
  const listen = () => {
    if (line || document.hidden) return;
    line = new EventSource("/live");
    line.addEventListener("changed", () => {
      news = true;
      ask();
    });
    line.addEventListener("hello", () => {
      document.documentElement.dataset.line = "open";
      tellAway(false);
      if (broken) ask();
      broken = false;
    });
    line.addEventListener("error", () => {
      document.documentElement.dataset.line = "broken";
      tellAway(true);
      broken = true;
      if (line.readyState === EventSource.CLOSED) {
        hangUp(); // a proxy's error page ends a line for good; we do not
        setTimeout(listen, AGAIN_MS);
        ask(); // whoever was logged out is led to the log-in
      }
    });
  };
  const hangUp = () => {
    line?.close();
    line = null;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      hangUp();
    } else {
      listen();
      ask();
    }
  });
  addEventListener("pagehide", hangUp);
  addEventListener("pageshow", listen);
  listen();
}

/** Marks a page that has news and shows it only when whoever is in the middle of something has let go. */
function tellNews(waits) {
  if (waits) document.documentElement.dataset.news = "waits";
  else delete document.documentElement.dataset.news;
}

/** Shows, or takes back, that what stands here may be old. */
function tellAway(away) {
  const place = document.getElementById("away");
  if (!place) return;
  place.hidden = !away;
  place.textContent = away ? place.dataset.away : "";
}
