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
  it("answers what was to be done before the person signed in again", () => {
    expect(findPendingAction(["end_session"], after)).toEqual(action);
  });

  it("answers nothing to somebody else", () => {
    const other = { ...after, userId: "user-ben" };

    expect(findPendingAction(["end_session"], other)).toBeUndefined();
  });

  it("answers nothing without another sign-in", () => {
    expect(findPendingAction(["end_session"], before)).toBeUndefined();
  });

  it("answers nothing on a page that does something else", () => {
    expect(findPendingAction(["disable_user"], after)).toBeUndefined();
  });

  it("answers nothing once it is forgotten", () => {
    forgetPendingAction();

    expect(findPendingAction(["end_session"], after)).toBeUndefined();
  });

  it("answers nothing after ten minutes", () => {
    const later = Date.now() + 10 * 60_000;
    vi.spyOn(Date, "now").mockReturnValue(later);

    expect(findPendingAction(["end_session"], after)).toBeUndefined();
  });

  it.each(["", "{", "null", "[]", '"text"', '{"kind":1}'])(
    "answers nothing where the tab keeps %s",
    (text) => {
      window.sessionStorage.setItem("entrada.pending-action", text);

      expect(findPendingAction(["end_session"], after)).toBeUndefined();
    },
  );
});
