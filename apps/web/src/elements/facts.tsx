import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";

/** One line of a list of facts. A fact without a value is omitted. */
export interface Fact {
  readonly term: string;
  readonly value: ReactNode;
  /** Whether the value is a code or an ID, which has a fixed-width font. */
  readonly isCode?: boolean;
}

/** The properties of `Facts` and `FactGrid`. */
export interface FactsProps {
  readonly facts: readonly Fact[];
}

/** A description list with terms beside their values, or above them on a narrow screen. */
export function Facts({ facts }: FactsProps): ReactElement {
  const styles = useStyles();
  return (
    <dl className={styles.list}>
      {facts.filter(hasValue).map((fact) => (
        <FactRow key={fact.term} className={styles.row} fact={fact} />
      ))}
    </dl>
  );
}

/** A compact description list: short facts side by side with the term above, and codes in separate rows. */
export function FactGrid({ facts }: FactsProps): ReactElement {
  const styles = useStyles();
  return (
    <dl className={styles.grid}>
      {facts.filter(hasValue).map((fact) => (
        <FactRow
          key={fact.term}
          className={fact.isCode ? styles.wholeRow : ""}
          fact={fact}
        />
      ))}
    </dl>
  );
}

function FactRow({
  className,
  fact: { term, value, isCode },
}: {
  readonly className: string;
  readonly fact: Fact;
}): ReactElement {
  const styles = useStyles();
  return (
    <div className={className}>
      <dt className={styles.term}>{term}</dt>
      <dd className={styles.value}>
        {isCode ? <code className={styles.code}>{value}</code> : value}
      </dd>
    </div>
  );
}

function hasValue({ value }: Fact): boolean {
  return value !== undefined;
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
  grid: {
    margin: 0,
    display: "grid",
    gridTemplateColumns: "repeat(auto-fill, minmax(min(128px, 100%), 1fr))",
    columnGap: "16px",
    rowGap: "8px",
  },
  wholeRow: { gridColumnStart: 1, gridColumnEnd: -1 },
  term: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0, overflowWrap: "anywhere" },
  code: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase300,
  },
});
