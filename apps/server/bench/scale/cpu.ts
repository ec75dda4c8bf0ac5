import { readFileSync } from "node:fs";
import { Pool } from "pg";

const ticksPerSecond = 100;
const [userTicks, systemTicks] = [11, 12];

/** Answers how many seconds of a processor these processes have used so far; `NaN` where the system does not tell. */
export function readCpuSeconds(pids: readonly (number | undefined)[]): number {
  return pids.reduce<number>((sum, pid) => sum + readOne(pid), 0);
}

function readOne(pid: number | undefined): number {
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
  readCpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

/** Makes the meter of this database. */
export function createBackendMeter(databaseUrl: string): BackendMeter {
  if (!databaseUrl.startsWith("postgres:"))
    return { readCpuSeconds: async () => 0, close: async () => undefined };
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  return {
    readCpuSeconds: async () => {
      const { rows } = await pool.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()",
      );
      return readCpuSeconds(rows.map(({ pid }) => pid));
    },
    close: () => pool.end(),
  };
}
