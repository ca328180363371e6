/**
 * What the phone keeps: the session and the last figures, encrypted in IndexedDB. The key never leaves the browser's own
 * keeping (it cannot be read, only used) and is destroyed with everything else when somebody signs out.
 */

const DATABASE = "vigie";
const STORE = "kept";
const KEY = "key";

interface Sealed {
  iv: BufferSource;
  bytes: ArrayBuffer;
}

interface Keyed {
  id: string;
  key: CryptoKey;
}

export interface Vault {
  get<T>(name: string): Promise<T | undefined>;
  put(name: string, value: unknown): Promise<void>;
  /** Remove every name that begins with `prefix` and that `which` names, all of them when it is not given. */
  remove(prefix: string, which?: (name: string) => boolean): Promise<void>;
  /** Destroy the key and everything else. */
  wipe(): Promise<void>;
}

/** The vault of this phone; where the browser offers no safe one, what is kept ends with the page. */
export async function openVault(): Promise<Vault> {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB) return new PassingVault();
  try {
    return new SafeVault(await opened());
  } catch {
    // A browser in private mode may refuse the database; the app then works without keeping anything.
    return new PassingVault();
  }
}

class SafeVault implements Vault {
  constructor(private readonly database: IDBDatabase) {}

  async get<T>(name: string): Promise<T | undefined> {
    const store = this.store("readonly");
    const [keyed, sealed] = await Promise.all([
      settled<Keyed | undefined>(store.get(KEY)),
      settled<Sealed | undefined>(store.get(name)),
    ]);
    if (!keyed || !sealed) return undefined;
    try {
      const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, keyed.key, sealed.bytes);
      return JSON.parse(new TextDecoder().decode(bytes)) as T;
    } catch {
      // Sealed by a key that is gone: as good as not there.
      return undefined;
    }
  }

  async put(name: string, value: unknown): Promise<void> {
    const { id, key } = await this.key();
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const bytes = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv },
      key,
      new TextEncoder().encode(JSON.stringify(value)),
    );
    const store = this.store("readwrite");
    // Another tab may have signed out meanwhile: what its key sealed must not come back.
    const standing = await settled<Keyed | undefined>(store.get(KEY));
    if (standing?.id === id) await settled(store.put({ iv, bytes } satisfies Sealed, name));
  }

  async remove(prefix: string, which: (name: string) => boolean = () => true): Promise<void> {
    const store = this.store("readwrite");
    const names = await settled(store.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
    await Promise.all(names.filter((name) => which(String(name))).map((name) => settled(store.delete(name))));
  }

  async wipe(): Promise<void> {
    await settled(this.store("readwrite").clear());
  }

  private async key(): Promise<Keyed> {
    const standing = await settled<Keyed | undefined>(this.store("readonly").get(KEY));
    if (standing) return standing;
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const made: Keyed = { id: crypto.randomUUID(), key };
    const store = this.store("readwrite");
    // Two tabs may make a key at once; the first to write it is the one that counts.
    const first = await settled<Keyed | undefined>(store.get(KEY));
    if (first) return first;
    await settled(store.put(made, KEY));
    return made;
  }

  private store(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode, { durability: "relaxed" }).objectStore(STORE);
  }
}

class PassingVault implements Vault {
  private readonly kept = new Map<string, string>();

  async get<T>(name: string): Promise<T | undefined> {
    const text = this.kept.get(name);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async put(name: string, value: unknown): Promise<void> {
    this.kept.set(name, JSON.stringify(value));
  }

  async remove(prefix: string, which: (name: string) => boolean = () => true): Promise<void> {
    for (const name of [...this.kept.keys()]) if (name.startsWith(prefix) && which(name)) this.kept.delete(name);
  }

  async wipe(): Promise<void> {
    this.kept.clear();
  }
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
