import type { Chapter } from "./security-requirements.js";
import type { TestTitle } from "./test-titles.js";

const head = `# Security requirements and their tests

Each requirement, where it comes from, and the tests that fail when it breaks. [threat-model.md](threat-model.md) describes the
threats and defences; [asvs.md](asvs.md) goes through the OWASP ASVS chapter by chapter.

This file is generated: \`cd packages/auth && npx vitest run --project unit test/security-tests-document -u\` writes it from
\`packages/auth/test/security-requirements.ts\` and the IDs in front of the titles of the tests (\`[F15] ...\`). To run the tests
of one requirement: \`npx vitest run -t "\\[F15\\]"\`.

Paths are from the root of the repository. A text in straight double quotes is the name of a test, of a group of tests, or of
a rule that every store must pass. Files under \`apps/server/test\` and \`packages/auth/test/conformance\` run over HTTP, against
the built server (or a small app on the package) and an identity provider that misbehaves on command; those under
\`apps/server/e2e\` run a real Chromium.

Sources: RFC 10017 is OAuth 2.0 for Browser-Based Applications, RFC 9700 the OAuth 2.0 security BCP, OIDC Core is OpenID
Connect Core 1.0, ASVS is version 5.0.0. A number alone under ID token is a section of OIDC Core.
`;

const tail = `## What these tests do not show

- The tests use the emulator and a certified provider instead of Entra ID; no test uses the real service.
- The browsers are a cookie jar that follows the specifications, and Chromium. Other browsers are not tested.
- Rows about one database are about SQLite. PostgreSQL passes the same store contract, and the tests in
  \`packages/auth/src/drizzle/postgres\` and of several servers.
`;

/** Returns the text of tests.md. */
export function formatTestsDocument(
  chapters: readonly Chapter[],
  titles: readonly TestTitle[],
): string {
  return [
    head,
    ...chapters.map((chapter) => formatChapter(chapter, titles)),
    tail,
  ].join("\n");
}

function formatChapter(
  { heading, text, requirements }: Chapter,
  titles: readonly TestTitle[],
): string {
  const rows = requirements.map(([id, requirement, source]) => {
    const tests = titles.filter(({ ids }) => ids.includes(id));
    return formatRow([id, requirement, source, formatTests(tests)]);
  });
  return [
    `## ${heading}`,
    "",
    ...(text === "" ? [] : [text, ""]),
    formatRow(["ID", "Requirement", "Source", "Shown by"]),
    formatRow(["---", "---", "---", "---"]),
    ...rows,
    "",
  ].join("\n");
}

function formatRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function formatTests(tests: readonly TestTitle[]): string {
  return [...new Set(tests.map(({ file }) => file))]
    .map((file) => {
      const names = tests.filter((test) => test.file === file);
      return `\`${file}\`: ${names.map(({ name }) => `"${name}"`).join(", ")}`;
    })
    .join("; ");
}
