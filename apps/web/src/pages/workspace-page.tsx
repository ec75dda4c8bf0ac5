import { useAuth } from "@entrada/auth/react";
import type { ReactElement } from "react";
import { isAdministrator } from "../administration/administrator.js";
import { trpc } from "../api/trpc.js";
import { Facts } from "../elements/facts.js";
import { Moment } from "../elements/moment.js";
import { LoadProblem } from "../layout/load-problem.js";
import { Waiting } from "../layout/notices.js";
import { Page, Section } from "../layout/page.js";
import { Protected } from "../layout/protected.js";

/** A greeting for signed-in users, and a notice for administrators. */
export function WorkspacePage(): ReactElement {
  return (
    <Page title="Workspace">
      <Protected place="your workspace">
        <Greeting />
        <NoticeForAdmins />
      </Protected>
    </Page>
  );
}

function Greeting(): ReactElement {
  const greeting = trpc.workspace.greeting.useQuery();

  return (
    <Section heading="Greeting" id="greeting">
      {greeting.isPending && <Waiting>Loading your greeting…</Waiting>}
      {greeting.isError && (
        <LoadProblem
          what="greeting"
          error={greeting.error}
          retry={() => void greeting.refetch()}
        />
      )}
      {greeting.data && (
        <Facts
          facts={[
            { term: "Message", value: greeting.data.message },
            {
              term: "Organisation",
              value: greeting.data.tenantId,
              isCode: true,
            },
            {
              term: "Signed in",
              value: <Moment instant={greeting.data.signedInAt} />,
            },
          ]}
        />
      )}
    </Section>
  );
}

function NoticeForAdmins(): ReactElement | undefined {
  const { user } = useAuth();
  if (!isAdministrator(user)) return undefined;
  return <AdminNotice />;
}

function AdminNotice(): ReactElement {
  const notice = trpc.workspace.adminNotice.useQuery();

  return (
    <Section heading="Notice for administrators" id="notice">
      {notice.isPending && <Waiting>Loading the notice…</Waiting>}
      {notice.isError && (
        <LoadProblem
          what="notice"
          error={notice.error}
          retry={() => void notice.refetch()}
        />
      )}
      {notice.data?.message}
    </Section>
  );
}
