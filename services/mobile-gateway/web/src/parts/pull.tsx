import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { texts } from "../texts/texts";

/** From here on a pull lets go into a refresh; in CSS pixels of finger travel, halved as it moves. */
const ENOUGH = 64;

export type Pulling = { kind: "resting" } | { kind: "pulling"; distance: number } | { kind: "refreshing" };

/** Pull the scroller down at its top to refresh. */
export function usePull(scroller: RefObject<HTMLElement | null>, refresh: () => Promise<unknown>): Pulling {
  const [pulling, setPulling] = useState<Pulling>({ kind: "resting" });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let from: { x: number; y: number } | null = null;
    let distance = 0;
    let busy = false;
    const start = (event: TouchEvent) => {
      const touch = event.touches[0];
      from =
        !busy && touch && event.touches.length === 1 && element.scrollTop <= 0
          ? { x: touch.clientX, y: touch.clientY }
          : null;
      distance = 0;
    };
    const move = (event: TouchEvent) => {
      const touch = event.touches[0];
      if (!from || !touch) return;
      const down = touch.clientY - from.y;
      if (distance === 0 && Math.abs(touch.clientX - from.x) > Math.abs(down)) {
        from = null;
        return;
      }
      distance = Math.max(0, Math.min(96, down / 2));
      setPulling(distance > 4 ? { kind: "pulling", distance } : { kind: "resting" });
    };
    const end = async () => {
      const enough = from !== null && distance >= ENOUGH;
      from = null;
      if (!enough) {
        if (!busy) setPulling({ kind: "resting" });
        return;
      }
      busy = true;
      setPulling({ kind: "refreshing" });
      await refresh();
      busy = false;
      setPulling({ kind: "resting" });
    };
    element.addEventListener("touchstart", start, { passive: true });
    element.addEventListener("touchmove", move, { passive: true });
    element.addEventListener("touchend", end);
    element.addEventListener("touchcancel", end);
    return () => {
      element.removeEventListener("touchstart", start);
      element.removeEventListener("touchmove", move);
      element.removeEventListener("touchend", end);
      element.removeEventListener("touchcancel", end);
    };
  }, [scroller, refresh]);
  return pulling;
}

export function Pull({ pulling }: { pulling: Pulling }) {
  const words = texts.value.trust;
  if (pulling.kind === "resting") return null;
  const height = pulling.kind === "pulling" ? pulling.distance : 44;
  const text =
    pulling.kind === "refreshing" ? words.refreshing : pulling.distance >= ENOUGH ? words.release : words.pull;
  return (
    <p class="pull" style={{ height: `${height}px` }}>
      {text}
    </p>
  );
}
