import { expect, test } from "vitest";
import { Flights } from "../src/flights";

/** Reads that end when they are told to. */
function reads() {
  const endings: (() => void)[] = [];
  const begin = () => new Promise<void>((resolve) => endings.push(resolve));
  return { begin, endings };
}

test("whoever asks for the same shares one read", async () => {
  const flights = new Flights<string>();
  const { begin, endings } = reads();

  const both = [flights.join("a", begin), flights.join("a", begin)];
  endings[0]?.();
  await Promise.all(both);

  expect(endings).toHaveLength(1);
});

test("a read that is to begin only now waits for the one under way, and is shared by all who want one", async () => {
  const flights = new Flights<string>();
  const { begin, endings } = reads();
  const before = flights.join("a", begin);

  const after = [flights.anew("a", begin), flights.anew("a", begin)];
  expect(endings).toHaveLength(1);
  endings[0]?.();
  await before;
  await expect.poll(() => endings.length).toBe(2);
  endings[1]?.();
  await Promise.all(after);

  expect(endings).toHaveLength(2);
});

test("a read that failed does not keep the next one from beginning", async () => {
  const flights = new Flights<string>();
  const failing = flights.join("a", () => Promise.reject(new Error("away")));
  const after = flights.anew("a", () => Promise.resolve());

  await expect(failing).rejects.toThrow("away");
  await after;
});
