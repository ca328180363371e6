import { Back, Forward } from "@vigie/web/components/icons";
import { Segments } from "@vigie/web/components/segments";
import { Sheet } from "@vigie/web/components/sheet";
import { day } from "@vigie/web/dates";
import { locale } from "@vigie/web/language";
import { type Amount, isZero } from "@vigie/web/money";
import { useEffect, useState } from "preact/hooks";
import {
  type Breakdown,
  breakdownsOf,
  differencesOf,
  type Explanation,
  explained,
  further,
  type Question,
  type Row,
  read,
} from "../explanations";
import type { ScopeKey } from "../figures";
import type { IndicatorId } from "../indicators";
import { texts } from "../texts/texts";
import { Exact } from "./amount";
import { DifferenceBody } from "./difference";

/** A question and the name of what it is about, as the reader saw it. */
export interface Asked {
  question: Question;
  title: string;
}

/** The sheet that explains an amount or a difference; a row that is explained further leads on, Back leads back. */
export function ExplanationSheet({
  scope,
  id,
  version,
  asked,
  onClose,
}: {
  scope: ScopeKey;
  id: IndicatorId;
  version: string;
  asked: Asked;
  onClose: () => void;
}) {
  const words = texts.value.explanation;
  const [way, setWay] = useState<readonly Asked[]>([asked]);
  const here = way.at(-1) ?? asked;
  const reading = explained(scope, id, version);
  return (
    <Sheet title={here.title} closeLabel={texts.value.app.close} onClose={onClose}>
      {way.length > 1 && (
        <button type="button" class="back sheet-back" onClick={() => setWay(way.slice(0, -1))}>
          <Back />
          {way.at(-2)?.title}
        </button>
      )}
      <div class="explanation" key={way.length}>
        {reading.kind === "waiting" && (
          <div role="status" aria-label={words.loading}>
            <div class="waiting waiting-row" />
            <div class="waiting waiting-row" />
            <div class="waiting waiting-row" />
          </div>
        )}
        {reading.kind === "failed" && (
          <>
            <p class="quiet">{words.failed}</p>
            <button type="button" class="button button-quiet" onClick={() => void read(scope, id)}>
              {texts.value.app.retry}
            </button>
          </>
        )}
        {reading.kind === "absent" && <p class="quiet">{words.none}</p>}
        {reading.kind === "read" && (
          <Explained
            explanation={reading.explanation}
            question={here.question}
            onFurther={(further) => setWay([...way, further])}
          />
        )}
      </div>
    </Sheet>
  );
}

/** Ask for the explanation as soon as its figure is opened, so that a tap finds it there. */
export function useExplanation(scope: ScopeKey, id: IndicatorId, version: string | null): void {
  useEffect(() => {
    if (version !== null) void read(scope, id);
  }, [scope, id, version]);
}

function Explained({
  explanation,
  question,
  onFurther,
}: {
  explanation: Explanation;
  question: Question;
  onFurther: (asked: Asked) => void;
}) {
  const words = texts.value.explanation;
  const content = explanation.explanation;
  if (!content.available) return <p class="quiet">{texts.value.figure.notProvidedReason(content.reason)}</p>;
  const differences = differencesOf(explanation, question);
  if (differences.length > 0) return <DifferenceBody differences={differences} explanation={explanation} />;
  const breakdowns = breakdownsOf(explanation, question);
  if (breakdowns.length === 0) return <p class="quiet">{words.none}</p>;
  return <Ways breakdowns={breakdowns} explanation={explanation} onFurther={onFurther} />;
}

function Ways({
  breakdowns,
  explanation,
  onFurther,
}: {
  breakdowns: readonly Breakdown[];
  explanation: Explanation;
  onFurther: (asked: Asked) => void;
}) {
  const words = texts.value.explanation;
  const [by, setBy] = useState<Breakdown["by"] | undefined>(breakdowns[0]?.by);
  const one = breakdowns.find((breakdown) => breakdown.by === by) ?? breakdowns[0];
  if (!one) return null;
  const { currency } = explanation;
  const family = explanation.kind === "family";
  return (
    <>
      <p class="headline">
        <Exact amount={one.amount} currency={currency} />
      </p>
      {breakdowns.length > 1 && (
        <Segments
          label={words.by}
          choices={breakdowns.map(({ by }) => [by, words.kinds[by]] as const)}
          chosen={one.by}
          onChoose={setBy}
        />
      )}
      {one.rows.length === 0 && isZero(one.rest.amount) && <p class="quiet">{words.empty}</p>}
      <ul class="rows">
        {one.rows.map((row, at) => {
          const next = further(explanation, row);
          const [name, note] = described(row, family);
          // Two lines of one entry may say the same: only their place tells them apart, and it never changes.
          const key = `${one.by} ${at}`;
          return (
            <li key={key}>
              <AmountRow
                name={name}
                note={note}
                amount={row.amount}
                currency={currency}
                onOpen={next ? () => onFurther({ question: next, title: name }) : undefined}
              />
            </li>
          );
        })}
        {one.rest.count > 0 && (
          <li>
            <AmountRow name={words.rest(one.rest.count)} note="" amount={one.rest.amount} currency={currency} />
          </li>
        )}
        {!isZero(one.rounding) && (
          <li>
            <AmountRow name={words.rounding} note="" amount={one.rounding} currency={currency} />
          </li>
        )}
        <li class="row-total">
          <AmountRow name={texts.value.figure.total} note="" amount={one.amount} currency={currency} />
        </li>
      </ul>
    </>
  );
}

/** A name and an amount; a button where there is more to see. */
export function AmountRow({
  name,
  note,
  amount,
  currency,
  onOpen,
}: {
  name: string;
  note: string;
  amount: Amount;
  currency: string;
  onOpen?: (() => void) | undefined;
}) {
  const content = (
    <>
      <span class="row-words">
        <span class="row-name">{name}</span>
        {note && <span class="row-note">{note}</span>}
      </span>
      <span class="row-amount">
        <Exact amount={amount} currency={currency} />
      </span>
    </>
  );
  if (!onOpen) return <div class="row">{content}</div>;
  return (
    <button type="button" class="row" onClick={onOpen}>
      {content}
      <Forward />
    </button>
  );
}

/** What a row is called, and where it is to be found in the books. */
function described(row: Row, family: boolean): [name: string, note: string] {
  const words = texts.value.explanation;
  const date = (iso: string) => day(iso, locale.value, "short");
  switch (row.kind) {
    case "document": {
      const what = `${words.documents[row.document_type]} ${row.document ?? ""}`.trim();
      return [row.label, noted(family && row.company, what, date(row.date), words.lines(row.lines))];
    }
    case "entry":
      return [
        row.label || row.account,
        noted(family && row.company, row.account, `${row.journal} ${row.number}`, date(row.date)),
      ];
    case "account":
      return [row.label, noted(family && row.company, row.code, words.entries(row.entries))];
    case "group":
      return row.code === null
        ? [texts.value.figure.unassigned, ""]
        : [row.label, row.label === row.code ? "" : row.code];
    case "sum":
      return [words.sums[row.name as keyof typeof words.sums] ?? row.name, words.lines(row.count)];
  }
}

function noted(...parts: (string | false)[]): string {
  return parts.filter((part) => part !== false && part !== "").join(" · ");
}
