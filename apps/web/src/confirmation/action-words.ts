import type { Action } from "./pending-action.js";

/** How an action is asked for. */
export interface ActionWords {
  readonly question: string;
  readonly consequence: string;
  readonly confirm: string;
  /** On the button while it happens. */
  readonly working: string;
}

/** Returns the words in which somebody is asked to confirm the action. */
export function wordAction({ kind, subjectName }: Action): ActionWords {
  return words[kind](subjectName);
}

const words: Record<Action["kind"], (name: string) => ActionWords> = {
  end_session: (name) => ({
    question: "End this session?",
    consequence: `${name} will be signed out at once. Whoever uses it has to sign in again.`,
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
