import { useAuth } from "@entrada/auth/react";
import { lazy } from "react";
import type { ComponentType, ReactElement } from "react";
import type { PersonMenuProps } from "./person-menu.js";

// Loaded early, while the session is requested.
void loadPersonMenu().catch(() => undefined);

const LazyPersonMenu = lazy(loadPersonMenu);

/** The menu of the signed-in user, if there is one. */
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
