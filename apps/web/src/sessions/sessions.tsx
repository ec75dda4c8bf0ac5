import { parseAuthFailure } from "@entrada/auth/react";
import { useState } from "react";
import type { ReactElement } from "react";
import { trpc } from "../api/trpc.js";
import { ActionDialog } from "../confirmation/action-dialog.js";
import type { Action } from "../confirmation/pending-action.js";
import { useConfirmation } from "../confirmation/use-confirmation.js";
import { LoadProblem } from "../layout/load-problem.js";
import { OutcomeNotice, Waiting } from "../layout/notices.js";
import type { Outcome } from "../layout/notices.js";
import { focusHeading, Section } from "../layout/page.js";
import { describeDevice } from "./device.js";
import { SessionList } from "./session-list.js";
import { SignOutEverywhere } from "./sign-out-everywhere.js";

const sectionId = "sessions";

/** Every browser in which the person is signed in, and the ways to end that. */
export function Sessions(): ReactElement {
  // Somebody looks here to see who else is in: never from memory.
  const sessions = trpc.auth.sessions.list.useQuery(undefined, {
    staleTime: 0,
  });
  const [outcome, setOutcome] = useState<Outcome>();
  const end = useEndSession(setOutcome);
  const confirmation = useConfirmation({
    kinds: ["end_session"],
    perform: end,
  });

  return (
    <Section heading="Your sessions" id={sectionId}>
      <OutcomeNotice outcome={outcome} />
      {sessions.isPending && <Waiting>Loading your sessions…</Waiting>}
      {sessions.isError && (
        <LoadProblem
          what="list of your sessions"
          error={sessions.error}
          retry={() => void sessions.refetch()}
        />
      )}
      {sessions.data && (
        <SessionList
          sessions={sessions.data}
          onEnd={({ id, userAgent }) =>
            confirmation.ask({
              kind: "end_session",
              subjectId: id,
              subjectName: describeDevice(userAgent).name,
            })
          }
        />
      )}
      <SignOutEverywhere />
      <ActionDialog confirmation={confirmation} />
    </Section>
  );
}

function useEndSession(
  tell: (outcome: Outcome) => void,
): (action: Action) => Promise<void> {
  const { client, auth } = trpc.useUtils();

  return async ({ subjectId, subjectName }) => {
    const hasEnded = await client.auth.sessions.revoke
      .mutate({ sessionId: subjectId })
      .then(() => true, takeMissing);
    auth.sessions.list.setData(undefined, (sessions) =>
      sessions?.filter(({ id }) => id !== subjectId),
    );
    void auth.sessions.list.invalidate();
    tell(
      hasEnded
        ? { intent: "success", text: `${subjectName} is signed out.` }
        : {
            intent: "info",
            text: `The session of ${subjectName} had already ended. The list is up to date again.`,
          },
    );
    focusHeading(sectionId);
  };
}

/** What is gone already is as gone as it was to be. */
function takeMissing(error: unknown): false {
  if (parseAuthFailure(error).code === "session_not_found") return false;
  throw error;
}
