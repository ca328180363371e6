/** The time by which ages are told; it moves once a minute and whenever the page is looked at again. */

import { signal } from "@preact/signals";

export const now = signal(new Date());

const tick = () => {
  now.value = new Date();
};

setInterval(tick, 60_000);
document.addEventListener("visibilitychange", tick);
