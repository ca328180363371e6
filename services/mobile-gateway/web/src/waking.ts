/** What the app does while somebody is signed in: it opens what is kept, asks what is new, and listens. */

import { signal } from "@preact/signals";
import { forgetExplanations } from "./explanations";
import {
  forget,
  keyOf,
  open,
  quietly,
  refresh,
  refreshAnew,
  refreshScopes,
  refreshScopesAnew,
  type ScopeKey,
  scopes,
} from "./figures";
import { listen, type Told } from "./live";
import { say } from "./parts/saying";
import { place } from "./route";
import { standing } from "./session";
import { texts } from "./texts/texts";

/** Whether publications reach this phone as they happen. */
export const listening = signal(false);

/** Start; what is returned stops it and forgets every figure in memory. */
export function wake(): () => void {
  const stop = new AbortController();
  void start(stop.signal);
  const look = () => {
    if (document.visibilityState === "visible") void quietly(everything());
  };
  document.addEventListener("visibilitychange", look);
  return () => {
    stop.abort();
    document.removeEventListener("visibilitychange", look);
    listening.value = false;
    forget();
    forgetExplanations();
  };
}

async function start(stop: AbortSignal): Promise<void> {
  await open();
  const first = current();
  await Promise.all([quietly(refreshScopes()), first ? quietly(refresh(first)) : null]);
  if (stop.aborted) return;
  void others();
  await listen(
    stop,
    (told) => void heard(told),
    (stands) => {
      listening.value = stands;
      // What was said while nobody listened is caught up by asking once.
      if (stands) void quietly(everything());
    },
  );
}

/** The scope that is in view, or will be. */
function current(): ScopeKey | null {
  const who = standing.value;
  return place.value?.scope ?? (who.kind === "signed-in" ? keyOf(who.session.first) : null);
}

async function everything(): Promise<void> {
  const first = current();
  await Promise.all([refreshScopes(), first ? refresh(first) : null]);
}

/** The other scopes, one after the other, so that they open without a network too. */
const AHEAD = 30;

async function others(): Promise<void> {
  const first = current();
  for (const scope of (scopes.value ?? []).slice(0, AHEAD)) {
    const key = keyOf(scope);
    if (key !== first && scope.as_of !== null && standing.value.kind === "signed-in") await quietly(refresh(key));
  }
}

async function heard(told: Told): Promise<void> {
  const scope = scopeOf(told.data);
  if (told.event === "snapshot.published" && scope) {
    const good = await quietly(inOrder(keyOf(scope)));
    if (good && keyOf(scope) === current()) say(texts.value.trust.refreshed(scope.name));
  } else {
    await quietly(inOrder(current()));
  }
}

/** The scopes first: a list that was asked for earlier may still drop a snapshot that only now was published. */
async function inOrder(key: ScopeKey | null): Promise<void> {
  await refreshScopesAnew();
  if (key) await refreshAnew(key);
}

function scopeOf(data: string): { kind: string; code: string; name: string } | null {
  try {
    const { scope } = JSON.parse(data) as { scope?: { kind: string; code: string; name: string } };
    return scope ?? null;
  } catch {
    return null;
  }
}
