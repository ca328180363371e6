import { Segments } from "@vigie/web/components/segments";
import { locale } from "@vigie/web/language";
import { type Amount, cents, exactDifference, isZero, portion, short } from "@vigie/web/money";
import { useState } from "preact/hooks";
import type { Difference, Explanation } from "../explanations";
import { texts } from "../texts/texts";
import { Bar } from "./bars";

/** What made a revenue differ from last year's: rises first, then falls, then all the rest; they add up exactly. */
export function DifferenceBody({
  differences,
  explanation,
}: {
  differences: readonly Difference[];
  explanation: Explanation;
}) {
  const words = texts.value.explanation;
  const [by, setBy] = useState<Difference["by"] | undefined>(differences[0]?.by);
  const one = differences.find((difference) => difference.by === by) ?? differences[0];
  if (!one) return null;
  const { currency } = explanation;
  const size = (amount: Amount) => amount.replace("-", "");
  const largest = one.rows.reduce(
    (found, row) => (cents(size(row.amount)) > cents(found) ? size(row.amount) : found),
    "0.00",
  );
  const compared = (current: Amount, previous: Amount) =>
    words.insteadOf(short(current, currency, locale.value), short(previous, currency, locale.value));
  return (
    <>
      <p class="headline">
        <Signed amount={one.amount} currency={currency} />
      </p>
      {differences.length > 1 && (
        <Segments
          label={words.by}
          choices={differences.map(({ by }) => [by, words.contributors[by]] as const)}
          chosen={one.by}
          onChoose={setBy}
        />
      )}
      <ul class="rows">
        {one.rows.map((row) => (
          <li key={`${one.by} ${row.code}`} class="row row-contribution">
            <span class="row-words">
              <span class="row-name">{row.code === null ? texts.value.figure.unassigned : row.label}</span>
              <span class="row-note">{compared(row.current, row.previous)}</span>
            </span>
            <span class="row-amount">
              <Signed amount={row.amount} currency={currency} />
            </span>
            <Bar part={portion(size(row.amount), largest)} quiet={row.amount.startsWith("-")} />
          </li>
        ))}
        {one.rest.count > 0 && (
          <li class="row">
            <span class="row-words">
              <span class="row-name">{words.rest(one.rest.count)}</span>
              <span class="row-note">{compared(one.rest.current, one.rest.previous)}</span>
            </span>
            <span class="row-amount">
              <Signed amount={one.rest.amount} currency={currency} />
            </span>
          </li>
        )}
        {!isZero(one.rounding) && (
          <li class="row">
            <span class="row-words">{words.rounding}</span>
            <span class="row-amount">
              <Signed amount={one.rounding} currency={currency} />
            </span>
          </li>
        )}
        <li class="row row-total">
          <span class="row-words">{texts.value.figure.difference}</span>
          <span class="row-amount">
            <Signed amount={one.amount} currency={currency} />
          </span>
        </li>
      </ul>
    </>
  );
}

function Signed({ amount, currency }: { amount: Amount; currency: string }) {
  return (
    <span class={amount.startsWith("-") ? "amount amount-negative" : "amount"}>
      {exactDifference(amount, currency, locale.value)}
    </span>
  );
}
