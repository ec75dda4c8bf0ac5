import { describe, expect, it } from "vitest";
import { parseModule, readSourceModules } from "./support/source-modules.js";

const published = ["packages/auth/src/", "packages/entra-emulator/src/"];

function parse(text: string): readonly string[] {
  return parseModule("packages/auth/src/sample.ts", text).narrowOptionals;
}

describe("an optional property of a published package", () => {
  it("accepts undefined, for apps that compile with exactOptionalPropertyTypes", () => {
    const narrow = readSourceModules()
      .filter(({ file }) => published.some((part) => file.startsWith(part)))
      .flatMap(({ file, narrowOptionals }) =>
        narrowOptionals.map((name) => `${file}: ${name}`),
      );

    expect(narrow).toEqual([]);
  });
});

describe("this test", () => {
  it.each([
    ["interface A { readonly name?: string }", ["name"]],
    ["type A = { name?: (text: string | undefined) => void }", ["name"]],
    ["function a(options: { name?: string }): void {}", ["name"]],
    ["interface A { b: { name?: 1 | 2 } }", ["name"]],
    ["export type A = Partial<B>;", ["A: Partial"]],
    ["export interface A { b: Partial<B> | undefined }", ["A: Partial"]],
  ])("finds the narrow property in %j", (text, names) => {
    expect(parse(text)).toEqual(names);
  });

  it.each([
    "interface A { readonly name?: string | undefined }",
    "interface A { name?: unknown }",
    "interface A { name: string }",
    "interface A { run(name?: string): void }",
    "const a: Partial<B> = {};",
  ])("accepts %j", (text) => {
    expect(parse(text)).toEqual([]);
  });
});
