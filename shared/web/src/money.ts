/**
 * Amounts: decimal strings with two places, as the API writes them (`-1234.50`), of any size. Nothing here ever becomes
 * a binary float, except the lengths of bars and the heights of lines.
 */

export type Amount = string;

const WRITTEN = /^(-?)(\d+)\.(\d{2})$/;

/** The amount in hundredths. Throws RangeError for what is not an amount. */
export function cents(amount: Amount): bigint {
  const found = WRITTEN.exec(amount);
  if (!found) throw new RangeError(`not an amount: ${amount}`);
  const [, sign, whole, fraction] = found;
  const size = BigInt(`${whole}${fraction}`);
  return sign ? -size : size;
}

/** The amount of so many hundredths. */
export function fromCents(value: bigint): Amount {
  const digits = String(value < 0n ? -value : value).padStart(3, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export function isNegative(amount: Amount): boolean {
  return cents(amount) < 0n;
}

export function isZero(amount: Amount): boolean {
  return cents(amount) === 0n;
}

/** `numerator / denominator`, the denominator above zero, rounded half away from zero. */
export function quotient(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

/** To the cent, in the reader's format: `1 234,50 €`, `€1,234.50`. */
export function exact(amount: Amount, currency: string, locale: string): string {
  return written(fromCents(cents(amount)), 2, "", currency, locale);
}

/** As the exact amount, with its sign even when it is above zero: `+1 234,50 €`. */
export function exactDifference(amount: Amount, currency: string, locale: string): string {
  return signed(amount) + exact(amount, currency, locale);
}

/** In three digits, as a card shows it: `845 k€`, `1,24 M€`; below ten thousand to the unit: `9 876 €`. */
export function short(amount: Amount, currency: string, locale: string): string {
  const value = cents(amount);
  const size = value < 0n ? -value : value;
  for (const { cents: unit, places, limit, symbol } of STEPS) {
    const scale = 10n ** BigInt(places);
    const rounded = quotient(size * scale, unit);
    if (limit === null || rounded < limit * scale) {
      const digits = String(rounded).padStart(places + 1, "0");
      const whole = digits.slice(0, digits.length - places);
      const text = places ? `${whole}.${digits.slice(-places)}` : whole;
      return written(value < 0n && rounded > 0n ? `-${text}` : text, places, symbol(locale), currency, locale);
    }
  }
  throw new RangeError("the last step has no limit");
}

/** As the short amount, with its sign even when it is above zero. */
export function shortDifference(amount: Amount, currency: string, locale: string): string {
  return signed(amount) + short(amount, currency, locale);
}

interface Step {
  /** What one unit of this step is, in hundredths. */
  cents: bigint;
  places: number;
  /** Rounded values from here on belong to a later step, if there is one. */
  limit: bigint | null;
  symbol: (locale: string) => string;
}

function steps(unit: bigint, symbol: (locale: string) => string): Step[] {
  return [
    { cents: unit, places: 2, limit: 10n, symbol },
    { cents: unit, places: 1, limit: 100n, symbol },
    { cents: unit, places: 0, limit: 1000n, symbol },
  ];
}

const billions = (locale: string) => (locale.startsWith("fr") ? "Md" : "bn");

const STEPS: Step[] = [
  { cents: 100n, places: 0, limit: 10_000n, symbol: () => "" },
  ...steps(100_000n, () => "k").slice(1),
  ...steps(100_000_000n, () => "M"),
  ...steps(100_000_000_000n, billions),
  { cents: 100_000_000_000n, places: 0, limit: null, symbol: billions },
];

const formats = new Map<string, Intl.NumberFormat>();

function format(currency: string, places: number, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency} ${places}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: places,
      maximumFractionDigits: places,
    });
    formats.set(key, found);
  }
  return found;
}

/** A decimal string as an amount of the currency; `symbol` (k, M) stands where a person writes it: `1,2 M€`, `€1.2M`. */
function written(decimal: string, places: number, symbol: string, currency: string, locale: string): string {
  // Intl takes decimal strings as exact values; TypeScript knows them only as template literals.
  const parts = format(currency, places, locale).formatToParts(decimal as `${number}`);
  const last = parts.findLastIndex((part) => part.type === "integer" || part.type === "fraction");
  const money = parts.findIndex((part) => part.type === "currency");
  return parts
    .map((part, position) => {
      const text = part.type === "minusSign" ? "−" : part.value;
      if (money > last) return position === money ? symbol + text : text;
      return position === last ? text + symbol : text;
    })
    .join("");
}

function signed(amount: Amount): string {
  return cents(amount) > 0n ? "+" : "";
}

/** How a figure moved: by how much, and in percent where there was something above zero to compare with. */
export interface Change {
  direction: "up" | "down" | "same";
  difference: Amount;
  /** Tenths of a percent. */
  perMille: bigint | null;
}

export function change(now: Amount, before: Amount): Change {
  const [to, from] = [cents(now), cents(before)];
  const difference = to - from;
  return {
    direction: difference > 0n ? "up" : difference < 0n ? "down" : "same",
    difference: fromCents(difference),
    perMille: from > 0n ? quotient(difference * 1000n, from) : null,
  };
}

/** `+12,4 %`; from a thousand percent on without decimals. */
export function percent(perMille: bigint, locale: string): string {
  const size = perMille < 0n ? -perMille : perMille;
  const places = size < 10_000n ? 1 : 0;
  const decimal = `${perMille < 0n ? "-" : ""}${size / 1000n}.${String(size % 1000n).padStart(3, "0")}`;
  const parts = new Intl.NumberFormat(locale, {
    style: "percent",
    signDisplay: "exceptZero",
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  }).formatToParts(decimal as `${number}`);
  return parts.map((part) => (part.type === "minusSign" ? "−" : part.value)).join("");
}

/** A share as the API writes it (`0.4167`) in whole and tenth percents: `41,7 %`. */
export function share(value: string, locale: string): string {
  return new Intl.NumberFormat(locale, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(value as `${number}`);
}

/** `part / whole` for drawing, between 0 and 1; nothing where there is no whole. */
export function portion(part: Amount, whole: Amount): number {
  const [size, all] = [cents(part), cents(whole)];
  if (all <= 0n || size <= 0n) return 0;
  return Math.min(1, Number((size * 10_000n) / all) / 10_000);
}
