import { readFileSync } from "node:fs";
import { Pool } from "pg";

const ticksPerSecond = 100;
const [userTicks, systemTicks] = [11, 12];

/** The processor seconds that each process has used so far, by process ID; `NaN` if unknown. */
export type CpuReading = ReadonlyMap<number, number>;

/** Reads the processor time of these processes. */
export function readCpu(pids: readonly (number | undefined)[]): CpuReading {
  return new Map(
    pids.flatMap((pid) =>
      pid === undefined ? [] : [[pid, readOne(pid)] as const],
    ),
  );
}

/** Reads the processor time of this process. */
export function readOwnCpu(): CpuReading {
  const { user, system } = process.cpuUsage();
  return new Map([[process.pid, (user + system) / 1e6]]);
}

/** Returns the seconds between two readings, without processes that ended in between. */
export function subtractCpu(later: CpuReading, earlier: CpuReading): number {
  return [...later].reduce(
    (sum, [pid, seconds]) => sum + seconds - (earlier.get(pid) ?? 0),
    0,
  );
}

function readOne(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The fields follow the name, which is in parentheses and may contain any character.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[userTicks]) + Number(fields[systemTicks]);
    return ticks / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}

/** Reads the processor time of a database's server processes; SQLite has none. */
export interface BackendMeter {
  readCpu(): Promise<CpuReading>;
  close(): Promise<void>;
}

export function createBackendMeter(databaseUrl: string): BackendMeter {
  if (!databaseUrl.startsWith("postgres:"))
    return { readCpu: async () => new Map(), close: async () => undefined };
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  return {
    readCpu: async () => {
      const { rows } = await pool.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()",
      );
      return readCpu(rows.map(({ pid }) => pid));
    },
    close: () => pool.end(),
  };
}
