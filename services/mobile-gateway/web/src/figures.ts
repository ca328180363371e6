/**
 * The figures that the phone holds. What is kept opens at once; then the platform is asked whether it still stands, by
 * its entity tag, and only what changed travels.
 */

import { computed, signal } from "@preact/signals";
import { Refused, Unreachable } from "@vigie/web/problem";
import { answered, gateway, type ScopeItem } from "./api/client";
import { Flights } from "./flights";
import type { Snapshot } from "./indicators";
import { bearer, renewed, SignedOut, standing, token, vault } from "./session";

export type ScopeKey = `${"company" | "family"}/${string}`;

/** A snapshot on the phone. `read` is when the platform last said that it stands. */
export interface Held {
  snapshot: Snapshot;
  etag: string;
  read: string;
}

/** Why there is no snapshot to show. */
export type Lack = "nothing-published" | "not-yours" | "unreachable";

export type Shown = { kind: "held"; held: Held } | { kind: "lacking"; lack: Lack } | { kind: "waiting" };

const SCOPES = "scopes";
const SNAPSHOTS = "snapshot/";
const WAITING: Shown = { kind: "waiting" };

export const scopes = signal<readonly ScopeItem[] | null>(null);
export const reachable = signal(true);
const all = signal<ReadonlyMap<ScopeKey, Shown>>(new Map());
const flights = new Flights<ScopeKey | typeof SCOPES>();
/** How often the snapshot of a scope was dropped: a read that began before does not bring it back. */
const drops = new Map<ScopeKey, number>();

export function keyOf(scope: { kind: string; code: string }): ScopeKey {
  return `${scope.kind === "family" ? "family" : "company"}/${scope.code}`;
}

/** What stands for a scope. */
export function shown(key: ScopeKey): Shown {
  return all.value.get(key) ?? WAITING;
}

/** The snapshots on the phone. */
export const held = computed(() => [...all.value.values()].flatMap((one) => (one.kind === "held" ? [one.held] : [])));

/** What was kept on the phone, without asking anybody. */
export async function open(): Promise<void> {
  scopes.value = (await vault.get<ScopeItem[]>(SCOPES)) ?? null;
}

/** Forget everything in memory; the vault is wiped by signing out. */
export function forget(): void {
  scopes.value = null;
  all.value = new Map();
}

/** Ask which scopes there are, then drop from the phone what is gone from the platform. */
export function refreshScopes(): Promise<void> {
  return flights.join(SCOPES, readScopes);
}

/** As `refreshScopes`, but by a read that begins only now. */
export function refreshScopesAnew(): Promise<void> {
  return flights.anew(SCOPES, readScopes);
}

async function readScopes(): Promise<void> {
  const list = await told(async () => {
    const answer = await authorised((headers) => gateway.GET("/mobile/v1/scopes", { headers }));
    return answered(answer).scopes;
  });
  const known = new Set([...all.value.keys(), ...[...(scopes.value ?? []), ...list].map(keyOf)]);
  scopes.value = list;
  const standingKeys = new Set(list.filter((scope) => scope.as_of !== null).map(keyOf));
  for (const key of known) {
    if (standingKeys.has(key)) continue;
    drop(key);
    const listed = list.some((scope) => keyOf(scope) === key);
    if (all.value.has(key)) show(key, { kind: "lacking", lack: listed ? "nothing-published" : "not-yours" });
  }
  await vault.put(SCOPES, list);
  await vault.remove(SNAPSHOTS, (name) => !standingKeys.has(name.slice(SNAPSHOTS.length) as ScopeKey));
}

/** Show a scope: what is kept at once, then what the platform says. Calls for the same scope share one read. */
export function refresh(key: ScopeKey): Promise<void> {
  return flights.join(key, () => read(key));
}

/** As `refresh`, but by a read that begins only now: what was published a moment ago is in it. */
export function refreshAnew(key: ScopeKey): Promise<void> {
  return flights.anew(key, () => read(key));
}

async function read(key: ScopeKey): Promise<void> {
  const dropped = drops.get(key);
  let known = shown(key);
  if (known.kind !== "held") {
    const kept = await vault.get<Held>(SNAPSHOTS + key);
    if (kept) known = show(key, { kind: "held", held: kept });
  }
  const etag = known.kind === "held" ? known.held.etag : null;
  const [kind, code] = partsOf(key);
  try {
    await told(async () => {
      const { response, data, error } = await authorised((headers) =>
        gateway.GET("/mobile/v1/snapshots/{kind}/{code}", {
          params: { path: { kind, code } },
          headers: etag ? { ...headers, "If-None-Match": etag } : headers,
        }),
      );
      const read = new Date().toISOString();
      if (response.status === 304 && known.kind === "held") {
        await hold(key, { ...known.held, read }, dropped);
      } else {
        // The client's types lose the length of tuples on the way; it is the same document.
        const snapshot = answered({ response, data, error }) as Snapshot;
        await hold(key, { snapshot, etag: response.headers.get("ETag") ?? "", read }, dropped);
      }
    });
  } catch (error) {
    if (error instanceof Refused && (error.status === 404 || error.status === 403)) {
      drop(key);
      await vault.remove(SNAPSHOTS + key, (name) => name === SNAPSHOTS + key);
      const listed = scopes.value?.some((scope) => keyOf(scope) === key) ?? false;
      show(key, { kind: "lacking", lack: listed ? "nothing-published" : "not-yours" });
    } else if (known.kind !== "held") {
      show(key, { kind: "lacking", lack: "unreachable" });
    }
    throw error;
  }
}

/** A call with the access token; once more with a new one where the platform says that it is not good any more. */
export async function authorised<A extends { response: Response }>(
  ask: (headers: Record<string, string>) => Promise<A>,
): Promise<A> {
  const answer = await ask(bearer(await token()).headers);
  return answer.response.status === 401 ? ask(bearer(await renewed()).headers) : answer;
}

/** Note whether the platform can be reached. */
export async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask();
    reachable.value = true;
    return answer;
  } catch (error) {
    if (error instanceof Unreachable) reachable.value = false;
    else if (error instanceof Refused) reachable.value = true;
    throw error;
  }
}

/** Await what may fail for a reason that the screen shows already: no network, a refusal, the session's end. */
export async function quietly(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Refused || error instanceof SignedOut) return false;
    throw error;
  }
}

/** Show and keep what was read, unless the scope was dropped since `dropped` was noted. */
async function hold(key: ScopeKey, held: Held, dropped: number | undefined): Promise<void> {
  if (standing.value.kind !== "signed-in" || drops.get(key) !== dropped) return;
  show(key, { kind: "held", held });
  await vault.put(SNAPSHOTS + key, held);
  // It may have been dropped while it was being sealed.
  if (drops.get(key) !== dropped) await vault.remove(SNAPSHOTS + key, (name) => name === SNAPSHOTS + key);
}

function drop(key: ScopeKey): void {
  drops.set(key, (drops.get(key) ?? 0) + 1);
}

function show(key: ScopeKey, what: Shown): Shown {
  all.value = new Map(all.value).set(key, what);
  return what;
}

/** The kind and the code of a scope. */
export function partsOf(key: ScopeKey): ["company" | "family", string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash) as "company" | "family", key.slice(slash + 1)];
}
