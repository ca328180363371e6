/** What went wrong with a call, in the two kinds that a page treats differently. */

/** Nobody answered: no network, or something on the way that does not work. Trying again later may help. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** The service answered with a problem document (RFC 9457). */
export class Refused extends Error {
  override name = "Refused";

  constructor(
    readonly status: number,
    readonly detail: string,
    /** Seconds to wait before the next try, where the service said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

/** The refusal that a response with this body is. */
export function refusal(response: Response, body: unknown): Refused | Unreachable {
  if (response.status >= 500) return new Unreachable(`answered with ${response.status}`);
  const detail = typeof body === "object" && body !== null && "detail" in body ? String(body.detail) : "";
  const after = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new Refused(response.status, detail, Number.isNaN(after) ? null : after);
}
