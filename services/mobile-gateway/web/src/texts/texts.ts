/** What the app says, in the language of the page. */

import { computed } from "@preact/signals";
import { language } from "@vigie/web/language";
import { en } from "./en";
import { fr, type Texts } from "./fr";

export const texts = computed<Texts>(() => (language.value === "fr" ? fr : en));
