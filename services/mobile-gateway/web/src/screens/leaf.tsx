import { NoNetwork } from "@vigie/web/components/icons";
import { day, daysSince, moment } from "@vigie/web/dates";
import { locale } from "@vigie/web/language";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { now } from "../clock";
import { type Held, held, quietly, reachable, refresh, refreshScopes, type ScopeKey, shown } from "../figures";
import { Cards } from "../parts/cards";
import { Lacking } from "../parts/lacking";
import { Pull, usePull } from "../parts/pull";
import { say } from "../parts/saying";
import { texts } from "../texts/texts";

/** Days after which figures are called old. */
const OLD = 3;

/** The home of one scope: all its figures, one below the other. */
export function Leaf({ scope, active }: { scope: ScopeKey; active: boolean }) {
  const scroller = useRef<HTMLElement>(null);
  const what = shown(scope);
  useEffect(() => {
    if (active) void quietly(refresh(scope));
  }, [scope, active]);
  const renew = useCallback(async () => {
    const words = texts.value.trust;
    const good = await quietly(Promise.all([refreshScopes(), refresh(scope)]));
    say(good ? words.current : words.unreachable);
  }, [scope]);
  const pulling = usePull(scroller, renew);
  return (
    <section ref={scroller} class="leaf" inert={!active} aria-hidden={!active} aria-busy={what.kind === "waiting"}>
      <Pull pulling={pulling} />
      {what.kind === "held" && <Filled scope={scope} held={what.held} />}
      {what.kind === "waiting" && <Waiting />}
      {what.kind === "lacking" && (
        <Lacking
          lack={what.lack}
          onRetry={what.lack === "unreachable" ? () => void quietly(refresh(scope)) : undefined}
        />
      )}
    </section>
  );
}

function Filled({ scope, held: { snapshot, read } }: { scope: ScopeKey; held: Held }) {
  const words = texts.value.trust;
  const age = daysSince(snapshot.as_of, now.value);
  return (
    <>
      <div class="trust">
        <p>
          <b>{words.asOf(day(snapshot.as_of, locale.value))}</b> ·{" "}
          {words.published(moment(snapshot.published_at, now.value, locale.value))}
        </p>
        {snapshot.kind === "family" && <p>{texts.value.scope.cumulation}</p>}
        {age > OLD && <p class="trust-notice">{words.old(age)}</p>}
        {!reachable.value && (
          <p class="trust-notice">
            <NoNetwork /> {words.offlineNote(moment(read, now.value, locale.value))}
          </p>
        )}
        <OtherExtractions of={snapshot} />
      </div>
      {Object.keys(snapshot.indicators).length > 0 ? (
        <Cards snapshot={snapshot} scope={scope} />
      ) : (
        <Lacking lack="noIndicators" />
      )}
    </>
  );
}

/** A family's figures are those of one extraction; a company of it may have been extracted again since, or not then. */
function OtherExtractions({ of }: { of: Held["snapshot"] }) {
  const treasury = of.indicators.treasury_position;
  if (of.kind !== "family" || !treasury?.available) return null;
  const members = new Set(treasury.rows.map((row) => row.company));
  const strays = held.value
    .map((one) => one.snapshot)
    .filter((one) => one.kind === "company" && members.has(one.code) && one.extraction_id !== of.extraction_id);
  return (
    <>
      {strays.map((one) => (
        <p key={one.code} class="trust-notice">
          {texts.value.trust.otherExtraction(one.name, day(one.as_of, locale.value))}
        </p>
      ))}
    </>
  );
}

/** The places of the cards while the first figures are on their way: nothing moves when they arrive. */
function Waiting() {
  return (
    <div class="cards" role="status" aria-label={texts.value.app.loading}>
      <div class="card waiting waiting-line" />
      <div class="card waiting waiting-large" />
      <div class="card waiting waiting-medium" />
      <div class="card waiting waiting-large" />
      <div class="card waiting waiting-medium" />
    </div>
  );
}
