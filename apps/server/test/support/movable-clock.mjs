// Loaded into the server before it starts: its clock is ahead by as many milliseconds as the file says, and what waits for
// whole minutes waits for as many milliseconds of `MINUTE_MILLISECONDS` instead, if that is said.
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
