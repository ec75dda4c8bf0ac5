import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** Asks the tests beside the mutated module first: they find most of its mutants. */
class NearestFirst extends BaseSequencer {
  override async sort(
    specifications: TestSpecification[],
  ): Promise<TestSpecification[]> {
    const mutated = this.ctx.config.related ?? [];
    const isNear = ({ moduleId }: TestSpecification) =>
      mutated.includes(moduleId.replace(/\.test\.ts$/, ".ts"));
    return [
      ...specifications.filter(isNear),
      ...specifications.filter((specification) => !isNear(specification)),
    ];
  }
}

// What judges a mutant: the unit tests of the core, and nothing that needs a server, a database or the compiler. The
// property tests stay out for their time: they run for every constant of a module.
export default defineConfig({
  test: {
    include: ["src/core/**/*.test.ts"],
    exclude: ["**/*.property.test.ts"],
    // One worker reads the modules once for all files of a mutant; the next mutant has a worker of its own.
    isolate: false,
    sequence: { sequencer: NearestFirst },
    // A test that is slow on a busy machine must not pass for a mutant that was found.
    testTimeout: 60_000,
    reporters: ["dot"],
  },
});
