/**
 * What figures are made of (R14), asked for when a figure is opened. An explanation is shown only with the snapshot that
 * it was published with, and is not kept when the app is closed.
 */

import { signal } from "@preact/signals";
import type { components } from "../generated/gateway";
import { answered, gateway } from "./api/client";
import { authorised, partsOf, quietly, type ScopeKey, told } from "./figures";
import type { IndicatorId } from "./indicators";

type Schemas = components["schemas"];

export type Explanation = Schemas["ExplanationDocument"];
export type Breakdown = Schemas["Breakdown"];
export type Difference = Schemas["Difference"];
export type Row = Breakdown["rows"][number];

/** An amount of an indicator, or one of its differences with last year. */
export type Question =
  | { kind: "amount"; of: string; code: string | null; company: string | null }
  | { kind: "difference"; of: Difference["of"] };

export function amountOf(of: string, code: string | null = null, company: string | null = null): Question {
  return { kind: "amount", of, code, company };
}

/** `absent`: the platform has none, for the figure was published without, or its publication is not complete yet. */
export type Reading =
  | { kind: "waiting" }
  | { kind: "failed" }
  | { kind: "absent" }
  | { kind: "read"; explanation: Explanation };

const WAITING: Reading = { kind: "waiting" };
/** Explanations opened since the app was; a long session forgets the oldest. */
const MOST = 24;
const all = signal<ReadonlyMap<string, Reading>>(new Map());

/** What is known of the explanation that was published with this version of the snapshot. */
export function explained(scope: ScopeKey, id: IndicatorId, version: string): Reading {
  const reading = all.value.get(`${scope} ${id}`);
  if (reading?.kind === "read" && reading.explanation.extraction_id !== version) return WAITING;
  return reading ?? WAITING;
}

export async function read(scope: ScopeKey, id: IndicatorId): Promise<void> {
  const [kind, code] = partsOf(scope);
  const key = `${scope} ${id}`;
  if (all.value.get(key)?.kind !== "read") keep(key, WAITING);
  const good = await quietly(
    told(async () => {
      const answer = await authorised((headers) =>
        gateway.GET("/mobile/v1/snapshots/{kind}/{code}/explanations/{indicator}", {
          params: { path: { kind, code, indicator: id } },
          headers,
        }),
      );
      keep(key, answer.response.status === 404 ? { kind: "absent" } : { kind: "read", explanation: answered(answer) });
    }),
  );
  if (!good && all.value.get(key)?.kind !== "read") keep(key, { kind: "failed" });
}

/** Nothing of this may outlive the session. */
export function forgetExplanations(): void {
  all.value = new Map();
}

/** The ways in which an amount is broken down: by accounts and by entries, for instance. */
export function breakdownsOf(explanation: Explanation, question: Question): readonly Breakdown[] {
  if (question.kind !== "amount" || !explanation.explanation.available) return [];
  return explanation.explanation.breakdowns.filter(
    (one) => one.of === question.of && one.code === question.code && one.company === question.company,
  );
}

/** What made the difference with last year: by customers, families of items, and so on. */
export function differencesOf(explanation: Explanation, question: Question): readonly Difference[] {
  if (question.kind !== "difference" || !explanation.explanation.available) return [];
  return explanation.explanation.differences.filter((one) => one.of === question.of);
}

/** The question that leads on from a row; nothing where the row is explained no further. */
export function further(explanation: Explanation, row: Row): Question | null {
  const question =
    row.kind === "sum"
      ? amountOf(row.name)
      : row.kind === "group" && row.code !== null
        ? amountOf("row", row.code)
        : row.kind === "account"
          ? amountOf("row", row.code, row.company)
          : null;
  return question && breakdownsOf(explanation, question).length > 0 ? question : null;
}

function keep(key: string, reading: Reading): void {
  const kept = new Map(all.value);
  kept.delete(key);
  kept.set(key, reading);
  const oldest = kept.keys().next().value;
  if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
  all.value = kept;
}
