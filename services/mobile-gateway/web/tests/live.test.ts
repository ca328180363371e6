import { expect, test } from "vitest";
import { events, type Told } from "../src/live";

function taken(...pieces: string[]): Told[] {
  const buffer = { text: "" };
  return pieces.flatMap((piece) => [...events(buffer, piece)]);
}

const WHOLE = 'retry: 2000\n\nid: 7\nevent: snapshot.published\ndata: {"scope":1}\n\n: still here\n\n';
const TOLD = [{ id: "7", event: "snapshot.published", data: '{"scope":1}' }];

test("what is told is taken out of a stream, signs of life are not told", () => {
  expect(taken(WHOLE)).toEqual(TOLD);
});

test("it does not matter where the stream is cut", () => {
  for (let cut = 1; cut < WHOLE.length; cut += 1) {
    expect(taken(WHOLE.slice(0, cut), WHOLE.slice(cut))).toEqual(TOLD);
  }
});

test("data of several lines is one text", () => {
  expect(taken("data: one\ndata: two\n\n")).toEqual([{ id: "", event: "message", data: "one\ntwo" }]);
});
