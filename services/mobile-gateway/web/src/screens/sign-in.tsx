import { Field } from "@vigie/web/components/field";
import { Warning } from "@vigie/web/components/icons";
import { Refused, Unreachable } from "@vigie/web/problem";
import { useEffect, useRef, useState } from "preact/hooks";
import { Mark } from "../parts/mark";
import { replace } from "../route";
import { remembered, signIn } from "../session";
import { texts } from "../texts/texts";

type Failure = { kind: "refused" } | { kind: "slow"; seconds: number } | { kind: "unreachable" } | { kind: "ended" };

/** How a code or a name is typed: as it is, and then the next field. */
const AN_IDENTIFIER = { autoCorrect: "off", spellcheck: false, enterKeyHint: "next", maxLength: 256 } as const;

/** The four fields of R10. A failure never tells which was wrong; what was typed stays, except the password. */
export function SignIn({ ended }: { ended: boolean }) {
  const words = texts.value.signIn;
  const known = useRef(remembered()).current;
  const [clientCode, setClientCode] = useState(known.clientCode);
  const [shortcutCode, setShortcutCode] = useState(known.shortcutCode);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(ended ? { kind: "ended" } : null);
  const form = useRef<HTMLFormElement>(null);

  // Whoever signs in next begins where the shortcut code says, not where the last reader was.
  useEffect(() => replace("/"), []);

  const missing = (value: string) => (asked && value.trim() === "" ? words.missing : undefined);

  async function submit(event: Event) {
    event.preventDefault();
    if (busy) return;
    setAsked(true);
    if ([clientCode, shortcutCode, username, password].some((value) => value.trim() === "")) {
      const empty = [...(form.current?.querySelectorAll("input") ?? [])].find((input) => input.value.trim() === "");
      empty?.focus();
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await signIn({ clientCode, shortcutCode, username }, password);
    } catch (error) {
      if (error instanceof Refused) {
        setPassword("");
        setAsked(false);
        setFailure(error.status === 429 ? { kind: "slow", seconds: error.retryAfter ?? 60 } : { kind: "refused" });
      } else if (error instanceof Unreachable) {
        setFailure({ kind: "unreachable" });
      } else {
        throw error;
      }
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="sign-in">
      <header>
        <Mark />
        <h1>{words.title}</h1>
        <p class="quiet">{words.lead}</p>
      </header>
      <form ref={form} onSubmit={submit} noValidate>
        <div role="alert">
          {failure && (
            <p class="message">
              <Warning />
              <span>{told(failure)}</span>
            </p>
          )}
        </div>
        <Field
          label={words.clientCode}
          value={clientCode}
          onInput={setClientCode}
          error={missing(clientCode)}
          autoComplete="organization"
          autoCapitalize="characters"
          {...AN_IDENTIFIER}
        />
        <Field
          label={words.shortcutCode}
          value={shortcutCode}
          onInput={setShortcutCode}
          error={missing(shortcutCode)}
          autoComplete="off"
          autoCapitalize="characters"
          {...AN_IDENTIFIER}
        />
        <Field
          label={words.username}
          value={username}
          onInput={setUsername}
          error={missing(username)}
          autoComplete="username"
          autoCapitalize="none"
          {...AN_IDENTIFIER}
        />
        <Field
          label={words.password}
          value={password}
          onInput={setPassword}
          error={missing(password)}
          type="password"
          autoComplete="current-password"
          enterKeyHint="go"
          maxLength={256}
        />
        <button class="button" type="submit" aria-disabled={busy}>
          {busy ? words.submitting : words.submit}
        </button>
      </form>
      {installable() && <p class="note">{words.install}</p>}
    </main>
  );
}

function told(failure: Failure): string {
  const words = texts.value.signIn;
  switch (failure.kind) {
    case "refused":
      return words.refused;
    case "slow":
      return words.slow(
        failure.seconds < 90 ? words.seconds(failure.seconds) : words.minutes(Math.ceil(failure.seconds / 60)),
      );
    case "unreachable":
      return words.unreachable;
    case "ended":
      return words.ended;
  }
}

/** On an iPhone's Safari, where only the owner can put an app on the home screen. */
function installable(): boolean {
  const installed = matchMedia("(display-mode: standalone)").matches;
  return !installed && /iPhone|iPad/.test(navigator.userAgent);
}
