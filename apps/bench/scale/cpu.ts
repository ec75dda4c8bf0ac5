import { readFileSync } from "node:fs";
import { Pool } from "pg";

const ticksPerSecond = 100;
const [userTicks, systemTicks] = [11, 12];

/** How many seconds of a processor each process has used so far, by its ID; `NaN` where the system does not tell. */
export type CpuReading = ReadonlyMap<number, number>;

/** Reads what these processes have used. */
export function readCpu(pids: readonly (number | undefined)[]): CpuReading {
  return new Map(
    pids.flatMap((pid) =>
      pid === undefined ? [] : [[pid, readOne(pid)] as const],
    ),
  );
}

/** Reads what this process has used. */
export function readOwnCpu(): CpuReading {
  const { user, system } = process.cpuUsage();
  return new Map([[process.pid, (user + system) / 1e6]]);
}

/** Returns how many seconds lie between two readings. What a process has used that ended in between is not known. */
export function subtractCpu(later: CpuReading, earlier: CpuReading): number {
  return [...later].reduce(
    (sum, [pid, seconds]) => sum + seconds - (earlier.get(pid) ?? 0),
    0,
  );
}

function readOne(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // After the name, which is in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[userTicks]) + Number(fields[systemTicks]);
    return ticks / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}

/** Reads what the processes behind a database's connections have used; nothing for SQLite, which has none. */
export interface BackendMeter {
  readCpu(): Promise<CpuReading>;
  close(): Promise<void>;
}

/** Makes the meter of this database. */
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
