import type { Amount } from "@vigie/web/money";
import { amountOf } from "../explanations";
import type {
  IndicatorId,
  OrderBook,
  Outstanding,
  Portfolio,
  RankedRow,
  Ranking,
  Snapshot,
  Treasury,
} from "../indicators";
import { texts } from "../texts/texts";
import { Headline } from "./amount";
import { Amounts, type Named, shareOf } from "./amounts";
import { Balance } from "./bars";
import type { Asked } from "./explanation";
import { RevenueBody } from "./revenue-body";

interface Of<Indicator> {
  found: Indicator;
  currency: string;
  explain: (asked: Asked) => void;
}

/** What an indicator says, to the cent, in the form of its kind; `explain` is called for what the reader taps. */
export function FigureBody({
  id,
  snapshot,
  explain,
}: {
  id: IndicatorId;
  snapshot: Snapshot;
  explain: (asked: Asked) => void;
}) {
  const found = snapshot.indicators[id];
  const { currency } = snapshot;
  if (!found) return null;
  if (!found.available) return <p class="message">{texts.value.figure.notProvidedReason(found.reason)}</p>;
  if ("series" in found) return <RevenueBody found={found} snapshot={snapshot} explain={explain} />;
  if ("assets" in found) {
    return <TreasuryBody found={found} currency={currency} explain={explain} family={snapshot.kind === "family"} />;
  }
  if ("in_credit" in found) {
    return <OutstandingBody found={found} currency={currency} explain={explain} customers={id.includes("customer")} />;
  }
  if ("unassigned" in found) return <RankingBody found={found} currency={currency} explain={explain} />;
  if ("delivered" in found) return <PortfolioBody found={found} currency={currency} explain={explain} />;
  return <OrderBookBody found={found} currency={currency} explain={explain} />;
}

/** An amount, the parts it is made of as bars, and the sums below them; `without` is said where there are no parts. */
function Composition({
  amount,
  currency,
  explain,
  parts,
  without,
  sums,
}: Omit<Of<never>, "found"> & { amount: Amount; parts: Named[]; without?: string; sums: Named[] }) {
  return (
    <>
      <Headline amount={amount} currency={currency} />
      <section class="card block">
        <h2>{texts.value.figure.composition}</h2>
        {without !== undefined && parts.length === 0 && <p class="quiet">{without}</p>}
        <Amounts bars items={parts} currency={currency} explain={explain} />
        <Amounts items={sums} currency={currency} explain={explain} />
      </section>
    </>
  );
}

function PortfolioBody({ found, currency, explain }: Of<Portfolio>) {
  const words = texts.value.figure;
  return (
    <Composition
      amount={found.amount}
      currency={currency}
      explain={explain}
      parts={[
        { name: words.due, amount: found.due, question: amountOf("due") },
        { name: words.overdue, amount: found.overdue, question: amountOf("overdue") },
        { name: words.delivered, amount: found.delivered, question: amountOf("delivered") },
      ]}
      sums={[{ name: words.total, amount: found.amount, question: amountOf("amount") }]}
    />
  );
}

function OrderBookBody({ found, currency, explain }: Of<OrderBook>) {
  const words = texts.value.figure;
  return (
    <Composition
      amount={found.amount}
      currency={currency}
      explain={explain}
      parts={[
        { name: words.due, amount: found.amount, question: amountOf("amount") },
        { name: words.overdue, amount: found.overdue, question: amountOf("overdue") },
        { name: words.later, amount: found.later, question: amountOf("later") },
      ]}
      sums={[
        { name: words.stock, amount: found.stock, question: amountOf("stock") },
        { name: words.intake, amount: found.intake, question: amountOf("intake") },
      ]}
    />
  );
}

function ranked(rows: readonly RankedRow[]): Named[] {
  return rows.map((row) => ({
    name: row.label,
    amount: row.amount,
    share: row.share,
    question: amountOf("row", row.code),
  }));
}

function RankingBody({ found, currency, explain }: Of<Ranking>) {
  const words = texts.value.figure;
  const { total, others, unassigned } = found;
  return (
    <Composition
      amount={total}
      currency={currency}
      explain={explain}
      parts={ranked(found.rows)}
      without={words.emptyRanking}
      sums={[
        { name: words.others, amount: others, share: shareOf(others, total), question: amountOf("others") },
        {
          name: words.unassigned,
          amount: unassigned,
          share: shareOf(unassigned, total),
          question: amountOf("unassigned"),
        },
        { name: words.total, amount: total, question: amountOf("total") },
      ]}
    />
  );
}

function OutstandingBody({ found, currency, explain, customers }: Of<Outstanding> & { customers: boolean }) {
  const words = texts.value.figure;
  const { total, others } = found;
  return (
    <Composition
      amount={total}
      currency={currency}
      explain={explain}
      parts={ranked(found.rows)}
      without={words.emptyRanking}
      sums={[
        { name: words.others, amount: others, share: shareOf(others, total), question: amountOf("others") },
        { name: words.total, amount: total, question: amountOf("total") },
        { name: customers ? words.inCredit : words.inDebit, amount: found.in_credit, question: amountOf("in_credit") },
      ]}
    />
  );
}

function TreasuryBody({ found, currency, explain, family }: Of<Treasury> & { family: boolean }) {
  const words = texts.value.figure;
  return (
    <>
      <Headline amount={found.amount} currency={currency} />
      <section class="card block">
        <h2>{words.composition}</h2>
        <Balance assets={found.assets} overdrafts={found.overdrafts} />
        <Amounts
          currency={currency}
          explain={explain}
          items={[
            { name: words.overdrafts, amount: found.overdrafts, question: amountOf("overdrafts") },
            { name: words.assets, amount: found.assets, question: amountOf("assets") },
            { name: words.net, amount: found.amount, question: amountOf("amount") },
          ]}
        />
      </section>
      <section class="card block">
        <h2>{words.accounts}</h2>
        {found.rows.length === 0 && <p class="quiet">{words.noAccounts}</p>}
        <Amounts
          bars
          currency={currency}
          explain={explain}
          items={found.rows.map((row) => ({
            name: row.label,
            note: family ? `${row.company} · ${row.code}` : row.code,
            amount: row.amount,
            question: amountOf("row", row.code, row.company),
          }))}
        />
      </section>
    </>
  );
}
