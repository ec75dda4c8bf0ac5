import { Pool } from "pg";
import { readProcessorTime } from "../processes/usage.js";

/** Begins a measurement. The returned function returns the milliseconds of processor time since then. */
export type Meter = () => Promise<() => Promise<number>>;

/** Measures a process. */
export function createProcessMeter(pid: number): Meter {
  return async () => {
    const begin = readProcessorTime(pid);
    return async () => readProcessorTime(pid) - begin;
  };
}

/** Measures a process, if there is one, together with the processes of PostgreSQL that serve the database. */
export function createDatabaseMeter(
  pid: number | undefined,
  databaseUrl: string,
): { readonly meter: Meter; close(): Promise<void> } {
  if (!databaseUrl.startsWith("postgres:") && pid !== undefined)
    return { meter: createProcessMeter(pid), close: async () => undefined };
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  const readAll = async () => {
    const { rows } = await pool.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database()",
    );
    const pids = rows.map((row) => row.pid);
    if (pid !== undefined) pids.push(pid);
    return new Map(pids.map((one) => [one, readProcessorTime(one)] as const));
  };
  const meter = async () => {
    const begin = await readAll();
    return async () =>
      [...(await readAll())].reduce(
        (sum, [one, time]) => sum + time - (begin.get(one) ?? 0),
        0,
      );
  };
  return { meter, close: () => pool.end() };
}
