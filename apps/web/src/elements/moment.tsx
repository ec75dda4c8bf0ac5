import type { ReactElement } from "react";

// The page is in English, whatever the visitor's other languages; the time zone is theirs.
const language =
  navigator.languages.find((tag) => tag.startsWith("en")) ?? "en-GB";

const format = new Intl.DateTimeFormat(language, {
  dateStyle: "medium",
  timeStyle: "short",
});

const exactFormat = new Intl.DateTimeFormat(language, {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** A point in time, for people and for machines. */
export function Moment({
  instant,
  isExact = false,
}: {
  readonly instant: string;
  /** Whether the seconds matter. */
  readonly isExact?: boolean;
}): ReactElement {
  return (
    <time dateTime={instant}>
      {(isExact ? exactFormat : format).format(new Date(instant))}
    </time>
  );
}
