/** Lets the service worker keep the app. Where there is none (no HTTPS), the app works with a network only. */

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

const WORKER = "/worker.js";

export function registerWorker(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  // The page's policy lets no script be loaded from a plain string; this one names the only script that it loads.
  const url = trustedTypes?.createPolicy("vigie", { createScriptURL: () => WORKER }).createScriptURL("") ?? WORKER;
  navigator.serviceWorker.register(url, { scope: "/", updateViaCache: "none" }).catch(() => {
    // Refused by the browser, as in private mode: nothing is lost but opening without a network.
  });
}
