// A form is sent once: however slow the line, a second click sends nothing while the first is on its way.

const PATIENCE_MS = 20000; // after this the first is taken for lost; the server refuses what it has done already

let since = new WeakMap();
let pressed = false;

export function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (isOnItsWay(form)) {
      event.preventDefault();
      return;
    }
    since.set(form, performance.now());
    document.documentElement.dataset.sending = "";
    setTimeout(forget, PATIENCE_MS);
  });
  addEventListener("pageshow", forget); // back again from where it led
  addEventListener("pointerdown", () => (pressed = true), true);
  for (const end of ["pointerup", "pointercancel", "dragend", "blur"]) {
    addEventListener(end, () => setTimeout(() => (pressed = false)), true);
  }
}

/** Whether a click is half done, or a form on its way: nothing may be swapped under either. */
export function isBusy() {
  return pressed || "sending" in document.documentElement.dataset;
}

function isOnItsWay(form) {
  return performance.now() - (since.get(form) ?? -PATIENCE_MS) < PATIENCE_MS;
}

function forget() {
  since = new WeakMap();
  delete document.documentElement.dataset.sending;
}
