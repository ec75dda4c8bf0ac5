import { expect, it } from "vitest";
import { createCors } from "./cors.js";

it.each([
  "*",
  "null",
  "",
  "https://spa.example/",
  "https://spa.example/path",
  "https://SPA.example",
  "https://spa.example:443",
  "spa.example",
  "https://*.example",
  "file:///a",
])("[B8] createCors refuses %j, which is not an origin", (origin) => {
  expect(() => createCors({ origins: [origin] })).toThrow(
    "is not an origin. Use scheme, host and port alone",
  );
});

it("createCors accepts origins with and without a port", () => {
  const origins = ["https://spa.example", "http://localhost:5173"];

  expect(() => createCors({ origins })).not.toThrow();
});
