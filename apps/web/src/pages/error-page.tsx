import type { ReactElement } from "react";
import { ActionButton } from "../elements/action-button.js";
import { Actions } from "../elements/actions.js";
import { Page } from "../layout/page.js";

/** Shown when a page failed to render. It reloads, because the state in memory may be broken. */
export function ErrorPage(): ReactElement {
  return (
    <Page title="Something went wrong">
      <p>
        This page ran into an unexpected error. Loading it again usually helps;
        you stay signed in.
      </p>
      <Actions>
        <ActionButton
          appearance="primary"
          onClick={() => window.location.reload()}
        >
          Try again
        </ActionButton>
        <ActionButton as="a" href="/">
          Go to the start page
        </ActionButton>
      </Actions>
    </Page>
  );
}
