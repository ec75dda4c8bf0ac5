// Loaded into the server before it starts: its clock is ahead by as many milliseconds as the file says.
import { readFileSync } from "node:fs";

const { CLOCK_OFFSET_FILE } = process.env;
const RealDate = Date;

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
