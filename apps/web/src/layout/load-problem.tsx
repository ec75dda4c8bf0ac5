import type { ReactElement } from "react";
import { ActionButton } from "./action-button.js";
import { Problem } from "./notices.js";

/** Says that a part of the page could not be loaded, and offers to try again. */
export function LoadProblem({
  what,
  retry,
}: {
  /** What is missing, after "The": "greeting". */
  readonly what: string;
  readonly retry: () => void;
}): ReactElement {
  return (
    <Problem
      title={`The ${what} could not be loaded`}
      action={<ActionButton onClick={retry}>Try again</ActionButton>}
    >
      The service did not answer as expected.
    </Problem>
  );
}
