import { describe, expect, it } from "vitest";
import { readCallbackParameters } from "./callback-parameters.js";

describe("readCallbackParameters", () => {
  it("keeps every value unchanged", () => {
    const search = "?code=0.AX%2Ba&state=001&session_state=1e5";

    expect(readCallbackParameters(search)).toEqual({
      code: "0.AX+a",
      state: "001",
      session_state: "1e5",
    });
  });

  it("keeps a repeated parameter, which the server refuses", () => {
    expect(readCallbackParameters("?iss=a&code=1&iss=b")).toEqual({
      iss: ["a", "b"],
      code: "1",
    });
  });

  it.each(["", "?"])("returns undefined for %j", (search) => {
    expect(readCallbackParameters(search)).toBeUndefined();
  });
});
