/**
 * The seed of every property test of this package. It is fixed, so that a failure can be reproduced. To test other
 * values, set it: `FUZZ_SEED=$RANDOM npx vitest run property` in this folder. A failing test prints its seed and its
 * smallest counterexample.
 */
export const fuzzSeed = Number(process.env["FUZZ_SEED"] ?? 20_261_124);
