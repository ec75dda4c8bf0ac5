import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, expect, it, vi } from "vitest";
import { openTrpcBrowser } from "../../test/support/trpc-app.js";
import { testPeople } from "../testing/provider/test-people.js";
import { createTestAuth } from "../testing/test-auth.js";

/** Records every string that is hashed after this call. */
function watchHashes(): readonly unknown[] {
  const hashed: unknown[] = [];
  const { createHash } = crypto;
  vi.spyOn(crypto, "createHash").mockImplementation((algorithm, options) => {
    const hash = createHash(algorithm, options);
    const update = hash.update.bind(hash);
    vi.spyOn(hash, "update").mockImplementation((data: unknown) => {
      hashed.push(data);
      return update(String(data));
    });
    return hash;
  });
  syncBuiltinESMExports();
  return hashed;
}

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

it("auth.login hashes state, browser token and code verifier, each once, and nothing else", async () => {
  const browser = openTrpcBrowser(createTestAuth());
  const hashed = watchHashes();

  await browser.startSignIn(testPeople.ada);

  expect(hashed).toHaveLength(3);
  expect(new Set(hashed).size).toBe(3);
});

it("auth.callback hashes state, browser token and session token, each once, and nothing else", async () => {
  const browser = openTrpcBrowser(createTestAuth());
  const input = await browser.startSignIn(testPeople.ada);
  const hashed = watchHashes();

  const answer = await browser.call("auth.callback", { method: "POST", input });

  expect(answer.status).toBe(200);
  // The fourth is the code verifier, which the fake identity provider compares.
  expect(hashed).toHaveLength(4);
  expect(new Set(hashed).size).toBe(4);
  expect(hashed).toContain(input["state"]);
});

it("a sign-in seals one value and opens it once", async () => {
  const browser = openTrpcBrowser(createTestAuth());
  const seals = vi.spyOn(crypto, "createCipheriv");
  const openings = vi.spyOn(crypto, "createDecipheriv");
  syncBuiltinESMExports();

  const input = await browser.startSignIn(testPeople.ada);
  await browser.call("auth.callback", { method: "POST", input });

  expect(seals).toHaveBeenCalledTimes(1);
  expect(openings).toHaveBeenCalledTimes(1);
});
