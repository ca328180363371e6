import { locale } from "@vigie/web/language";
import {
  type Amount,
  change,
  exact,
  exactDifference,
  isNegative,
  percent,
  short,
  shortDifference,
} from "@vigie/web/money";
import { texts } from "../texts/texts";

/** A figure in three digits for the eye; VoiceOver reads the exact one. */
export function Short({ amount, currency }: { amount: Amount; currency: string }) {
  return (
    <span class={isNegative(amount) ? "amount amount-negative" : "amount"}>
      <span aria-hidden="true">{short(amount, currency, locale.value)}</span>
      <span class="heard-only">{exact(amount, currency, locale.value)}</span>
    </span>
  );
}

/** A figure to the cent. */
export function Exact({ amount, currency }: { amount: Amount; currency: string }) {
  return (
    <span class={isNegative(amount) ? "amount amount-negative" : "amount"}>
      {exact(amount, currency, locale.value)}
    </span>
  );
}

/** The figure that its screen is about. */
export function Headline({ amount, currency }: { amount: Amount; currency: string }) {
  return (
    <p class="headline">
      <Exact amount={amount} currency={currency} />
    </p>
  );
}

const ARROWS = { up: "▲", down: "▼", same: "＝" } as const;

/** How a figure moved: arrow, sign and word, so that colour is never needed. */
export function Comparison({
  now,
  before,
  currency,
  toTheCent = false,
}: {
  now: Amount;
  before: Amount;
  currency: string;
  toTheCent?: boolean;
}) {
  const moved = change(now, before);
  const words = texts.value.figure;
  const difference = toTheCent
    ? exactDifference(moved.difference, currency, locale.value)
    : shortDifference(moved.difference, currency, locale.value);
  return (
    <span class={`change change-${moved.direction}`}>
      <span class="change-arrow" aria-hidden="true">
        {ARROWS[moved.direction]}
      </span>
      {moved.direction !== "same" && (
        <b>{moved.perMille !== null ? percent(moved.perMille, locale.value) : difference}</b>
      )}
      <span class="change-word">
        {words[moved.direction]}
        {toTheCent && moved.perMille !== null && ` · ${difference}`}
      </span>
    </span>
  );
}
