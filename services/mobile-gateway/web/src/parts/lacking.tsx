import { NoNetwork, Warning } from "@vigie/web/components/icons";
import { texts } from "../texts/texts";

/** In place of figures: why there are none, and what to do next. */
export function Lacking({
  lack,
  onRetry,
}: {
  lack: keyof ReturnType<typeof lackTexts>;
  onRetry?: (() => void) | undefined;
}) {
  const { title, text } = lackTexts()[lack];
  return (
    <div class="lacking">
      {lack === "unreachable" ? <NoNetwork /> : <Warning />}
      <h2>{title}</h2>
      <p class="quiet">{text}</p>
      {onRetry && (
        <button type="button" class="button button-quiet" onClick={onRetry}>
          {texts.value.app.retry}
        </button>
      )}
    </div>
  );
}

function lackTexts() {
  return texts.value.lacking;
}
