/** The gateway, by the client that is generated from its OpenAPI document. */

import { refusal, Unreachable } from "@vigie/web/problem";
import createClient from "openapi-fetch";
import type { components, paths } from "../../generated/gateway";

export type SessionAnswer = components["schemas"]["Session"];
export type ScopeItem = components["schemas"]["ScopeItem"];
export type NamedScope = components["schemas"]["NamedScope"];

// The browser's own cache would keep figures on disk in the clear; what the phone keeps is kept in the vault.
export const gateway = createClient<paths>({ fetch: reach });

/** Fetch, where no answer is an answer of its own kind. */
export async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(new Request(request, { cache: "no-store", credentials: "omit" }));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable(String(error));
  }
}

interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** What was answered. Raises Refused, or Unreachable where the service could not answer. */
export function answered<T>({ data, error, response }: Answer<T>): T {
  if (response.ok && data !== undefined) return data;
  throw refusal(response, error);
}
