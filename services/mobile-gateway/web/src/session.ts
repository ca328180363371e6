/**
 * Who is signed in on this phone. The access token lives in memory only; the refresh token, which is dead once used, in
 * the vault. Tabs take turns at using it, and sign out together.
 */

import { signal } from "@preact/signals";
import { Refused, Unreachable } from "@vigie/web/problem";
import { answered, gateway, type NamedScope, type SessionAnswer } from "./api/client";
import { openVault, type Vault } from "./vault";

/** What a person types, except the password. */
export interface Typed {
  clientCode: string;
  shortcutCode: string;
  username: string;
}

export interface Session {
  client: string;
  username: string;
  /** The scope that opens first. */
  first: NamedScope;
}

interface Kept extends Session {
  refreshToken: string;
}

export type Standing =
  | { kind: "starting" }
  | { kind: "signed-out"; ended: boolean }
  | { kind: "signed-in"; session: Session };

/** The session has ended: the phone shows the sign-in form. */
export class SignedOut extends Error {
  override name = "SignedOut";
}

const KEPT = "session";
const REMEMBERED = "sign-in";
/** Seconds before its end from which an access token is not used any more. */
const MARGIN = 20;

export const standing = signal<Standing>({ kind: "starting" });
export let vault: Vault;

let access: { token: string; until: number } | null = null;
let renewing: Promise<string> | null = null;
const tabs = new BroadcastChannel("vigie");

/** Find out whether somebody is signed in; asks nobody, so that it works without a network. */
export async function begin(): Promise<void> {
  vault = await openVault();
  tabs.onmessage = () => left(false);
  const kept = await vault.get<Kept>(KEPT);
  standing.value = kept ? { kind: "signed-in", session: kept } : { kind: "signed-out", ended: false };
}

/** Raises Refused (401 whatever was wrong, 429 with the seconds to wait) or Unreachable. */
export async function signIn(typed: Typed, password: string): Promise<void> {
  const body = {
    client_code: typed.clientCode.trim(),
    shortcut_code: typed.shortcutCode.trim(),
    username: typed.username.trim(),
    password,
  };
  const answer = answered(await gateway.POST("/mobile/v1/sessions", { body }));
  localStorage.setItem(REMEMBERED, JSON.stringify({ clientCode: body.client_code, shortcutCode: body.shortcut_code }));
  await vault.wipe();
  const session = { client: body.client_code, username: body.username, first: answer.scope };
  await keep(session, answer);
  standing.value = { kind: "signed-in", session };
}

/** What was typed the last time, as far as it is remembered: never the user's name, never the password. */
export function remembered(): Pick<Typed, "clientCode" | "shortcutCode"> {
  const kept: unknown = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
  const { clientCode = "", shortcutCode = "" } = kept as Partial<Typed>;
  return { clientCode, shortcutCode };
}

/** End the session: at once on this phone and in its tabs, then on the platform, as soon as it can be reached. */
export async function signOut(): Promise<void> {
  const kept = await vault.get<Kept>(KEPT);
  const running = access !== null && access.until > Date.now() ? access.token : null;
  left(false);
  tabs.postMessage("signed out");
  await vault.wipe();
  try {
    const token = running ?? (kept && (await traded(kept)).access_token);
    if (token) await gateway.DELETE("/mobile/v1/sessions/current", bearer(token));
  } catch (error) {
    // Out of reach, or ended already: the refresh token is gone from here, so the session ends by its age.
    if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
  }
}

/** An access token that still runs. Raises SignedOut, or Unreachable. */
export async function token(): Promise<string> {
  if (access && access.until > Date.now()) return access.token;
  return renewed();
}

/** A new access token, one renewal at a time. Raises SignedOut, or Unreachable. */
export function renewed(): Promise<string> {
  renewing ??= renew().finally(() => {
    renewing = null;
  });
  return renewing;
}

export function bearer(token: string, more: Record<string, string> = {}): { headers: Record<string, string> } {
  return { headers: { Authorization: `Bearer ${token}`, ...more } };
}

async function renew(): Promise<string> {
  return alone(async () => {
    // Read only now: another tab may have used the one that stood here a moment ago.
    const kept = await vault.get<Kept>(KEPT);
    if (!kept) {
      left(true);
      throw new SignedOut();
    }
    try {
      const answer = await traded(kept);
      await keep(kept, answer);
      return answer.access_token;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      await vault.wipe();
      left(true);
      tabs.postMessage("signed out");
      throw new SignedOut();
    }
  });
}

async function traded(kept: Kept): Promise<SessionAnswer> {
  return answered(await gateway.POST("/mobile/v1/sessions/refresh", { body: { refresh_token: kept.refreshToken } }));
}

async function keep(session: Session, answer: SessionAnswer): Promise<void> {
  access = { token: answer.access_token, until: Date.now() + (answer.expires_in - MARGIN) * 1000 };
  const kept: Kept = {
    client: session.client,
    username: session.username,
    first: session.first,
    refreshToken: answer.refresh_token,
  };
  await vault.put(KEPT, kept);
}

function left(ended: boolean): void {
  access = null;
  standing.value = { kind: "signed-out", ended };
}

/** Do something that no other tab does at the same time. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? await navigator.locks.request("vigie session", work) : await work();
}
