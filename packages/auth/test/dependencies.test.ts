import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

interface Manifest {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const root = new URL("../../../", import.meta.url);
/** The first version that escapes identifiers. */
const fixed: readonly number[] = [0, 45, 2];

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Returns whether a version is the first fixed one or later. */
function isFixed(version: string): boolean {
  const parts = version.split(".").map(Number);
  const index = parts.findIndex((part, place) => part !== fixed[place]);
  return index < 0 || (parts[index] ?? 0) > (fixed[index] ?? 0);
}

/** Returns every version of a package that the lockfile names. */
function readLockedVersions(name: string): readonly string[] {
  const lockfile = readFileSync(
    fileURLToPath(new URL("pnpm-lock.yaml", root)),
    "utf8",
  );
  const found = lockfile.matchAll(
    new RegExp(`^  '?${name}@(\\d+\\.\\d+\\.\\d+)`, "gm"),
  );
  return [...new Set([...found].map(([, version = ""]) => version))];
}

describe("drizzle-orm", () => {
  it("[V9] is never a version that does not escape identifiers in SQL (CVE-2026-39356), here or in an app", () => {
    const { peerDependencies } = readManifest(
      fileURLToPath(new URL("packages/auth/package.json", root)),
    );
    const installed = readManifest(
      fileURLToPath(
        new URL("packages/auth/node_modules/drizzle-orm/package.json", root),
      ),
    );
    const locked = readLockedVersions("drizzle-orm");

    expect(isFixed(installed.version), installed.version).toBe(true);
    expect(locked.length).toBeGreaterThan(0);
    expect(locked.filter((version) => !isFixed(version))).toEqual([]);
    expect(peerDependencies["drizzle-orm"]).toMatch(/^>=\d+\.\d+\.\d+$/);
    expect(isFixed((peerDependencies["drizzle-orm"] ?? "").slice(2))).toBe(
      true,
    );
  });

  it("is detected if it is older", () => {
    expect(
      ["0.45.1", "0.44.9", "0.45.2", "0.45.10", "0.46.0", "1.0.0"].map(isFixed),
    ).toEqual([false, false, true, true, true, true]);
  });
});
