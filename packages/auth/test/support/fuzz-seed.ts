/**
 * The seed of every property test of this package. It is pinned, so that a run that fails fails again, and can be set
 * to explore: `FUZZ_SEED=$RANDOM npx vitest run property` in this folder. What fails prints its seed and its smallest
 * counterexample by itself.
 */
export const fuzzSeed = Number(process.env["FUZZ_SEED"] ?? 20_261_124);
