import type { AuditTrailEntry } from "@entrada/auth/react";
import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactElement } from "react";
import { Facts } from "../elements/facts.js";
import { Moment } from "../elements/moment.js";
import { aadstsPage } from "../sign-in/aadsts.js";
import { wordEntry } from "./entry-words.js";

/** Entries of the audit trail as sentences, each with its IDs in a details element. */
export function EntryList({
  entries,
}: {
  readonly entries: readonly AuditTrailEntry[];
}): ReactElement {
  const styles = useStyles();
  return (
    <ol className={styles.list}>
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { readonly entry: AuditTrailEntry }): ReactElement {
  const styles = useStyles();
  const { sentence, explanation } = wordEntry(entry);
  return (
    <li className={styles.entry}>
      <span className={styles.moment}>
        <Moment instant={entry.occurredAt} isExact />
      </span>
      <div>
        <p className={styles.sentence}>{sentence}</p>
        {explanation !== undefined && <p>{explanation}</p>}
        <details>
          <summary className={styles.summary}>Details</summary>
          <div className={styles.details}>
            <EntryFacts entry={entry} />
          </div>
        </details>
      </div>
    </li>
  );
}

function EntryFacts({
  entry,
}: {
  readonly entry: AuditTrailEntry;
}): ReactElement {
  const ids = [
    ["User ID", entry.userId],
    ["Administrator's user ID", entry.actorId],
    ["Session ID", entry.sessionId],
    ["Flow ID", entry.flowId],
    ["Code", entry.code],
    ["Reason", entry.reason],
    ["Event", entry.type],
    ["Entry ID", entry.id],
  ] as const;
  return (
    <Facts
      facts={[
        {
          term: "Entra code",
          value:
            entry.aadsts === null ? undefined : (
              <EntraCode code={entry.aadsts} />
            ),
        },
        ...ids.map(([term, id]) => ({
          term,
          value: id ?? undefined,
          isCode: true,
        })),
      ]}
    />
  );
}

function EntraCode({ code }: { readonly code: string }): ReactElement {
  const styles = useStyles();
  return (
    <a className={styles.link} href={aadstsPage(code)}>
      {code}
    </a>
  );
}

const useStyles = makeStyles({
  list: { margin: 0, padding: 0, listStyleType: "none" },
  entry: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    columnGap: "16px",
    paddingTop: "12px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    "@media (min-width: 640px)": {
      gridTemplateColumns: "176px minmax(0, 1fr)",
    },
  },
  moment: { color: tokens.colorNeutralForeground2 },
  sentence: {
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: "anywhere",
  },
  summary: {
    width: "fit-content",
    paddingBlock: "12px",
    paddingRight: "16px",
    color: tokens.colorNeutralForeground2,
    lineHeight: "20px",
    cursor: "pointer",
  },
  details: { paddingBottom: "16px" },
  link: { color: tokens.colorBrandForegroundLink },
});
