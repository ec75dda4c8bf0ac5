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

/** The user's sessions, with buttons to end them. */
export function Sessions(): ReactElement {
  // Always reloaded, because users look here for unknown sessions.
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
  report: (outcome: Outcome) => void,
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
    report(
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

/** Treats a session that has already ended as a success. */
function takeMissing(error: unknown): false {
  if (parseAuthFailure(error).code === "session_not_found") return false;
  throw error;
}
