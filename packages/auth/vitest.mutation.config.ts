import { defineConfig } from "vitest/config";

// What judges a mutant: the unit tests of the core, and nothing that needs a server, a database or the compiler. The
// property tests stay out for their time: they run for every constant of a module.
export default defineConfig({
  test: {
    include: ["src/core/**/*.test.ts"],
    exclude: ["**/*.property.test.ts"],
    reporters: ["dot"],
  },
});
