import type { Action } from "./pending-action.js";

/** The texts of a confirmation. */
export interface ActionWords {
  readonly question: string;
  readonly consequence: string;
  readonly confirm: string;
  /** The label of the button while the action runs. */
  readonly working: string;
}

/** Returns the texts of the action's confirmation. */
export function wordAction({ kind, subjectName }: Action): ActionWords {
  return words[kind](subjectName);
}

const words: Record<Action["kind"], (name: string) => ActionWords> = {
  end_session: (name) => ({
    question: "End this session?",
    consequence: `${name} will be signed out at once. Its user must sign in again.`,
    confirm: "End session",
    working: "Ending…",
  }),
  disable_user: (name) => ({
    question: `Disable ${name}?`,
    consequence: `All sessions of ${name} end at once, in every browser. ${name} cannot sign in again until an administrator enables them.`,
    confirm: "Disable",
    working: "Disabling…",
  }),
  enable_user: (name) => ({
    question: `Enable ${name}?`,
    consequence: `${name} can sign in again. Sessions that have ended stay ended.`,
    confirm: "Enable",
    working: "Enabling…",
  }),
};
