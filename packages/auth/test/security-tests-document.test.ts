import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  listQuotedTitles,
  parseTables,
  readDocument,
  readTitles,
} from "./security-document.js";

/** A row of a chapter's table in tests.md. */
interface RequirementRow {
  readonly id: string;
  readonly requirement: string;
  readonly source: string;
  readonly tests: string;
}

// The relying-party modules of the OpenID Foundation, each with the word that its tests' titles begin with.
const modules: Readonly<Record<string, string>> = {
  "invalid-iss": "invalid-iss",
  "missing-sub": "missing-sub",
  "invalid-aud": "invalid-aud",
  "missing-aud": "missing-aud",
  "missing-iat": "missing-iat",
  "kid-absent-single-jwks": "kid-absent-single-jwks",
  "kid-absent-multiple-jwks": "kid-absent-multiple-jwks",
  "idtoken-sig-rs256": "idtoken-sig-rs256",
  "idtoken-sig-none": "idtoken-sig-none",
  "invalid-sig-rs256": "invalid-sig-rs256",
  "invalid-sig-hs256": "invalid-sig-hs256",
  "invalid-sig-es256": "invalid-sig-es256",
  "invalid-athash": "invalid-athash",
  "userinfo-invalid-sub": "userinfo-invalid-sub",
  "nonce-invalid": "nonce-invalid",
  "signing-key-rotation": "signing-key-rotation",
  "signing-key-rotation-just-before-signing":
    "signing-key-rotation-just-before-signing",
  "discovery-issuer-mismatch": "discovery-issuer-mismatch",
  "refresh-token": "refresh-token",
  "refresh-token-invalid-issuer": "refresh-token-invalid-issuer",
  "refresh-token-invalid-sub": "refresh-token-invalid-sub",
  "rp-init-logout": "rp-init-logout",
  "rp-init-logout-no-state": "rp-init-logout-no-state",
  "rp-init-logout-other-state": "rp-init-logout-other-state",
  "rp-frontchannel-rpinitlogout": "frontchannel-rp-initiated",
  "rp-frontchannel-opinitlogout": "frontchannel-op-initiated",
  "rp-backchannel-rpinitlogout": "backchannel-rp-init-logout",
  "rp-backchannel-rpinitlogout-alg-none": "backchannel-rp-init-logout-alg-none",
  "rp-backchannel-rpinitlogout-no-event": "backchannel-rp-init-logout-no-event",
  "rp-backchannel-rpinitlogout-with-nonce":
    "backchannel-rp-init-logout-with-nonce",
  "rp-backchannel-rpinitlogout-wrong-alg":
    "backchannel-rp-init-logout-wrong-alg",
  "rp-backchannel-rpinitlogout-wrong-aud":
    "backchannel-rp-init-logout-wrong-aud",
  "rp-backchannel-rpinitlogout-wrong-event":
    "backchannel-rp-init-logout-wrong-event",
  "rp-backchannel-rpinitlogout-wrong-iss":
    "backchannel-rp-init-logout-wrong-iss",
};

// Each advisory with what a title among its tests has to say: the rule, not the number.
const advisories: Readonly<Record<string, RegExp>> = {
  "CVE-2023-3128": /nobody by e-mail/,
  "CVE-2021-41246": /never the one that a sign-in continues/,
  "CVE-2023-48309": /nothing in the session cookie/,
  "CVE-2025-29927": /carries its guards itself/,
  "CVE-2025-61928": /from the session, never from input/,
  "CVE-2025-67490": /the oid is the session's/,
  "CVE-2024-51987": /nobody gets another's/,
  "CVE-2026-39356": /never a version that lets SQL in/,
  nOAuth: /nobody by e-mail/,
};

const chapters = [
  "Flow",
  "ID token",
  "Modules of the OpenID Foundation",
  "Entra ID",
  "Users",
  "Sessions",
  "Sign-out",
  "Cookies and caches",
  "Requests",
  "Sign-in by navigations",
  "Tokens",
  "Audit trail",
  "Advisories",
];
const conformance = "packages/auth/test/conformance";
// Rules that several stores are held to stand in files which their tests call.
const testFile =
  /\.test\.tsx?$|-contract\.ts$|^packages\/auth\/test\/support\//;

function parseRows(text: string): readonly RequirementRow[] {
  return parseTables(text).map(({ cells }) => {
    const [id = "", requirement = "", source = "", tests = ""] = cells;
    return {
      id: cells.length === 4 ? id : `${id} has ${cells.length} cells`,
      requirement,
      source,
      tests,
    };
  });
}

/** Returns the rows that lack words, a source, or a test in a file of tests. */
function findUnfinished(
  rows: readonly RequirementRow[],
): readonly RequirementRow[] {
  return rows.filter(({ id, requirement, source, tests }) => {
    const quoted = listQuotedTitles(tests);
    const isShown =
      quoted.length > 0 &&
      quoted.every(({ file }) => testFile.test(file ?? ""));
    return (
      !/^[A-Z]\d+$/.test(id) || requirement === "" || source === "" || !isShown
    );
  });
}

/** Returns the titles of all tests in the folder of the conformance tests. */
function readConformanceTitles(): readonly string[] {
  const folder = fileURLToPath(new URL("conformance", import.meta.url));
  return readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts"))
    .flatMap((name) => [...readTitles(`${conformance}/${name}`)]);
}

describe("tests.md", () => {
  const text = readDocument("tests.md");
  const rows = parseRows(text);

  it("has its chapters, each with a table", () => {
    const withRows = new Set(parseTables(text).map(({ chapter }) => chapter));

    expect([...withRows]).toEqual(chapters);
  });

  it("has an ID of its own for each requirement", () => {
    const ids = rows.map(({ id }) => id);

    expect(ids.length).toBeGreaterThan(150);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it("has words, a source and a test in each row", () => {
    expect(findUnfinished(rows)).toEqual([]);
  });

  it.each(Object.entries(modules))(
    "has a row and a conformance test for the module %s",
    (module, word) => {
      const row = rows.find(
        ({ requirement }) => requirement === `\`${module}\``,
      );
      const titles = readConformanceTitles();

      expect(titles).toContain(`oidcc-client-test-${module}`);
      expect(titles.filter((title) => title.startsWith(`${word}: `))).toEqual(
        expect.arrayContaining([expect.any(String)]),
      );
      expect(row?.tests).toContain(`"${word}: `);
      expect(row?.tests).toContain(`\`${conformance}/`);
    },
  );

  it.each(Object.entries(advisories))(
    "has a row for %s with a test whose title names the rule",
    (advisory, rule) => {
      const own = rows.filter(({ source }) => source === advisory);
      const titles = own.flatMap(({ tests }) => listQuotedTitles(tests));

      expect(own).toHaveLength(1);
      expect(titles.some(({ title }) => rule.test(title))).toBe(true);
    },
  );

  it("names no advisory that this test does not know", () => {
    const named = text.match(/CVE-\d{4}-\d+/g) ?? [];

    expect(named.filter((name) => !(name in advisories))).toEqual([]);
  });
});

describe("this test", () => {
  it("sees a row without a test, without a source, and one whose test is no test", () => {
    const table = [
      "## Flow",
      "",
      "| ID | Requirement | Source | Shown by |",
      "| -- | -- | -- | -- |",
      '| F1 | a | RFC | `a/b.test.ts`: "a title" |',
      "| F2 | a | RFC | `a/b.test.ts` |",
      '| F3 | a |  | `a/b.test.ts`: "a title" |',
      '| F4 | a | RFC | `a/b.ts`: "a title" |',
      '| F5 | a | RFC | "a title" |',
      '| F6 | a | b | RFC | `a/b.test.ts`: "a title" |',
    ].join("\n");

    const unfinished = findUnfinished(parseRows(table)).map(({ id }) => id);

    expect(unfinished).toEqual(["F2", "F3", "F4", "F5", "F6 has 5 cells"]);
  });
});
