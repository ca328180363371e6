import { Field } from "@vigie/web/components/field";
import { Check } from "@vigie/web/components/icons";
import { Sheet } from "@vigie/web/components/sheet";
import { day } from "@vigie/web/dates";
import { locale } from "@vigie/web/language";
import { useState } from "preact/hooks";
import type { ScopeItem } from "../api/client";
import { keyOf, type ScopeKey } from "../figures";
import { linkTo, replace } from "../route";
import { texts } from "../texts/texts";

/** From so many scopes on, a field finds them. */
const MANY = 9;

/** `text` as it is searched: without accents and case. */
export function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

export function ScopePicker({
  scopes,
  scope,
  onClose,
}: {
  scopes: readonly ScopeItem[];
  scope: ScopeKey;
  onClose: () => void;
}) {
  const words = texts.value.scope;
  const [sought, seek] = useState("");
  const found = scopes.filter((one) => plain(`${one.name} ${one.code}`).includes(plain(sought.trim())));
  const group = (kind: ScopeItem["kind"], title: string) => {
    const theirs = found.filter((one) => one.kind === kind);
    return (
      theirs.length > 0 && (
        <section class="group">
          <h3>{title}</h3>
          <ul class="rows">
            {theirs.map((one) => (
              <li key={keyOf(one)}>
                <button
                  type="button"
                  class="row"
                  aria-current={keyOf(one) === scope ? "true" : undefined}
                  onClick={() => {
                    replace(linkTo(keyOf(one)));
                    onClose();
                  }}
                >
                  <span>
                    <span class="row-name">{one.name}</span>
                    <span class="row-note">
                      {one.as_of ? texts.value.trust.asOf(day(one.as_of, locale.value)) : words.unpublished}
                      {kind === "family" && ` · ${words.cumulation}`}
                    </span>
                  </span>
                  {keyOf(one) === scope && <Check />}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )
    );
  };
  return (
    <Sheet title={words.title} closeLabel={texts.value.app.close} onClose={onClose}>
      {scopes.length >= MANY && (
        <div class="group">
          <Field
            label={words.search}
            value={sought}
            onInput={seek}
            type="search"
            autoComplete="off"
            spellcheck={false}
          />
        </div>
      )}
      {group("company", words.companies)}
      {group("family", words.families)}
      {found.length === 0 && <p class="group quiet">{words.none}</p>}
    </Sheet>
  );
}
