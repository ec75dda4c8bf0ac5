import { makeStyles, tokens } from "@fluentui/react-components";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { ReactElement, ReactNode } from "react";
import { ActionButton } from "../elements/action-button.js";
import { LoadProblem } from "../layout/load-problem.js";
import { Waiting } from "../layout/notices.js";

/** The properties of `PagedList`. */
export interface PagedListProps {
  readonly list: Pick<
    UseInfiniteQueryResult,
    | "isPending"
    | "error"
    | "hasNextPage"
    | "isFetchingNextPage"
    | "fetchNextPage"
    | "refetch"
  >;
  /** The plural of the items, such as "users". */
  readonly what: string;
  readonly count: number;
  /** The rows loaded so far. */
  readonly children: ReactNode;
}

/** A list that is loaded in pages: its rows, their number so far, and a button to load more. */
export function PagedList({
  list,
  what,
  count,
  children,
}: PagedListProps): ReactElement {
  if (list.isPending) return <Waiting>{`Loading the ${what}…`}</Waiting>;
  return (
    <>
      {count > 0 && children}
      {list.error !== null && (
        <LoadProblem
          what={`list of ${what}`}
          error={list.error}
          retry={() => void list.refetch()}
        />
      )}
      {list.error === null && <More list={list} what={what} count={count} />}
    </>
  );
}

function More({
  list: { hasNextPage, isFetchingNextPage, fetchNextPage },
  what,
  count,
}: Omit<PagedListProps, "children">): ReactElement {
  const styles = useStyles();
  const summary = useRef<HTMLOutputElement>(null);
  const hadNextPage = useRef(hasNextPage);

  useEffect(() => {
    // The focused button was removed.
    if (hadNextPage.current && !hasNextPage)
      summary.current?.focus({ preventScroll: true });
    hadNextPage.current = hasNextPage;
  }, [hasNextPage]);

  return (
    <div className={styles.more}>
      <output ref={summary} tabIndex={-1} className={styles.summary}>
        {describeCount(count, hasNextPage, what)}
      </output>
      {hasNextPage && (
        <ActionButton
          disabledFocusable={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {isFetchingNextPage ? "Loading…" : "Load more"}
        </ActionButton>
      )}
    </div>
  );
}

function describeCount(count: number, isMore: boolean, what: string): string {
  if (count === 0) return `No ${what} found.`;
  if (isMore) return `The first ${count} ${what}. There are more.`;
  return count === 1 ? "That is the only one." : `${count} ${what} in all.`;
}

const useStyles = makeStyles({
  more: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: "12px",
    marginTop: "16px",
  },
  summary: {
    color: tokens.colorNeutralForeground2,
    ":focus": { outlineStyle: "none" },
  },
});
