import type { ReactElement } from "react";
import { Waiting } from "../layout/notices.js";
import { Page } from "../layout/page.js";

/** Shown while a page's script is loading. */
export function PendingPage(): ReactElement {
  return (
    <Page title="Entrada" heading="One moment">
      <Waiting>Loading the page…</Waiting>
    </Page>
  );
}
