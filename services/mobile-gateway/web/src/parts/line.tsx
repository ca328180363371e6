import { month, monthInitial } from "@vigie/web/dates";
import { locale } from "@vigie/web/language";
import { type Amount, cents, exact } from "@vigie/web/money";
import { useState } from "preact/hooks";
import { texts } from "../texts/texts";

type Series = readonly (readonly [month: string, amount: Amount])[];

const WIDTH = 320;

/** The places of the amounts in a box, lowest to highest, zero always inside; in floats, for drawing only. */
export function shape(series: Series, width: number, height: number, edge: number) {
  const values = series.map(([, amount]) => Number(cents(amount)) / 100);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const span = high - low || 1;
  const x = (position: number) => edge + (position * (width - 2 * edge)) / Math.max(1, series.length - 1);
  const y = (value: number) => edge + ((high - value) * (height - 2 * edge)) / span;
  return { points: values.map((value, position) => [x(position), y(value)] as const), zero: y(0) };
}

function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], position) => `${position ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** Twelve months as a small line beside a figure. What it shows is read in the figure's own screen. */
export function Spark({ series }: { series: Series }) {
  const { points, zero } = shape(series, WIDTH, 56, 5);
  const last = points.at(-1);
  const first = points[0];
  if (!first || !last) return null;
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} 56`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path class="line-area" d={`${path(points)}L${last[0].toFixed(1)} ${zero}L${first[0].toFixed(1)} ${zero}Z`} />
      <path class="line-line" d={path(points.slice(0, -1))} vector-effect="non-scaling-stroke" />
      <path class="line-line line-partial" d={path(points.slice(-2))} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

/** Twelve months as a line; a finger on it reads each month, and the table behind it says everything in words. */
export function Line({
  series,
  currency,
  onExplain,
}: {
  series: Series;
  currency: string;
  onExplain: (month: string, title: string) => void;
}) {
  const words = texts.value.figure;
  const [chosen, choose] = useState(series.length - 1);
  const [tabular, setTabular] = useState(false);
  const height = 150;
  const { points, zero } = shape(series, WIDTH, height, 10);
  const at = points[chosen];
  const one = series[chosen];
  const [first, last] = [series[0], series.at(-1)];
  if (!at || !one || !first || !last) return null;
  const sorted = series.map(([, amount]) => amount).sort((a, b) => (cents(a) < cents(b) ? -1 : 1));
  const name = words.chart(
    month(first[0], locale.value),
    month(last[0], locale.value),
    exact(sorted[0] ?? "0.00", currency, locale.value),
    exact(sorted.at(-1) ?? "0.00", currency, locale.value),
  );
  const follow = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const along = (event.clientX - box.left) / box.width;
    choose(Math.max(0, Math.min(series.length - 1, Math.round(along * (series.length - 1)))));
  };
  return (
    <div class="line">
      <p class="line-reading" aria-hidden="true">
        <span>
          {month(one[0], locale.value)}
          {chosen === series.length - 1 && ` (${words.partial})`}
        </span>
        <b>{exact(one[1], currency, locale.value)}</b>
      </p>
      <svg
        class="line-chart"
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-label={name}
        onPointerDown={follow}
        onPointerMove={follow}
      >
        <line class="line-zero" x1="0" x2={WIDTH} y1={zero} y2={zero} />
        <path
          class="line-area"
          d={`${path(points)}L${points.at(-1)?.[0].toFixed(1)} ${zero}L${points[0]?.[0].toFixed(1)} ${zero}Z`}
        />
        <path class="line-line" d={path(points.slice(0, -1))} />
        <path class="line-line line-partial" d={path(points.slice(-2))} />
        <line class="line-cursor" x1={at[0]} x2={at[0]} y1="0" y2={height} />
        <circle class="line-point" cx={at[0]} cy={at[1]} r="5" />
      </svg>
      <div class="line-months" aria-hidden="true">
        {series.map(([iso]) => (
          <span key={iso}>{monthInitial(iso, locale.value)}</span>
        ))}
      </div>
      <button
        type="button"
        class="button button-quiet line-ask"
        onClick={() => onExplain(one[0], month(one[0], locale.value))}
      >
        {texts.value.explanation.monthDetail(month(one[0], locale.value))}
      </button>
      <button
        type="button"
        class="button button-plain line-switch"
        aria-expanded={tabular}
        onClick={() => setTabular(!tabular)}
      >
        {tabular ? words.hideTable : words.table}
      </button>
      <table class={tabular ? "figures" : "heard-only"}>
        <caption class="heard-only">{words.twelveMonths}</caption>
        <thead>
          <tr>
            <th scope="col">{words.monthColumn}</th>
            <th scope="col">{words.amountColumn}</th>
          </tr>
        </thead>
        <tbody>
          {series.map(([iso, amount]) => (
            <tr key={iso}>
              <th scope="row">{month(iso, locale.value)}</th>
              <td>{exact(amount, currency, locale.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
