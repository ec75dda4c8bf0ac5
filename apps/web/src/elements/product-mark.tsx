import type { ReactElement } from "react";

/** The product's logo. It is hidden from screen readers, because the name is beside it. */
export function ProductMark(): ReactElement {
  return (
    <svg
      width="28"
      height="28"
      viewBox="0 0 32 32"
      aria-hidden="true"
      focusable="false"
    >
      <rect width="32" height="32" rx="7" fill="#0f6cbd" />
      <path
        fill="#fff"
        d="M9 26V14a7 7 0 0 1 14 0v12h-3V14a4 4 0 0 0-8 0v12z"
      />
      <circle cx="16" cy="20" r="2" fill="#fff" />
    </svg>
  );
}
