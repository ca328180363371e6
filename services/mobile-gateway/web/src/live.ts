/**
 * Told as it happens: the stream of server-sent events, read by fetch because the browser's own EventSource cannot
 * carry an access token. It comes back after any loss, from the event that it heard last.
 */

import { Unreachable } from "@vigie/web/problem";
import { reach } from "./api/client";
import { bearer, renewed, SignedOut, token } from "./session";

export interface Told {
  id: string;
  event: string;
  data: string;
}

/** The platform sends a sign of life every fifteen seconds; after this silence the link is taken for dead. */
const SILENCE = 40_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/** Takes server-sent events out of text that arrives in pieces. */
export function* events(buffer: { text: string }, piece: string): Generator<Told> {
  buffer.text += piece.replaceAll("\r\n", "\n");
  for (;;) {
    const end = buffer.text.indexOf("\n\n");
    if (end < 0) return;
    const told: Told = { id: "", event: "message", data: "" };
    const data: string[] = [];
    for (const line of buffer.text.slice(0, end).split("\n")) {
      const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (field === "id") told.id = value ?? "";
      else if (field === "event") told.event = value ?? "";
      else if (field === "data") data.push(value ?? "");
    }
    buffer.text = buffer.text.slice(end + 2);
    if (data.length > 0) yield { ...told, data: data.join("\n") };
  }
}

/** Listen until `stop` is aborted. `onStanding` is told each time that the stream stands, and that it is lost. */
export async function listen(
  stop: AbortSignal,
  onTold: (told: Told) => void,
  onStanding: (stands: boolean) => void,
): Promise<void> {
  let last = "";
  let pause = FIRST_PAUSE;
  while (!stop.aborted) {
    const link = new AbortController();
    const end = () => link.abort();
    stop.addEventListener("abort", end);
    window.addEventListener("online", end);
    let silence = setTimeout(end, SILENCE);
    try {
      const more: Record<string, string> = last ? { "Last-Event-ID": last } : {};
      let response = await reach(stream(await token(), more, link.signal));
      if (response.status === 401) response = await reach(stream(await renewed(), more, link.signal));
      if (!response.ok || !response.body) throw new Unreachable(`events: ${response.status}`);
      onStanding(true);
      pause = FIRST_PAUSE;
      const buffer = { text: "" };
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE);
        for (const told of events(buffer, value)) {
          last = told.id || last;
          onTold(told);
        }
      }
    } catch (error) {
      if (error instanceof SignedOut) return;
      // Whatever else ended the stream is answered alike: come back a little later.
    } finally {
      onStanding(false);
      clearTimeout(silence);
      stop.removeEventListener("abort", end);
      window.removeEventListener("online", end);
    }
    await rest(pause * (0.75 + Math.random() / 2), stop);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

function stream(token: string, more: Record<string, string>, signal: AbortSignal): Request {
  return new Request("/mobile/v1/events", { ...bearer(token, more), signal });
}

/** Wait, but no longer than until the network comes back, the page is looked at again, or `stop` is aborted. */
function rest(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      document.removeEventListener("visibilitychange", done);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener("online", done);
    document.addEventListener("visibilitychange", done);
    stop.addEventListener("abort", done);
  });
}
