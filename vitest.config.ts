import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["shared/web/tests/**/*.test.ts", "services/*/web/tests/**/*.test.ts"] },
});
