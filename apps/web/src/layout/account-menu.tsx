import { useAuth } from "@entrada/auth/react";
import { lazy } from "react";
import type { ComponentType, ReactElement } from "react";
import type { PersonMenuProps } from "./person-menu.js";

// Nobody waits for it: it is on its way while the server is asked who is signed in.
void loadPersonMenu().catch(() => undefined);

const LazyPersonMenu = lazy(loadPersonMenu);

/** The menu of the person who is signed in; nothing otherwise. */
export function AccountMenu(): ReactElement | undefined {
  const { user } = useAuth();
  return user && <LazyPersonMenu user={user} />;
}

async function loadPersonMenu(): Promise<{
  default: ComponentType<PersonMenuProps>;
}> {
  const { PersonMenu } = await import("./person-menu.js");
  return { default: PersonMenu };
}
