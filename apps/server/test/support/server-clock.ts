import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The clock of a server that runs in a separate process. */
export interface ServerClock {
  /** The variables to start the server with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Moves the clock; the server sees it at once. */
  advance(seconds: number): void;
  remove(): void;
}

const preload = new URL("./movable-clock.mjs", import.meta.url).href;

/** Creates a clock that shows the real time until it is advanced. */
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
      // The rename is atomic, so the server never reads a partial number.
      writeFileSync(`${file}.next`, String(offset));
      renameSync(`${file}.next`, file);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
