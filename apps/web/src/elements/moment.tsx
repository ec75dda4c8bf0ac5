import type { ReactElement } from "react";

// The page is in English. The time zone is the visitor's.
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

/** An instant as a `time` element. */
export function Moment({
  instant,
  isExact = false,
}: {
  readonly instant: string;
  /** Whether to show seconds. */
  readonly isExact?: boolean;
}): ReactElement {
  return (
    <time dateTime={instant}>
      {(isExact ? exactFormat : format).format(new Date(instant))}
    </time>
  );
}
