import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";

/** One line of a list of facts. A fact without a value is left out. */
export interface Fact {
  readonly term: string;
  readonly value: ReactNode;
  /** Whether the value is a code or an ID: set in a fixed-width font, and broken anywhere if it has to be. */
  readonly isCode?: boolean;
}

/** A description list: terms beside their values, or above them where there is little room. */
export function Facts({
  facts,
}: {
  readonly facts: readonly Fact[];
}): ReactElement {
  const styles = useStyles();
  return (
    <dl className={styles.list}>
      {facts
        .filter(({ value }) => value !== undefined)
        .map(({ term, value, isCode }) => (
          <div key={term} className={styles.row}>
            <dt className={styles.term}>{term}</dt>
            <dd className={styles.value}>
              {isCode ? <code className={styles.code}>{value}</code> : value}
            </dd>
          </div>
        ))}
    </dl>
  );
}

const useStyles = makeStyles({
  list: { margin: 0, display: "grid", rowGap: "12px" },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    columnGap: "16px",
    rowGap: "2px",
    "@media (min-width: 640px)": {
      gridTemplateColumns: "176px minmax(0, 1fr)",
    },
  },
  term: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0, overflowWrap: "anywhere" },
  code: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase300,
  },
});
