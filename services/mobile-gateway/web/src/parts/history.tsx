import { day, moment } from "@vigie/web/dates";
import { locale } from "@vigie/web/language";
import type { Amount } from "@vigie/web/money";
import { useEffect, useState } from "preact/hooks";
import { answered, gateway } from "../api/client";
import { now } from "../clock";
import { authorised, partsOf, quietly, type ScopeKey, told } from "../figures";
import type { IndicatorId, Past } from "../indicators";
import { texts } from "../texts/texts";
import { Comparison, Exact } from "./amount";

type Reading = { kind: "waiting" } | { kind: "failed" } | { kind: "read"; items: readonly Past[] };

const SHOWN = 12;

/** The figure at each past publication, the newest first, each compared with the one before it. */
export function History({
  scope,
  id,
  version,
  currency,
}: {
  scope: ScopeKey;
  id: IndicatorId;
  version: string;
  currency: string;
}) {
  const [reading, setReading] = useState<Reading>({ kind: "waiting" });
  const words = texts.value.figure;
  // A new version of the snapshot is a new publication to list.
  useEffect(() => {
    let current = true;
    const show = async () => {
      const items = await past(scope, id);
      if (current) setReading({ kind: "read", items });
    };
    void quietly(show()).then((good) => {
      if (current && !good) setReading((known) => (known.kind === "read" ? known : { kind: "failed" }));
    });
    return () => {
      current = false;
    };
  }, [scope, id, version]);
  return (
    <section class="card block">
      <h2>{words.history}</h2>
      {reading.kind === "waiting" && (
        <div role="status" aria-label={words.historyLoading}>
          <div class="waiting waiting-row" />
          <div class="waiting waiting-row" />
        </div>
      )}
      {reading.kind === "failed" && <p class="quiet">{words.historyFailed}</p>}
      {reading.kind === "read" && (
        <ol class="past">
          {reading.items.map((item, position) => {
            const before = reading.items[position + 1];
            const [amount, previous] = [headline(item.indicator), before && headline(before.indicator)];
            return (
              <li key={item.extraction_id}>
                <span>
                  <span class="row-name">{texts.value.trust.asOf(day(item.as_of, locale.value, "short"))}</span>
                  <span class="row-note">
                    {texts.value.trust.published(moment(item.published_at, now.value, locale.value))}
                  </span>
                </span>
                <span class="past-amount">
                  {amount === null ? words.notProvided : <Exact amount={amount} currency={currency} />}
                  {amount !== null && previous && <Comparison now={amount} before={previous} currency={currency} />}
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}

async function past(scope: ScopeKey, indicator: IndicatorId): Promise<readonly Past[]> {
  const [kind, code] = partsOf(scope);
  const answer = await told(() =>
    authorised((headers) =>
      gateway.GET("/mobile/v1/snapshots/{kind}/{code}/history", {
        params: { path: { kind, code }, query: { indicator, limit: SHOWN } },
        headers,
      }),
    ),
  );
  // The client's types lose the length of tuples on the way; it is the same document.
  return answered(answer).items as Past[];
}

/** The one amount that stands for an indicator; nothing where it was not provided. */
function headline(indicator: Past["indicator"]): Amount | null {
  if (!indicator.available) return null;
  if ("series" in indicator) return indicator.month;
  return "total" in indicator ? indicator.total : indicator.amount;
}
