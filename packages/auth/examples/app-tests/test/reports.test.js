import { expect, test } from "vitest";
import { signInAs } from "@entrada/auth/testing";
import { auth } from "../auth.js";

test("Ada reads her reports", async () => {
  const ada = await signInAs(auth, { name: "Ada", roles: ["Admin"] });
  const response = await fetch(`${process.env.APP_URL}/admin`, {
    headers: ada.headers,
  });
  expect(response.status).toBe(200);
});
