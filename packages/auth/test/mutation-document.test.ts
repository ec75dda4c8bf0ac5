import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const text = readFileSync(new URL("../MUTATION.md", import.meta.url), "utf8");

/** Returns the cells of the rows between two comments, the table's head left out. */
function readTable(name: string): readonly (readonly string[])[] {
  const [, section = ""] = text.split(new RegExp(`<!-- /?${name} -->`));
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("MUTATION.md", () => {
  it("has figures of a run in which at least 85 % of the mutants were found", () => {
    const [name, killed, timedOut, survived, notCovered] =
      readTable("figures").at(-1) ?? [];

    const found = Number(killed) + Number(timedOut);
    const lived = Number(survived) + Number(notCovered);
    expect(name).toBe("**Total**");
    expect(found).toBeGreaterThan(1000);
    expect(found / (found + lived)).toBeGreaterThanOrEqual(0.85);
  });

  it("says of each mutant that lives why", () => {
    const rows = readTable("survivors");

    expect(rows.filter(([, , , reason = ""]) => reason === "")).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
  });
});
