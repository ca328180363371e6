import { Forward } from "@vigie/web/components/icons";
import { locale } from "@vigie/web/language";
import { type Amount, cents, portion, share } from "@vigie/web/money";
import type { Question } from "../explanations";
import { Exact } from "./amount";
import { Bar } from "./bars";
import type { Asked } from "./explanation";

/** An amount with its name; where there is a question, a tap answers it. */
export interface Named {
  name: string;
  amount: Amount;
  note?: string;
  /** As the platform writes it, `0.4167`. */
  share?: string | null;
  question?: Question;
}

/** Amounts one below the other, to the cent; `bars` draws each as a part of the largest. */
export function Amounts({
  items,
  currency,
  explain,
  bars = false,
}: {
  items: readonly Named[];
  currency: string;
  explain: (asked: Asked) => void;
  bars?: boolean;
}) {
  const largest = items.reduce(
    (found, { amount }) => (cents(size(amount)) > cents(found) ? size(amount) : found),
    "0.00",
  );
  return (
    <ul class={bars ? "amounts amounts-bars" : "amounts"}>
      {items.map((item, at) => {
        // Two accounts may bear the same name; the order is the platform's and does not change in place.
        const key = `${at} ${item.name}`;
        const content = (
          <Content item={item} currency={currency} bar={bars ? portion(size(item.amount), largest) : null} />
        );
        const { question } = item;
        return (
          <li key={key}>
            {question ? (
              <button type="button" class="amounts-row" onClick={() => explain({ question, title: item.name })}>
                {content}
                <Forward />
              </button>
            ) : (
              <div class="amounts-row">{content}</div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Content({ item, currency, bar }: { item: Named; currency: string; bar: number | null }) {
  return (
    <span class="amounts-content">
      <span class="amounts-name">
        {item.name}
        {item.note && <span class="row-note">{item.note}</span>}
      </span>
      <span class="amounts-amount">
        <Exact amount={item.amount} currency={currency} />
        {item.share && <span class="amounts-share">{share(item.share, locale.value)}</span>}
      </span>
      {bar !== null && <Bar part={bar} quiet={item.amount.startsWith("-")} />}
    </span>
  );
}

function size(amount: Amount): Amount {
  return amount.replace("-", "");
}

/** `amount / whole` in ten thousandths, as the platform writes shares; nothing where there is no whole. */
export function shareOf(amount: Amount, whole: Amount): string | null {
  if (cents(whole) <= 0n) return null;
  const parts = (cents(amount) * 10_000n) / cents(whole);
  const digits = String(parts < 0n ? -parts : parts).padStart(5, "0");
  return `${parts < 0n ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
