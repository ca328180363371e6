import { locale } from "@vigie/web/language";
import { type Amount, cents, isZero, portion, share } from "@vigie/web/money";
import type { RankedRow } from "../indicators";
import { texts } from "../texts/texts";
import { Short } from "./amount";

/** A ranking as bars: each row's length is its part of the longest one. Amount and share stand beside it in words. */
export function Bars({ rows, currency }: { rows: readonly RankedRow[]; currency: string }) {
  const longest = rows[0]?.amount ?? "0.00";
  if (rows.length === 0) return <p class="quiet">{texts.value.figure.emptyRanking}</p>;
  return (
    <ol class="bars">
      {rows.map((row) => (
        <li key={row.code}>
          <span class="bars-label">{row.label}</span>
          <span class="bars-amount">
            <Short amount={row.amount} currency={currency} />
            {row.share !== null && <span class="bars-share">{share(row.share, locale.value)}</span>}
          </span>
          <Bar part={portion(row.amount, longest)} />
        </li>
      ))}
    </ol>
  );
}

export function Bar({ part, quiet = false }: { part: number; quiet?: boolean }) {
  return (
    <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect class="bar-track" width="100" height="4" />
      <rect
        class={quiet ? "bar-part bar-quiet" : "bar-part"}
        width={part > 0 ? Math.max(1, part * 100) : 0}
        height="4"
      />
    </svg>
  );
}

/** What two amounts of opposite sign make of a line: assets to the right of it, overdrafts before it. */
export function Balance({ assets, overdrafts }: { assets: Amount; overdrafts: Amount }) {
  if (isZero(assets) && isZero(overdrafts)) return null;
  const below = -cents(overdrafts);
  const all = cents(assets) + below;
  const left = all > 0n ? Number((below * 1000n) / all) / 10 : 0;
  return (
    <svg class="balance" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect class="bar-part" x={left} width={100 - left} height="6" />
      {left > 0 && <rect class="bar-below" width={Math.max(0, left - 0.6)} height="6" />}
    </svg>
  );
}
