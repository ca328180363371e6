/** Dates and moments in the reader's format. Days have no time zone; moments are shown in the phone's. */

/** `24 novembre 2026`. */
export function day(iso: string, locale: string, month: "long" | "short" = "long"): string {
  return dayFormat(locale, { day: "numeric", month, year: "numeric" }).format(utc(iso));
}

/** `nov. 2026` for `2026-11`. */
export function month(iso: string, locale: string): string {
  return dayFormat(locale, { month: "short", year: "numeric" }).format(utc(`${iso}-01`));
}

/** The month's first letter, in capitals, for the foot of a chart. */
export function monthInitial(iso: string, locale: string): string {
  return dayFormat(locale, { month: "narrow" }).format(utc(`${iso}-01`));
}

/** When something happened: `à l'instant`, `il y a 5 min`, `aujourd'hui 18:02`, `24 nov. 18:02`. */
export function moment(iso: string, now: Date, locale: string): string {
  const at = new Date(iso);
  const seconds = (now.getTime() - at.getTime()) / 1000;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  if (seconds < 60) return locale.startsWith("fr") ? "à l'instant" : "just now";
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), "minute");
  const days = Math.round((midnight(now).getTime() - midnight(at).getTime()) / 86_400_000);
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(at);
  if (days < 2) return `${relative.format(-days, "day")} ${clock}`;
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return `${new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...year }).format(at)} ${clock}`;
}

/** Whole days from `iso` to today in the phone's time zone; below zero for a day to come. */
export function daysSince(iso: string, now: Date): number {
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.round((today - utc(iso).getTime()) / 86_400_000);
}

function utc(iso: string): Date {
  return new Date(`${iso}T00:00:00Z`);
}

function midnight(at: Date): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate());
}

function dayFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
}
