import { Input, Label, makeStyles } from "@fluentui/react-components";
import {
  keepPreviousData,
  useInfiniteQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useId, useState } from "react";
import type { FormEvent, ReactElement } from "react";
import { AdministrationPage } from "../administration/administration-page.js";
import { PagedList } from "../administration/paged-list.js";
import { UserList } from "../administration/user-list.js";
import { trpc } from "../api/trpc.js";
import { ActionDialog } from "../confirmation/action-dialog.js";
import type { Action } from "../confirmation/pending-action.js";
import { useConfirmation } from "../confirmation/use-confirmation.js";
import { ActionButton } from "../elements/action-button.js";
import { OutcomeNotice } from "../layout/notices.js";
import type { Outcome } from "../layout/notices.js";
import { Section } from "../layout/page.js";
import { personName } from "../layout/person-name.js";

const usersKey = ["administration", "users"] as const;
const firstPage: string | undefined = undefined;

/** The users of an administrator's organisation, with buttons to disable and enable them. */
export function UsersPage(): ReactElement {
  return (
    <AdministrationPage title="Users">
      <Users />
    </AdministrationPage>
  );
}

function Users(): ReactElement {
  const [search, setSearch] = useState("");
  const list = useUserList(search);
  const [outcome, setOutcome] = useState<Outcome>();
  const perform = useUserChange(setOutcome);
  const confirmation = useConfirmation({
    kinds: ["disable_user", "enable_user"],
    perform,
  });
  const users = list.data?.pages.flatMap((page) => page.users) ?? [];

  return (
    <Section heading="People of your organisation" id="users">
      <OutcomeNotice outcome={outcome} />
      <SearchForm
        onSearch={(text) => {
          setOutcome(undefined);
          setSearch(text);
        }}
      />
      <PagedList list={list} what="users" count={users.length}>
        <UserList
          users={users}
          onChange={(user) =>
            confirmation.ask({
              kind: user.disabledAt === null ? "disable_user" : "enable_user",
              subjectId: user.id,
              subjectName: personName(user),
            })
          }
        />
      </PagedList>
      <ActionDialog confirmation={confirmation} />
    </Section>
  );
}

function useUserList(search: string) {
  const { client } = trpc.useUtils();
  return useInfiniteQuery({
    queryKey: [...usersKey, search],
    queryFn: ({ pageParam, signal }) =>
      client.admin.users.list.query({ search, after: pageParam }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

function useUserChange(
  report: (outcome: Outcome) => void,
): (action: Action) => Promise<void> {
  const { client } = trpc.useUtils();
  const queryClient = useQueryClient();

  return async ({ kind, subjectId: userId, subjectName }) => {
    if (kind === "enable_user") {
      await client.admin.users.enable.mutate({ userId });
      report({
        intent: "success",
        text: `${subjectName} is enabled and can sign in again.`,
      });
    } else {
      const ended = await client.admin.users.disable.mutate({ userId });
      report({
        intent: "success",
        text: `${subjectName} is disabled. ${countSessions(ended.endedSessions)} at once.`,
      });
    }
    void queryClient.invalidateQueries({ queryKey: usersKey });
  };
}

function countSessions(count: number): string {
  if (count === 0) return "No session was open, so none ended";
  return count === 1 ? "1 session ended" : `${count} sessions ended`;
}

function SearchForm({
  onSearch,
}: {
  readonly onSearch: (text: string) => void;
}): ReactElement {
  const [text, setText] = useState("");
  const inputId = useId();
  const styles = useStyles();

  function search(event: FormEvent): void {
    event.preventDefault();
    onSearch(text.trim());
  }

  return (
    <form className={styles.form} onSubmit={search}>
      <Label htmlFor={inputId}>Name or user name contains</Label>
      <Input
        id={inputId}
        type="search"
        size="large"
        className={styles.input}
        input={{ maxLength: 100, autoComplete: "off" }}
        value={text}
        onChange={(_, { value }) => setText(value)}
      />
      <ActionButton type="submit">Search</ActionButton>
    </form>
  );
}

const useStyles = makeStyles({
  form: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px 12px",
    marginBottom: "20px",
    "& > label": { flexBasis: "100%" },
  },
  input: { flexGrow: 1, maxWidth: "360px", minWidth: 0, minHeight: "44px" },
});
