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

it("auth.callback hashes the state once", async () => {
  const browser = openTrpcBrowser(createTestAuth());
  const input = await browser.startSignIn(testPeople.ada);
  const hashed = watchHashes();

  const answer = await browser.call("auth.callback", { method: "POST", input });

  expect(answer.status).toBe(200);
  expect(hashed.filter((data) => data === input["state"])).toHaveLength(1);
});
