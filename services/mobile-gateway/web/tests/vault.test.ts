import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { openVault } from "../src/vault";

const FIGURES = { snapshot: { indicators: { treasury_position: { amount: "5230.10" } } } };

/** Everything that is written down, as somebody would see it who reads the phone's storage. */
async function storage(): Promise<unknown[]> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open("vigie", 1);
    request.onsuccess = () => resolve(request.result);
  });
  return new Promise((resolve) => {
    const request = database.transaction("kept").objectStore("kept").getAll();
    request.onsuccess = () => resolve(request.result);
  });
}

beforeEach(async () => {
  await (await openVault()).wipe();
});

test("what is kept is there again, also for the next page", async () => {
  await (await openVault()).put("snapshot/company/NORD", FIGURES);

  expect(await (await openVault()).get("snapshot/company/NORD")).toEqual(FIGURES);
});

test("no figure is written down in the clear, and the key cannot be taken away", async () => {
  await (await openVault()).put("snapshot/company/NORD", FIGURES);

  const [first, ...others] = await storage();
  const texts = others.map((one) => new TextDecoder().decode((one as { bytes: ArrayBuffer }).bytes));
  expect(others).toHaveLength(1);
  expect(texts.join()).not.toContain("5230");
  await expect(crypto.subtle.exportKey("raw", (first as { key: CryptoKey }).key)).rejects.toThrow();
});

test("wiping destroys the key and everything", async () => {
  const vault = await openVault();
  await vault.put("session", { refreshToken: "secret" });

  await vault.wipe();

  expect(await storage()).toEqual([]);
  expect(await vault.get("session")).toBeUndefined();
});

test("what one tab was sealing while another signed out does not come back", async () => {
  const [one, other] = [await openVault(), await openVault()];
  await one.put("session", 1);

  const writing = one.put("snapshot/company/NORD", FIGURES);
  await other.wipe();
  await writing;

  expect(await one.get("snapshot/company/NORD")).toBeUndefined();
});

test("what is gone from the platform is removed by name, the rest stays", async () => {
  const vault = await openVault();
  for (const name of ["snapshot/company/NORD", "snapshot/company/SUD", "session"]) await vault.put(name, name);

  await vault.remove("snapshot/", (name) => name.endsWith("NORD"));

  expect(await vault.get("snapshot/company/NORD")).toBeUndefined();
  expect(await vault.get("snapshot/company/SUD")).toBe("snapshot/company/SUD");
  expect(await vault.get("session")).toBe("session");
});

test("without a safe place nothing outlives the page", async () => {
  const { indexedDB: safe } = globalThis;
  Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true, writable: true });
  try {
    const vault = await openVault();
    await vault.put("session", 1);
    expect(await vault.get("session")).toBe(1);
    expect(await (await openVault()).get("session")).toBeUndefined();
  } finally {
    Object.defineProperty(globalThis, "indexedDB", { value: safe, configurable: true, writable: true });
  }
});
