import { defineConfig } from "vitest/config";

// What judges a mutant: the unit tests of the core, and nothing that needs a server, a database or the compiler. The
// property tests stay out for their time: they run for every constant of a module.
export default defineConfig({
  test: {
    include: ["src/core/**/*.test.ts"],
    exclude: ["**/*.property.test.ts"],
    // One worker reads the modules once for all files of a mutant; the next mutant has a worker of its own.
    isolate: false,
    // A test that is slow on a busy machine must not pass for a mutant that was found.
    testTimeout: 60_000,
    reporters: ["dot"],
  },
});
