import { describe, expect, it } from "vitest";
import { EnvironmentError } from "../variable-reader.js";
import { explainMissingDriver } from "./missing-driver.js";

describe("explainMissingDriver", () => {
  it("names the command that installs a missing driver", async () => {
    const name = "not-an-installed-driver";

    const failed = import(name).catch((error: unknown) =>
      explainMissingDriver(error, "npm install drizzle-orm pg"),
    );

    await expect(failed).rejects.toEqual(
      new EnvironmentError([
        "DATABASE_URL names a database whose driver is not installed: npm install drizzle-orm pg",
      ]),
    );
  });

  it("rethrows any other error", () => {
    const error = new Error("The native module does not fit this Node.");

    expect(() => explainMissingDriver(error, "npm install")).toThrow(error);
  });
});
