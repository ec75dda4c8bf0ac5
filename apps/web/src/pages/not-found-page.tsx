import type { ReactElement } from "react";
import { Actions } from "../elements/actions.js";
import { PageLink } from "../elements/page-link.js";
import { Page } from "../layout/page.js";

/** Shown at an unknown address. */
export function NotFoundPage(): ReactElement {
  return (
    <Page title="Page not found">
      <p>
        There is no page at this address. It may have been mistyped or moved.
      </p>
      <Actions>
        <PageLink to="/" isPrimary>
          Go to the start page
        </PageLink>
      </Actions>
    </Page>
  );
}
