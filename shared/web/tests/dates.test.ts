import { expect, test } from "vitest";
import { day, daysSince, moment, month, monthInitial } from "../src/dates";

test("a day is the same in every time zone", () => {
  expect(day("2026-11-01", "fr-FR")).toBe("1 novembre 2026");
  expect(day("2026-11-01", "en-GB", "short")).toBe("1 Nov 2026");
});

test("a month is named, and by its initial beneath a chart", () => {
  expect(month("2026-02", "fr-FR")).toBe("févr. 2026");
  expect(monthInitial("2026-02", "fr-FR")).toBe("F");
});

const now = new Date(2026, 10, 25, 14, 30);
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds).toISOString();

test.each([
  [ago(5_000), "à l'instant", "just now"],
  [ago(-5_000), "à l'instant", "just now"],
  [ago(5 * 60_000), "il y a 5 min", "5 min ago"],
  [ago(3 * 3_600_000), "aujourd’hui 11:30", "today 11:30"],
  [ago(20 * 3_600_000), "hier 18:30", "yesterday 18:30"],
  [ago(5 * 86_400_000), "20 nov. 14:30", "20 Nov 14:30"],
  [new Date(2025, 9, 21, 14, 30).toISOString(), "21 oct. 2025 14:30", "21 Oct 2025 14:30"],
])("the moment %s is told as %s", (iso, french, english) => {
  expect(moment(iso, now, "fr-FR").replace(/\u00a0/g, " ")).toBe(french);
  expect(moment(iso, now, "en-GB")).toBe(english);
});

test("an age counts days, not spans of 24 hours", () => {
  expect(daysSince("2026-11-25", now)).toBe(0);
  expect(daysSince("2026-11-20", now)).toBe(5);
});
