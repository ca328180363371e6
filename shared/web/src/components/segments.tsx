import { useId } from "preact/hooks";

/** One of a few, all of them in sight. */
export function Segments<Choice extends string>({
  label,
  choices,
  chosen,
  onChoose,
}: {
  label: string;
  choices: readonly (readonly [Choice, string])[];
  chosen: Choice;
  onChoose: (choice: Choice) => void;
}) {
  const name = useId();
  return (
    <fieldset class="segments-field">
      <legend class="heard-only">{label}</legend>
      <div class="segments">
        {choices.map(([choice, text]) => (
          <label key={choice}>
            <input
              type="radio"
              name={name}
              value={choice}
              checked={choice === chosen}
              onChange={() => onChoose(choice)}
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
