import { describe, expect, test } from "vitest";
import {
  cents,
  change,
  exact,
  fromCents,
  percent,
  portion,
  quotient,
  share,
  short,
  shortDifference,
} from "../src/money";

/** No-break spaces of French numbers, as plain ones. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");
const fr = (amount: string) => plain(short(amount, "EUR", "fr-FR"));
const en = (amount: string) => short(amount, "EUR", "en-GB");

describe("an amount", () => {
  test.each(["0.00", "-0.01", "12.30", "-98765432109876543210.99"])("%s survives reading and writing", (amount) => {
    expect(fromCents(cents(amount))).toBe(amount);
  });

  test.each(["", "12", "12.3", "1,00", "1e3", "NaN", "--1.00"])("is never guessed from %j", (text) => {
    expect(() => cents(text)).toThrow(RangeError);
  });

  test("keeps every cent of a figure that no float can hold", () => {
    expect(plain(exact("-90071992547409931.07", "EUR", "fr-FR"))).toBe("−90 071 992 547 409 931,07 €");
    expect(exact("90071992547409931.07", "EUR", "en-GB")).toBe("€90,071,992,547,409,931.07");
  });

  test("is written in its own currency", () => {
    expect(plain(exact("1234.50", "CHF", "fr-FR"))).toBe("1 234,50 CHF");
  });
});

describe("a short amount", () => {
  test.each([
    ["0.00", "0 €", "€0"],
    ["9999.49", "9 999 €", "€9,999"],
    ["9999.50", "10,0 k€", "€10.0k"],
    ["99949.99", "99,9 k€", "€99.9k"],
    ["99950.00", "100 k€", "€100k"],
    ["999499.99", "999 k€", "€999k"],
    ["999500.00", "1,00 M€", "€1.00M"],
    ["1244999.99", "1,24 M€", "€1.24M"],
    ["12350000.00", "12,4 M€", "€12.4M"],
    ["123500000.00", "124 M€", "€124M"],
    ["1235000000.00", "1,24 Md€", "€1.24bn"],
    ["-845123.00", "−845 k€", "−€845k"],
    ["-0.49", "0 €", "€0"],
  ])("of %s is %s or %s", (amount, french, english) => {
    expect(fr(amount)).toBe(french);
    expect(en(amount)).toBe(english);
  });

  test("beyond all units counts the largest one", () => {
    expect(fr("1234567890123.45")).toBe("1 235 Md€");
  });

  test("of a difference shows its sign", () => {
    expect(shortDifference("12.00", "EUR", "en-GB")).toBe("+€12");
    expect(shortDifference("-12.00", "EUR", "en-GB")).toBe("−€12");
    expect(shortDifference("0.00", "EUR", "en-GB")).toBe("€0");
  });
});

describe("a change", () => {
  test("is told in percent of what was there", () => {
    expect(change("1124.00", "1000.00")).toEqual({ direction: "up", difference: "124.00", perMille: 124n });
    expect(change("0.00", "1000.00")).toEqual({ direction: "down", difference: "-1000.00", perMille: -1000n });
  });

  test.each(["0.00", "-500.00"])("against %s has no percentage", (before) => {
    expect(change("100.00", before).perMille).toBeNull();
  });

  test("of nothing is no change", () => {
    expect(change("5.00", "5.00").direction).toBe("same");
  });

  test("is written with its sign, and without decimals once they say nothing", () => {
    expect(plain(percent(124n, "fr-FR"))).toBe("+12,4 %");
    expect(plain(percent(-5n, "fr-FR"))).toBe("−0,5 %");
    expect(percent(0n, "en-GB")).toBe("0.0%");
    expect(percent(123_456n, "en-GB")).toBe("+12,346%");
  });
});

test("a quotient is rounded half away from zero", () => {
  expect([quotient(5n, 10n), quotient(-5n, 10n), quotient(4n, 10n), quotient(-14n, 10n)]).toEqual([1n, -1n, 0n, -1n]);
});

test("a share is shown with one decimal", () => {
  expect(plain(share("0.4167", "fr-FR"))).toBe("41,7 %");
});

test("a bar is never longer than its track and never negative", () => {
  expect(portion("50.00", "200.00")).toBe(0.25);
  expect(portion("300.00", "200.00")).toBe(1);
  expect(portion("-50.00", "200.00")).toBe(0);
  expect(portion("50.00", "0.00")).toBe(0);
});
