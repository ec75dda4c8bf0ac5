/**
 * The seed of every property test and of the HTTP fuzz run of this package. It is pinned, so that a run that fails fails
 * again, and can be set to explore: `FUZZ_SEED=$RANDOM npx vitest run --project http property fuzz` in this folder.
 */
export const fuzzSeed = Number(process.env["FUZZ_SEED"] ?? 20_261_124);
