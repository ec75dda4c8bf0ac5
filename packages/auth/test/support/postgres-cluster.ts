import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { copyPostgresBinaries, findProcessOwner } from "./postgres-binaries.js";
import type { PostgresBinaries, ProcessOwner } from "./postgres-binaries.js";

/** The files of a PostgreSQL server. */
export interface Cluster {
  readonly binaries: PostgresBinaries;
  readonly owner: ProcessOwner;
  readonly data: string;
  readonly settings: PostgresSettings;
}

/** Settings of a server, as `postgresql.conf` names them. */
export type PostgresSettings = Readonly<Record<string, string>>;

// Unusual settings on purpose, so that the tests do not depend on the collation or the time zone.
const initialization = [
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=icu",
  "--icu-locale=en-US",
  "--auth=scram-sha-256",
  "--username=postgres",
  "--no-sync",
  "--no-instructions",
];

const defaultSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  timezone: "Asia/Kathmandu",
  max_connections: "200",
  shared_buffers: "64MB",
  // In the folder, so that it is removed with it.
  dynamic_shared_memory_type: "mmap",
  // A commit is written before it is acknowledged, but not synced to the disk.
  fsync: "off",
  full_page_writes: "off",
  deadlock_timeout: "50ms",
  log_min_messages: "log",
  lc_messages: "C",
};

const environment = { LC_ALL: "C", TZ: "UTC" };

/** Creates the files in the folder, for a server with these settings in addition to the defaults. */
export async function createCluster(
  folder: string,
  password: string,
  settings: PostgresSettings,
): Promise<Cluster> {
  const owner = findProcessOwner();
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  const binaries = await copyPostgresBinaries(join(folder, "native"));
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  // Other users can reach their own files in the folder, but cannot list it.
  await chmod(folder, 0o711);
  for (const path of [data, passwordFile]) await giveTo(owner, path);
  const options = [`--pgdata=${data}`, `--pwfile=${passwordFile}`];
  await promisify(execFile)(binaries.initdb, [...initialization, ...options], {
    ...owner,
    cwd: data,
    env: environment,
  });
  await rm(passwordFile);
  return {
    binaries,
    owner,
    data,
    settings: { ...defaultSettings, ...settings },
  };
}

async function giveTo({ uid, gid }: ProcessOwner, path: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/**
 * Starts the server at the port and waits until it is ready.
 *
 * @throws {Error} with its output if it exits.
 */
export async function startCluster(
  { binaries, owner, data, settings }: Cluster,
  port: number,
): Promise<ChildProcess> {
  const options = Object.entries({ ...settings, port: String(port) }).flatMap(
    ([name, value]) => ["-c", `${name}=${value}`],
  );
  const server = spawn(binaries.postgres, ["-D", data, ...options], {
    ...owner,
    cwd: data,
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  await waitUntilReady(server);
  return server;
}

function waitUntilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    server.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output = `${output}${text}`.slice(-4000);
      if (output.includes("ready to accept connections")) resolve();
    });
    server.once("error", reject);
    server.once("exit", () =>
      reject(new Error(`PostgreSQL did not start: ${output}`)),
    );
  });
}
