import { fileURLToPath } from "node:url";
import { compressed, icons, shell } from "@vigie/web/build/pages";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  plugins: [
    icons(here("art/icon.svg"), {
      "icons/apple-touch-icon.png": 180,
      "icons/192.png": 192,
      "icons/512.png": 512,
      "icons/32.png": 32,
    }),
    shell("worker.js", "__SHELL__"),
    compressed(),
  ],
  build: {
    outDir: here("../src/vigie_mobile_gateway/pages"),
    emptyOutDir: true,
    target: "safari16.4",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: { app: here("index.html"), worker: here("src/worker/worker.ts") },
      output: {
        entryFileNames: (chunk) => (chunk.name === "worker" ? "worker.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
