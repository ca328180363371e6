import { signal } from "@preact/signals";
import { Forward } from "@vigie/web/components/icons";
import { Segments } from "@vigie/web/components/segments";
import { day } from "@vigie/web/dates";
import { locale } from "@vigie/web/language";
import type { ComponentChildren } from "preact";
import type { ScopeKey } from "../figures";
import {
  type IndicatorId,
  type OutstandingId,
  type RankingPeriod,
  type RevenueId,
  rankingId,
  type Snapshot,
  SUBJECTS,
} from "../indicators";
import { linkTo } from "../route";
import { texts } from "../texts/texts";
import { Comparison, Short } from "./amount";
import { Balance, Bars } from "./bars";
import { Spark } from "./line";

export const rankingPeriod = signal<RankingPeriod>("month");

interface Of {
  snapshot: Snapshot;
  scope: ScopeKey;
}

/** All the figures of a scope. What the reader may not see is not there; what is not provided says so. */
export function Cards(of: Of) {
  const { indicators } = of.snapshot;
  const ranked = SUBJECTS.filter((subject) => indicators[rankingId(subject, rankingPeriod.value)]);
  const anyRanking = SUBJECTS.some((one) => indicators[rankingId(one, "month")] || indicators[rankingId(one, "year")]);
  return (
    <>
      <div class="cards">
        <RevenueCard {...of} id="commercial_revenue" large />
        <TreasuryCard {...of} />
        <RevenueCard {...of} id="accounting_revenue" />
        <div class="pair">
          <OutstandingCard {...of} id="top_customer_outstanding" />
          <OutstandingCard {...of} id="top_supplier_outstanding" />
        </div>
        <div class="pair">
          <PortfolioCard {...of} />
          <OrderBookCard {...of} />
        </div>
      </div>
      {anyRanking && (
        <section class="rankings" aria-label={texts.value.rankings.title}>
          <div class="rankings-head">
            <h2>{texts.value.rankings.title}</h2>
            <Segments<RankingPeriod>
              label={texts.value.rankings.period}
              choices={[
                ["month", texts.value.rankings.month],
                ["year", texts.value.rankings.year],
              ]}
              chosen={rankingPeriod.value}
              onChoose={(period) => {
                rankingPeriod.value = period;
              }}
            />
          </div>
          <div class="cards">
            {ranked.map((subject) => (
              <RankingCard key={subject} {...of} id={rankingId(subject, rankingPeriod.value)} />
            ))}
          </div>
        </section>
      )}
    </>
  );
}

function Card({ scope, id, children }: { scope: ScopeKey; id: IndicatorId; children: ComponentChildren }) {
  return (
    <a class="card figure-card" href={linkTo(scope, id)} data-indicator={id}>
      <span class="card-title">
        <span>{texts.value.indicators[id]}</span>
        <Forward />
      </span>
      {children}
    </a>
  );
}

function NotProvided({ reason }: { reason: string }) {
  return (
    <span class="not-provided">
      {texts.value.figure.notProvided}
      <span class="quiet">{reason}</span>
    </span>
  );
}

function RevenueCard({ snapshot, scope, id, large = false }: Of & { id: RevenueId; large?: boolean }) {
  const found = snapshot.indicators[id];
  if (!found) return null;
  const { currency } = snapshot;
  const words = texts.value.figure;
  if (!found.available) {
    return (
      <Card scope={scope} id={id}>
        <NotProvided reason={found.reason} />
      </Card>
    );
  }
  const part = (period: "month" | "year", before: "month_previous_year" | "year_previous", title: string) => (
    <span class="flow">
      <span class="figure-label">{title}</span>
      <span class={large ? "figure-large" : "figure-medium"}>
        <Short amount={found[period]} currency={currency} />
      </span>
      {found.not_provided?.includes(before) ? (
        <span class="change">{words.notProvidedComparison}</span>
      ) : (
        <Comparison now={found[period]} before={found[before]} currency={currency} />
      )}
    </span>
  );
  return (
    <Card scope={scope} id={id}>
      <span class="flows">
        {part("month", "month_previous_year", words.month)}
        {part("year", "year_previous", words.year)}
      </span>
      <Spark series={found.series} />
    </Card>
  );
}

function TreasuryCard({ snapshot, scope }: Of) {
  const found = snapshot.indicators.treasury_position;
  if (!found) return null;
  const words = texts.value.figure;
  return (
    <Card scope={scope} id="treasury_position">
      {found.available ? (
        <>
          <span class="figure-large">
            <Short amount={found.amount} currency={snapshot.currency} />
          </span>
          <Balance assets={found.assets} overdrafts={found.overdrafts} />
          <span class="sides">
            <span>
              <span class="figure-label">{words.overdrafts}</span>{" "}
              <Short amount={found.overdrafts} currency={snapshot.currency} />
            </span>
            <span>
              <span class="figure-label">{words.assets}</span>{" "}
              <Short amount={found.assets} currency={snapshot.currency} />
            </span>
          </span>
        </>
      ) : (
        <NotProvided reason={found.reason} />
      )}
    </Card>
  );
}

function OutstandingCard({ snapshot, scope, id }: Of & { id: OutstandingId }) {
  const found = snapshot.indicators[id];
  if (!found) return null;
  const first = found.available ? found.rows[0] : undefined;
  return (
    <Card scope={scope} id={id}>
      {found.available ? (
        <>
          <span class="figure-medium">
            <Short amount={found.total} currency={snapshot.currency} />
          </span>
          {first && <span class="figure-note">{first.label}</span>}
        </>
      ) : (
        <NotProvided reason={found.reason} />
      )}
    </Card>
  );
}

function PortfolioCard({ snapshot, scope }: Of) {
  const found = snapshot.indicators.month_portfolio;
  if (!found) return null;
  return (
    <Card scope={scope} id="month_portfolio">
      {found.available ? (
        <>
          <span class="figure-medium">
            <Short amount={found.amount} currency={snapshot.currency} />
          </span>
          <span class="figure-note">
            {texts.value.figure.overdue} <Short amount={found.overdue} currency={snapshot.currency} />
          </span>
        </>
      ) : (
        <NotProvided reason={found.reason} />
      )}
    </Card>
  );
}

function OrderBookCard({ snapshot, scope }: Of) {
  const found = snapshot.indicators.month_order_book;
  if (!found) return null;
  return (
    <Card scope={scope} id="month_order_book">
      {found.available ? (
        <>
          <span class="figure-medium">
            <Short amount={found.amount} currency={snapshot.currency} />
          </span>
          <span class="figure-note">
            {texts.value.figure.stock} <Short amount={found.stock} currency={snapshot.currency} />
          </span>
        </>
      ) : (
        <NotProvided reason={found.reason} />
      )}
    </Card>
  );
}

function RankingCard({ snapshot, scope, id }: Of & { id: ReturnType<typeof rankingId> }) {
  const found = snapshot.indicators[id];
  if (!found) return null;
  const words = texts.value.figure;
  return (
    <Card scope={scope} id={id}>
      {found.available ? (
        <>
          <Bars rows={found.rows} currency={snapshot.currency} />
          <span class="sides">
            <span>
              <span class="figure-label">{words.others}</span>{" "}
              <Short amount={found.others} currency={snapshot.currency} />
            </span>
            <span>
              <span class="figure-label">{words.unassigned}</span>{" "}
              <Short amount={found.unassigned} currency={snapshot.currency} />
            </span>
          </span>
        </>
      ) : (
        <NotProvided reason={found.reason} />
      )}
    </Card>
  );
}

/** The day that the figures stand for. */
export function AsOf({ iso }: { iso: string }) {
  return <>{texts.value.trust.asOf(day(iso, locale.value))}</>;
}
