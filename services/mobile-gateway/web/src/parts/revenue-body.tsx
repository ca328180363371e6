import { day } from "@vigie/web/dates";
import { locale } from "@vigie/web/language";
import { amountOf } from "../explanations";
import type { Revenue, Snapshot } from "../indicators";
import { texts } from "../texts/texts";
import { Comparison, Headline } from "./amount";
import { Amounts } from "./amounts";
import type { Asked } from "./explanation";
import { Line } from "./line";

/** A revenue: the month and the year against those before, what made the difference, and the twelve months. */
export function RevenueBody({
  found,
  snapshot,
  explain,
}: {
  found: Revenue;
  snapshot: Snapshot;
  explain: (asked: Asked) => void;
}) {
  const words = texts.value.figure;
  const until = day(snapshot.as_of, locale.value, "short");
  const all = { found, currency: snapshot.currency, explain };
  return (
    <>
      <Period
        {...all}
        period="month"
        before="month_previous_year"
        title={words.monthTo(until)}
        beforeTitle={words.monthPrevious}
      />
      <Period
        {...all}
        period="year"
        before="year_previous"
        title={words.yearTo(until)}
        beforeTitle={words.yearPrevious}
      />
      <section class="card block">
        <h2>{words.twelveMonths}</h2>
        <Line
          series={found.series}
          currency={snapshot.currency}
          onExplain={(month, title) => explain({ question: amountOf("series", month), title })}
        />
      </section>
    </>
  );
}

function Period({
  found,
  currency,
  explain,
  period,
  before,
  title,
  beforeTitle,
}: {
  found: Revenue;
  currency: string;
  explain: (asked: Asked) => void;
  period: "month" | "year";
  before: "month_previous_year" | "year_previous";
  title: string;
  beforeTitle: string;
}) {
  const words = texts.value.figure;
  const asks = texts.value.explanation;
  const provided = !found.not_provided?.includes(before);
  return (
    <section class="card block">
      <h2>{title}</h2>
      <Headline amount={found[period]} currency={currency} />
      {provided ? (
        <>
          <Comparison now={found[period]} before={found[before]} currency={currency} toTheCent />
          <Amounts
            currency={currency}
            explain={explain}
            items={[{ name: beforeTitle, amount: found[before], question: amountOf(before) }]}
          />
        </>
      ) : (
        <p class="quiet">{words.notProvidedComparison}</p>
      )}
      <div class="asks">
        <button
          type="button"
          class="button button-quiet"
          onClick={() => explain({ question: amountOf(period), title })}
        >
          {asks.detail}
        </button>
        {provided && (
          <button
            type="button"
            class="button button-quiet"
            onClick={() =>
              explain({ question: { kind: "difference", of: period }, title: asks.differenceTitle(title) })
            }
          >
            {asks.difference}
          </button>
        )}
      </div>
    </section>
  );
}
