import { expect, test } from "vitest";
import { INDICATORS } from "../src/indicators";
import { en } from "../src/texts/en";
import { fr } from "../src/texts/fr";

/** Every text with its place; those that take words are asked with markers in their stead. */
function spoken(texts: object, place = ""): [place: string, text: string][] {
  return Object.entries(texts).flatMap(([name, value]) => {
    const at = `${place}/${name}`;
    if (typeof value === "string") return [[at, value] as [string, string]];
    if (typeof value === "function") {
      return [[at, String(value(...Array.from({ length: value.length }, (_, one) => `<${one}>`)))] as [string, string]];
    }
    return spoken(value as object, at);
  });
}

test("both languages say the same things, each with all that it is given", () => {
  const markers = (text: string) => [...text.matchAll(/<\d>/g)].map(([one]) => one).sort();
  const french = spoken(fr);
  const english = new Map(spoken(en));

  expect(french.map(([at]) => at)).toEqual([...english.keys()]);
  for (const [at, text] of french) {
    expect(text.trim(), at).not.toBe("");
    expect(english.get(at)?.trim(), at).not.toBe("");
    expect(markers(english.get(at) ?? ""), at).toEqual(markers(text));
  }
});

test("French keeps its high punctuation on the line", () => {
  const loose = spoken(fr).filter(([, text]) => / [:;!?»]|« /.test(text));

  expect(loose).toEqual([]);
});

test("each of the seventeen indicators has its title in both languages", () => {
  expect(INDICATORS).toHaveLength(17);
  expect(Object.keys(fr.indicators).sort()).toEqual([...INDICATORS].sort());
  expect(Object.keys(en.indicators).sort()).toEqual([...INDICATORS].sort());
});
