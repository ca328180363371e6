/** The language of the page: the one chosen, else the phone's, else French. */

import { computed, signal } from "@preact/signals";

export type Language = "fr" | "en";

const KEPT = "language";
const LOCALES: Record<Language, string> = { fr: "fr-FR", en: "en-GB" };

export const language = signal<Language>(chosen() ?? spoken());

/** What amounts and dates are written by: the phone's own variety of the language, where it speaks it. */
export const locale = computed(
  () => navigator.languages.find((one) => one.slice(0, 2) === language.value) ?? LOCALES[language.value],
);

/** Switch, and keep the choice on this phone. */
export function speak(wanted: Language): void {
  localStorage.setItem(KEPT, wanted);
  language.value = wanted;
}

function chosen(): Language | undefined {
  const kept = localStorage.getItem(KEPT);
  return kept === "fr" || kept === "en" ? kept : undefined;
}

function spoken(): Language {
  for (const one of navigator.languages) {
    const base = one.slice(0, 2);
    if (base === "fr" || base === "en") return base;
  }
  return "fr";
}
