import { Down, Person } from "@vigie/web/components/icons";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ScopeItem } from "../api/client";
import { keyOf, type ScopeKey } from "../figures";
import { linkTo, replace } from "../route";
import { texts } from "../texts/texts";
import { Account } from "./account";
import { Leaf } from "./leaf";
import { ScopePicker } from "./scope-picker";

/** Up to here each scope has its dot; beyond, words tell where the reader is. */
const DOTS = 9;

const TOUCHES = ["touchstart", "touchend", "touchcancel"] as const;

/** The scopes side by side, swiped or picked; companies one by one, then families. */
export function Home({
  scopes,
  scope,
  covered,
}: {
  scopes: readonly ScopeItem[];
  scope: ScopeKey;
  /** Whether a figure lies over it. */
  covered: boolean;
}) {
  const [open, setOpen] = useState<"scopes" | "account" | null>(null);
  // The neighbours are there only while they can be seen: in a swipe.
  const [moving, setMoving] = useState(false);
  const pager = useRef<HTMLDivElement>(null);
  const position = Math.max(
    0,
    scopes.findIndex((one) => keyOf(one) === scope),
  );
  const here = scopes[position];
  const settled = useRef(position);
  settled.current = position;
  const words = texts.value.scope;

  // The scope that the address names is the one in view, also after a change of width.
  useLayoutEffect(() => {
    const element = pager.current;
    if (!element) return;
    const settle = () => {
      const left = position * element.clientWidth;
      if (Math.abs(element.scrollLeft - left) > 1) element.scrollTo({ left, behavior: "instant" });
    };
    settle();
    const watch = new ResizeObserver(settle);
    watch.observe(element);
    return () => watch.disconnect();
  }, [position]);

  // A swipe that has come to rest names the scope in the address.
  useEffect(() => {
    const element = pager.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let touched = false;
    const rested = () => {
      if (touched) return;
      const at = Math.round(element.scrollLeft / element.clientWidth);
      const there = scopes[at];
      if (there && at !== position) replace(linkTo(keyOf(there)));
      setMoving(false);
    };
    const waits = () => {
      clearTimeout(timer);
      timer = setTimeout(rested, 90);
    };
    const scrolled = () => {
      // The pager also scrolls when it is put where the address says; nothing moves then.
      if (Math.abs(element.scrollLeft - settled.current * element.clientWidth) > 1) setMoving(true);
      waits();
    };
    const touch = (event: TouchEvent) => {
      touched = event.touches.length > 0;
      if (!touched) waits();
    };
    element.addEventListener("scroll", scrolled, { passive: true });
    for (const name of TOUCHES) element.addEventListener(name, touch, { passive: true });
    return () => {
      clearTimeout(timer);
      element.removeEventListener("scroll", scrolled);
      for (const name of TOUCHES) element.removeEventListener(name, touch);
    };
  }, [scopes, position]);

  if (!here) return null;
  return (
    <div class={covered ? "home home-covered" : "home"} inert={covered}>
      <header class="bar-top">
        <button type="button" class="scope-name" onClick={() => setOpen("scopes")} aria-haspopup="dialog">
          <span class="scope-kind">{here.kind === "family" ? words.family : words.company}</span>
          <h1>
            {here.name} <Down />
          </h1>
          <span class="heard-only">{words.choose}</span>
        </button>
        <button
          type="button"
          class="round"
          aria-label={texts.value.account.open}
          aria-haspopup="dialog"
          onClick={() => setOpen("account")}
        >
          <Person />
        </button>
      </header>
      {scopes.length > 1 && (
        <div class="dots">
          {scopes.length <= DOTS &&
            scopes.map((one, at) => <span key={keyOf(one)} class={at === position ? "dot dot-here" : "dot"} />)}
          <span class={scopes.length <= DOTS ? "heard-only" : ""}>{words.position(position + 1, scopes.length)}</span>
        </div>
      )}
      <div class="pager" ref={pager}>
        {scopes.map((one, at) =>
          at === position || (moving && Math.abs(at - position) === 1) ? (
            <Leaf key={keyOf(one)} scope={keyOf(one)} active={at === position} />
          ) : (
            <div key={keyOf(one)} class="leaf" inert />
          ),
        )}
      </div>
      {open === "scopes" && <ScopePicker scopes={scopes} scope={scope} onClose={() => setOpen(null)} />}
      {open === "account" && <Account onClose={() => setOpen(null)} />}
    </div>
  );
}
