import { expect, test } from "vitest";
import { signInAs } from "@entrada/auth/testing";
import { auth } from "../auth.js";

const { APP_URL, ENTRA_AUTHORITY } = process.env;

function visit(path, headers = {}) {
  return fetch(new URL(path, APP_URL), { headers, redirect: "manual" });
}

test("a user without the role is refused", async () => {
  const ben = await signInAs(auth, { name: "Ben" });
  const response = await visit("/admin", ben.headers);
  expect(response.status).toBe(403);
});

test("an unauthenticated visitor is sent to the identity provider", async () => {
  const guard = await visit("/admin", { accept: "text/html" });
  const login = await visit(guard.headers.get("location"));
  expect(login.headers.get("location")).toContain(`${ENTRA_AUTHORITY}/`);
});

test("a sign-out ends the session", async () => {
  const ada = await signInAs(auth, { name: "Ada", roles: ["Admin"] });
  await fetch(new URL("/auth/logout", APP_URL), {
    method: "POST",
    headers: ada.headers,
  });
  const response = await visit("/admin", ada.headers);
  expect(response.status).toBe(401);
});
