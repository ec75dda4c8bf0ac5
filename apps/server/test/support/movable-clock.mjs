// Loaded into the server before it starts. Moves its clock by the number of milliseconds in CLOCK_OFFSET_FILE. If
// MINUTE_MILLISECONDS is set, timers of whole minutes use it as the length of a minute.
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

const { CLOCK_OFFSET_FILE, MINUTE_MILLISECONDS } = process.env;
const RealDate = Date;
const minute = 60_000;

globalThis.Date = class extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(readNow());
    else super(...values);
  }

  static now() {
    return readNow();
  }
};

function readNow() {
  return RealDate.now() + Number(readFileSync(CLOCK_OFFSET_FILE, "utf8"));
}

if (MINUTE_MILLISECONDS !== undefined) {
  const { setTimeout } = timers;
  timers.setTimeout = (milliseconds, ...rest) =>
    setTimeout(
      milliseconds % minute === 0
        ? (milliseconds / minute) * Number(MINUTE_MILLISECONDS)
        : milliseconds,
      ...rest,
    );
  syncBuiltinESMExports();
}
