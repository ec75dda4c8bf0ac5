import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The clock of a server that runs in a process of its own. */
export interface ServerClock {
  /** What the server has to be started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Moves the clock; the server sees it at once. */
  advance(seconds: number): void;
  remove(): void;
}

const preload = new URL("./movable-clock.mjs", import.meta.url).href;

/** Makes a clock that shows the true time until it is moved. */
export function createServerClock(): ServerClock {
  const folder = mkdtempSync(join(tmpdir(), "entrada-clock-"));
  const file = join(folder, "offset");
  let offset = 0;
  writeFileSync(file, "0");
  return {
    environment: {
      NODE_OPTIONS: `--import=${preload}`,
      CLOCK_OFFSET_FILE: file,
    },
    advance: (seconds) => {
      offset += seconds * 1000;
      // Renamed into place: the server must never read half a number.
      writeFileSync(`${file}.next`, String(offset));
      renameSync(`${file}.next`, file);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
