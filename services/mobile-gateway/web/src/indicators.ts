/** The seventeen indicators in the words of the gateway's OpenAPI document. */

import type { components } from "../generated/gateway";

type Schemas = components["schemas"];

export type Snapshot = Schemas["SnapshotDocument"];
export type Past = Schemas["HistoryItem"];
export type Indicators = Schemas["Indicators"];
export type Revenue = Schemas["Revenue"];
export type Portfolio = Schemas["Portfolio"];
export type OrderBook = Schemas["OrderBook"];
export type Ranking = Schemas["Ranking"];
export type RankedRow = Schemas["RankedRow"];
export type Outstanding = Schemas["Outstanding"];
export type Treasury = Schemas["Treasury"];
export type TreasuryRow = Schemas["TreasuryRow"];

export const SUBJECTS = ["customers", "customer_categories", "items", "item_families", "sales_reps"] as const;
export type Subject = (typeof SUBJECTS)[number];
export type RankingPeriod = "month" | "year";
export type RankingId = `top_${Subject}_${RankingPeriod}`;
export type RevenueId = "commercial_revenue" | "accounting_revenue";
export type OutstandingId = "top_customer_outstanding" | "top_supplier_outstanding";

export type IndicatorId = keyof Indicators;

export const INDICATORS: readonly IndicatorId[] = [
  "commercial_revenue",
  "accounting_revenue",
  "treasury_position",
  "top_customer_outstanding",
  "top_supplier_outstanding",
  "month_portfolio",
  "month_order_book",
  ...SUBJECTS.flatMap((subject) => [`top_${subject}_month`, `top_${subject}_year`] as RankingId[]),
];

export function isIndicator(text: string): text is IndicatorId {
  return (INDICATORS as readonly string[]).includes(text);
}

/** The subject and period of a ranking; nothing for any other indicator. */
export function rankingOf(id: IndicatorId): { subject: Subject; period: RankingPeriod } | null {
  const found = /^top_(\w+)_(month|year)$/.exec(id);
  const subject = SUBJECTS.find((one) => one === found?.[1]);
  return found && subject ? { subject, period: found[2] as RankingPeriod } : null;
}

export function rankingId(subject: Subject, period: RankingPeriod): RankingId {
  return `top_${subject}_${period}`;
}
