import { Segments } from "@vigie/web/components/segments";
import { Sheet } from "@vigie/web/components/sheet";
import { type Language, language, speak } from "@vigie/web/language";
import { useState } from "preact/hooks";
import { signOut, standing } from "../session";
import { texts } from "../texts/texts";

export function Account({ onClose }: { onClose: () => void }) {
  const words = texts.value.account;
  const [leaving, setLeaving] = useState(false);
  if (standing.value.kind !== "signed-in") return null;
  const { client, username } = standing.value.session;
  return (
    <Sheet title={words.title} closeLabel={texts.value.app.close} onClose={onClose}>
      <dl class="group rows pairs">
        <div>
          <dt>{words.user}</dt>
          <dd>{username}</dd>
        </div>
        <div>
          <dt>{words.client}</dt>
          <dd>{client}</dd>
        </div>
      </dl>
      <div class="group">
        <p class="note" aria-hidden="true">
          {words.language}
        </p>
        <Segments<Language>
          label={words.language}
          choices={[
            ["fr", "Français"],
            ["en", "English"],
          ]}
          chosen={language.value}
          onChoose={speak}
        />
      </div>
      <div class="group">
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={leaving}
          onClick={() => {
            if (leaving) return;
            setLeaving(true);
            void signOut();
          }}
        >
          {words.signOut}
        </button>
        <p class="note">{words.signOutNote}</p>
      </div>
    </Sheet>
  );
}
