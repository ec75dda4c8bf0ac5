import { copyFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInPeople } from "@entrada/entra-emulator";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import { runBackup } from "../support/backup-process.js";
import { countRows, withDatabase } from "../support/database-file.js";
import { startServerGroup } from "../support/server-group.js";
import type { ServerGroup } from "../support/server-group.js";

const { ada, ben } = builtInPeople;
const backupCount = 3;

let group: ServerGroup;
let folder: string;

beforeAll(async () => {
  group = await startServerGroup(1);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "entrada-backup-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

afterAll(async () => {
  await group?.stop();
});

function backUp(target: string, ...options: readonly string[]) {
  return runBackup(
    `file:${group.databasePath}`,
    [join(folder, target), ...options],
    folder,
  );
}

/** Restores as documented: stop the server, delete the write-ahead log, replace the file, start the server. */
async function restore(backup: string): Promise<void> {
  await group.servers[0]?.stop("SIGKILL");
  for (const suffix of ["-wal", "-shm"])
    await rm(`${group.databasePath}${suffix}`, { force: true });
  await copyFile(join(folder, backup), group.databasePath);
  await group.restart(0);
}

function inspect(backup: string): readonly unknown[] {
  return withDatabase(join(folder, backup), (database) => [
    ...database.prepare("PRAGMA integrity_check").pluck().all(),
    ...database.prepare("PRAGMA foreign_key_check").all(),
  ]);
}

/** Starts two sequences of sign-ins. The returned function stops them and returns the number of sign-ins. */
function keepSigningIn(): () => Promise<number> {
  const stopping = new AbortController();
  const signIn = async () => {
    let count = 0;
    while (!stopping.signal.aborted) {
      await group.createVisitor().signIn(ben.upn);
      count += 1;
    }
    return count;
  };
  const running = Promise.all([signIn(), signIn()]);
  return async () => {
    stopping.abort();
    return (await running).reduce((sum, count) => sum + count, 0);
  };
}

async function isSignedIn(visitor: {
  query(name: "auth.me"): Promise<{ readonly data: object | null }>;
}): Promise<boolean> {
  return (await visitor.query("auth.me")).data !== null;
}

describe(
  "a backup of a running server's database",
  { timeout: 120_000 },
  () => {
    it("made during sign-ins is intact, and a server that starts from it has the sessions of that moment", async () => {
      const before = group.createVisitor();
      await before.signIn(ada.upn);
      const stop = keepSigningIn();
      const statuses = [];
      for (let index = 0; index < backupCount; index += 1)
        statuses.push((await backUp(`${index}.db`)).code);
      const signIns = await stop();
      const after = group.createVisitor();
      await after.signIn(ada.upn);

      await restore("0.db");

      expect(statuses).toEqual([0, 0, 0]);
      expect(signIns).toBeGreaterThan(0);
      for (let index = 0; index < backupCount; index += 1)
        expect(inspect(`${index}.db`)).toEqual(["ok"]);
      expect(await isSignedIn(before)).toBe(true);
      expect(await isSignedIn(after)).toBe(false);
      await after.signIn(ada.upn);
      expect(await isSignedIn(after)).toBe(true);
    });

    it("restores an ended session, unless it was made without sessions", async () => {
      const visitor = group.createVisitor();
      await visitor.signIn(ada.upn, { scopes: ["User.Read"] });
      const name = "__Host-Http-session";
      const session = visitor.cookies().get(name) ?? "";
      await backUp("with.db");
      await backUp("without.db", "--without-sessions");
      await visitor.mutate("auth.logout");

      await restore("with.db");
      visitor.browser.setCookie(group.appUrl, name, session);
      const isBack = await isSignedIn(visitor);
      await restore("without.db");

      expect(isBack).toBe(true);
      expect(await isSignedIn(visitor)).toBe(false);
      const { user, ...others } = countRows(join(folder, "without.db"));
      expect(user).toBe(countRows(join(folder, "with.db")).user);
      expect(others).toEqual({ flow: 0, session: 0, token_cache: 0 });
      expect((await visitor.signIn(ada.upn)).data.isNewUser).toBe(false);
    });

    it("is readable only by its owner, and leaves no other file", async () => {
      await backUp("a.db");
      await backUp("b.db", "--without-sessions");

      const modes = await Promise.all(
        ["a.db", "b.db"].map(async (file) => {
          const { mode } = await stat(join(folder, file));
          return (mode & 0o777).toString(8);
        }),
      );
      expect(modes).toEqual(["600", "600"]);
      expect((await readdir(folder)).toSorted()).toEqual(["a.db", "b.db"]);
    });

    it("does not overwrite a file", async () => {
      await group.createVisitor().signIn(ada.upn);
      await backUp("a.db");
      const { session } = countRows(join(folder, "a.db"));

      const again = await backUp("a.db", "--without-sessions");

      expect(again).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("exists already"),
      });
      expect(session).toBeGreaterThan(0);
      expect(countRows(join(folder, "a.db")).session).toBe(session);
      expect(await readdir(folder)).toEqual(["a.db"]);
    });

    it.each([
      [
        "the database does not exist",
        "file:./none.db",
        "a.db",
        "cannot be backed up",
      ],
      [
        "the database is a PostgreSQL server",
        "postgres://entrada:secret@localhost/entrada",
        "a.db",
        "PostgreSQL",
      ],
      ["no file is named", "file:./none.db", "--without-sessions", "Usage"],
      ["an option is unknown", "file:./none.db", "--everything", "Usage"],
    ])(
      "fails with a reason if %s, and leaves no file",
      async (_, databaseUrl, parameter, reason) => {
        const ended = await runBackup(databaseUrl, [parameter], folder);

        expect(ended.code).toBe(1);
        expect(ended.stderr).toContain(reason);
        expect(ended.stderr).not.toContain("secret");
        expect(await readdir(folder)).toEqual([]);
      },
    );
  },
);
