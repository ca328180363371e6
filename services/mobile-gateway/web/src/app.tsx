import { language } from "@vigie/web/language";
import { useEffect } from "preact/hooks";
import { keyOf, scopes } from "./figures";
import { Lacking } from "./parts/lacking";
import { Saying } from "./parts/saying";
import { place } from "./route";
import { Detail } from "./screens/detail";
import { Home } from "./screens/home";
import { SignIn } from "./screens/sign-in";
import { standing } from "./session";
import { texts } from "./texts/texts";
import { wake } from "./waking";

export function App() {
  const who = standing.value;
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  useEffect(() => (who.kind === "signed-in" ? wake() : undefined), [who.kind]);
  return (
    <>
      {who.kind === "signed-out" && <SignIn ended={who.ended} />}
      {who.kind === "signed-in" && <SignedIn first={keyOf(who.session.first)} />}
      <Saying />
    </>
  );
}

function SignedIn({ first }: { first: ReturnType<typeof keyOf> }) {
  const list = scopes.value;
  const here = place.value;
  const scope = here?.scope ?? first;
  useEffect(() => {
    document.title = `${list?.find((one) => keyOf(one) === scope)?.name ?? ""} · ${texts.value.app.name}`;
  });
  if (list === null) {
    return (
      <main class="app app-waiting">
        <div class="cards" role="status" aria-label={texts.value.app.loading}>
          <div class="card waiting waiting-line" />
          <div class="card waiting waiting-large" />
          <div class="card waiting waiting-large" />
        </div>
      </main>
    );
  }
  if (list.length === 0) {
    return (
      <main class="app">
        <Lacking lack="nothing" />
      </main>
    );
  }
  const known = list.some((one) => keyOf(one) === scope) ? scope : keyOf(list[0] ?? { kind: "company", code: "" });
  // The home stays where it was scrolled to beneath the figure that lies over it.
  return (
    <main class="app">
      <Home scopes={list} scope={known} covered={here?.indicator !== null && here !== null} />
      {here?.indicator && <Detail scope={known} id={here.indicator} />}
    </main>
  );
}
