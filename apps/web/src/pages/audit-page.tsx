import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { AdministrationPage } from "../administration/administration-page.js";
import { EntryList } from "../administration/entry-list.js";
import { PagedList } from "../administration/paged-list.js";
import { trpc } from "../api/trpc.js";
import { Section } from "../layout/page.js";

const firstPage: string | undefined = undefined;

/** The audit trail for administrators, newest entries first. */
export function AuditPage(): ReactElement {
  return (
    <AdministrationPage title="Audit trail">
      <Trail />
    </AdministrationPage>
  );
}

function Trail(): ReactElement {
  const { client } = trpc.useUtils();
  const list = useInfiniteQuery({
    queryKey: ["administration", "events"],
    queryFn: ({ pageParam, signal }) =>
      client.admin.events.list.query({ before: pageParam }, { signal }),
    initialPageParam: firstPage,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
  });
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];

  return (
    <Section heading="What happened, the newest first" id="trail">
      <PagedList list={list} what="entries" count={entries.length}>
        <EntryList entries={entries} />
      </PagedList>
    </Section>
  );
}
