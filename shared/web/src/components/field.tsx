import { useId } from "preact/hooks";

/** What a browser may know about a field, to help the one who types. */
interface Hints {
  type?: "text" | "password" | "search";
  autoComplete?: string;
  autoCapitalize?: "none" | "characters";
  autoCorrect?: "off";
  spellcheck?: boolean;
  enterKeyHint?: "next" | "go" | "search";
  maxLength?: number;
}

/** A labelled text field. `error`, where there is one, is read with it. */
export function Field({
  label,
  value,
  onInput,
  error,
  ...hints
}: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  error?: string | undefined;
} & Hints) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...(hints as object)}
        id={id}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
      />
      {error && (
        <p id={`${id}-error`} class="field-error">
          {error}
        </p>
      )}
    </div>
  );
}
