import { makeStyles, tokens } from "@fluentui/react-components";
import { useEffect } from "react";
import type { ReactElement, ReactNode } from "react";

const productName = "Entrada";

/** A page with its document title, its main heading and its content. */
export function Page({
  title,
  heading = title,
  children,
}: {
  readonly title: string;
  readonly heading?: string;
  readonly children?: ReactNode;
}): ReactElement {
  const styles = useStyles();

  useEffect(() => {
    document.title =
      title === productName ? title : `${title} – ${productName}`;
  }, [title]);

  return (
    <div className={styles.page}>
      <h1 className={styles.heading} tabIndex={-1}>
        {heading}
      </h1>
      {children}
    </div>
  );
}

/** A part of a page with its own heading. */
export function Section({
  heading,
  id,
  children,
}: {
  readonly heading: string;
  readonly id: string;
  readonly children: ReactNode;
}): ReactElement {
  const styles = useStyles();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <h2 className={styles.sectionHeading} id={id} tabIndex={-1}>
        {heading}
      </h2>
      {children}
    </section>
  );
}

/** Moves the focus to a section's heading after the focused element was removed. */
export function focusHeading(sectionId: string): void {
  document.getElementById(sectionId)?.focus({ preventScroll: true });
}

const useStyles = makeStyles({
  page: {
    display: "grid",
    rowGap: "20px",
    gridTemplateColumns: "minmax(0, 1fr)",
  },
  heading: {
    margin: 0,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: "anywhere",
  },
  section: {
    padding: "20px",
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  sectionHeading: {
    margin: "0 0 16px",
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
  },
});
