import { Back } from "@vigie/web/components/icons";
import { Segments } from "@vigie/web/components/segments";
import { day, moment } from "@vigie/web/dates";
import { locale } from "@vigie/web/language";
import { useEffect, useRef, useState } from "preact/hooks";
import { now } from "../clock";
import { type Held, quietly, refresh, type ScopeKey, shown } from "../figures";
import { type IndicatorId, type RankingPeriod, rankingId, rankingOf } from "../indicators";
import { type Asked, ExplanationSheet, useExplanation } from "../parts/explanation";
import { FigureBody } from "../parts/figure-body";
import { History } from "../parts/history";
import { Lacking } from "../parts/lacking";
import { back, linkTo, replace } from "../route";
import { texts } from "../texts/texts";

/** One figure: to the cent, with what it is made of, how it moved, and where it comes from. */
export function Detail({ scope, id }: { scope: ScopeKey; id: IndicatorId }) {
  const what = shown(scope);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => void quietly(refresh(scope)), [scope]);
  useEffect(() => title.current?.focus(), []);
  const found = what.kind === "held" ? what.held.snapshot.indicators[id] : undefined;
  const ranking = rankingOf(id);
  const version = what.kind === "held" ? what.held.snapshot.extraction_id : null;
  const [asked, setAsked] = useState<Asked | null>(null);
  useExplanation(scope, id, version);
  const name = what.kind === "held" ? what.held.snapshot.name : texts.value.app.back;
  return (
    <article class="detail">
      <header class="bar-top bar-back">
        <button type="button" class="back" onClick={() => back(linkTo(scope))}>
          <Back />
          <span class="heard-only">{texts.value.app.back}</span>
          <span class="back-name">{name}</span>
        </button>
      </header>
      <div class="detail-body">
        <h1 ref={title} tabIndex={-1}>
          {texts.value.indicators[id]}
        </h1>
        {ranking && (
          <Segments<RankingPeriod>
            label={texts.value.rankings.period}
            choices={[
              ["month", texts.value.rankings.month],
              ["year", texts.value.rankings.year],
            ]}
            chosen={ranking.period}
            onChoose={(period) => replace(linkTo(scope, rankingId(ranking.subject, period)))}
          />
        )}
        {what.kind === "held" && found && (
          <>
            <FigureBody id={id} snapshot={what.held.snapshot} explain={setAsked} />
            <Trust held={what.held} />
            <History
              key={id}
              scope={scope}
              id={id}
              version={what.held.snapshot.extraction_id}
              currency={what.held.snapshot.currency}
            />
          </>
        )}
        {what.kind === "held" && !found && <Lacking lack="noIndicators" />}
        {what.kind === "lacking" && <Lacking lack={what.lack} onRetry={() => void quietly(refresh(scope))} />}
        {what.kind === "waiting" && (
          <div role="status" aria-label={texts.value.app.loading} class="card waiting waiting-large" />
        )}
      </div>
      {asked && version !== null && (
        <ExplanationSheet scope={scope} id={id} version={version} asked={asked} onClose={() => setAsked(null)} />
      )}
    </article>
  );
}

/** Which day the figure stands for, when it was published, and when the platform last said that it stands. */
function Trust({ held: { snapshot, read } }: { held: Held }) {
  const words = texts.value.trust;
  return (
    <section class="card block">
      <h2>{texts.value.figure.trust}</h2>
      <dl class="pairs">
        <div>
          <dt>{words.asOfLong}</dt>
          <dd>{day(snapshot.as_of, locale.value)}</dd>
        </div>
        <div>
          <dt>{words.publishedLong}</dt>
          <dd>{moment(snapshot.published_at, now.value, locale.value)}</dd>
        </div>
        <div>
          <dt>{words.received}</dt>
          <dd>{moment(read, now.value, locale.value)}</dd>
        </div>
      </dl>
    </section>
  );
}
