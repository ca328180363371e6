import { signal } from "@preact/signals";

const said = signal<{ text: string; number: number } | null>(null);
const SECONDS = 4;
let number = 0;

/** Tell the reader something that needs no answer. */
export function say(text: string): void {
  number += 1;
  const mine = number;
  said.value = { text, number: mine };
  setTimeout(() => {
    if (said.value?.number === mine) said.value = null;
  }, SECONDS * 1000);
}

export function Saying() {
  return (
    <div class="saying" role="status">
      {said.value && <p key={said.value.number}>{said.value.text}</p>}
    </div>
  );
}
