/**
 * The seed of the HTTP fuzz run. It is fixed, so that a failure can be reproduced. To try other seeds:
 * `FUZZ_SEED=$RANDOM npx vitest run --project http fuzz` in `apps/server`.
 */
export const fuzzSeed = Number(process.env["FUZZ_SEED"] ?? 20_261_124);
