/** Reads under way, by what they are of: whoever asks for the same shares one. */
export class Flights<Key> {
  private readonly underWay = new Map<Key, Promise<void>>();
  private readonly awaited = new Map<Key, Promise<void>>();

  /** The read under way, or one that begins now. */
  join(key: Key, begin: () => Promise<void>): Promise<void> {
    let flight = this.underWay.get(key);
    if (!flight) {
      flight = begin().finally(() => this.underWay.delete(key));
      this.underWay.set(key, flight);
    }
    return flight;
  }

  /** A read that begins only now: what happened a moment ago is in it. */
  anew(key: Key, begin: () => Promise<void>): Promise<void> {
    const before = this.underWay.get(key);
    if (!before) return this.join(key, begin);
    let next = this.awaited.get(key);
    if (!next) {
      next = before
        .catch(() => null)
        .then(() => {
          this.awaited.delete(key);
          return this.join(key, begin);
        });
      this.awaited.set(key, next);
    }
    return next;
  }
}
