import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  findPendingAction,
  forgetPendingAction,
  rememberPendingAction,
} from "./pending-action.js";
import type { Action } from "./pending-action.js";

const action: Action = {
  kind: "end_session",
  subjectId: "session-2",
  subjectName: "Edge on Windows",
};
const before = { userId: "user-ada", sessionId: "session-1" };
const after = { userId: "user-ada", sessionId: "session-3" };

beforeEach(() => rememberPendingAction(action, before));

describe("findPendingAction", () => {
  it("returns the action that was pending before the same user signed in again", () => {
    expect(findPendingAction(["end_session"], after)).toEqual(action);
  });

  it("returns undefined for another user", () => {
    const other = { ...after, userId: "user-ben" };

    expect(findPendingAction(["end_session"], other)).toBeUndefined();
  });

  it("returns undefined without a new sign-in", () => {
    expect(findPendingAction(["end_session"], before)).toBeUndefined();
  });

  it("returns undefined for another kind of action", () => {
    expect(findPendingAction(["disable_user"], after)).toBeUndefined();
  });

  it("returns undefined after the action was removed", () => {
    forgetPendingAction();

    expect(findPendingAction(["end_session"], after)).toBeUndefined();
  });

  it("returns undefined after ten minutes", () => {
    const later = Date.now() + 10 * 60_000;
    vi.spyOn(Date, "now").mockReturnValue(later);

    expect(findPendingAction(["end_session"], after)).toBeUndefined();
  });

  it.each(["", "{", "null", "[]", '"text"', '{"kind":1}'])(
    "returns undefined if the storage contains %s",
    (text) => {
      window.sessionStorage.setItem("entrada.pending-action", text);

      expect(findPendingAction(["end_session"], after)).toBeUndefined();
    },
  );
});
