/** Where the reader is: a scope's home or one of its figures, in the fragment of the address, so that Back works. */

import { computed, signal } from "@preact/signals";
import type { ScopeKey } from "./figures";
import { type IndicatorId, isIndicator } from "./indicators";

export interface Place {
  scope: ScopeKey;
  indicator: IndicatorId | null;
}

const fragment = signal(location.hash);
let depth = 0;

window.addEventListener("hashchange", () => {
  fragment.value = location.hash;
});

/** Nothing where the address names no place. */
export const place = computed<Place | null>(() => {
  const [kind, code, indicator] = fragment.value.replace(/^#\/?/, "").split("/").map(decoded);
  if ((kind !== "company" && kind !== "family") || !code) return null;
  return { scope: `${kind}/${code}`, indicator: indicator && isIndicator(indicator) ? indicator : null };
});

export function linkTo(scope: ScopeKey, indicator?: IndicatorId): string {
  const slash = scope.indexOf("/");
  const base = `#/${scope.slice(0, slash)}/${encodeURIComponent(scope.slice(slash + 1))}`;
  return indicator ? `${base}/${indicator}` : base;
}

/** Go somewhere from where Back leads here. */
export function go(to: string): void {
  depth += 1;
  location.hash = to;
}

/** Go somewhere instead of here: Back leads to where it led before. */
export function replace(to: string): void {
  history.replaceState(null, "", to);
  fragment.value = location.hash;
}

/** Back to where the reader came from; `otherwise` where this is the first page. */
export function back(otherwise: string): void {
  if (depth > 0) {
    depth -= 1;
    history.back();
  } else {
    replace(otherwise);
  }
}

/** What somebody typed into the address need not be well formed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
