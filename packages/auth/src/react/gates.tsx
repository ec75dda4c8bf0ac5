import { Fragment } from "react";
import type { ReactNode } from "react";
import { useAuth } from "./use-auth.js";

/** The properties of `SignedIn` and `SignedOut`. */
export interface GateProps {
  readonly children?: ReactNode | undefined;
}

/** The properties of `RequireAuth`. */
export interface RequireAuthProps {
  /** Shown to somebody who is signed in, and to nobody else. */
  readonly children?: ReactNode | undefined;
  /** Shown when nobody is signed in. */
  readonly fallback?: ReactNode | undefined;
  /** Shown while it is not known yet. */
  readonly loading?: ReactNode | undefined;
  /** Shown when it could not be found out; offer `refresh` here. */
  readonly unavailable?: ReactNode | undefined;
}

/** Shows its children to somebody who is signed in. While that is not known, neither gate shows anything. */
export function SignedIn({ children }: GateProps): ReactNode {
  return <RequireAuth>{children}</RequireAuth>;
}

/** Shows its children when nobody is signed in. While that is not known, neither gate shows anything. */
export function SignedOut({ children }: GateProps): ReactNode {
  return <RequireAuth fallback={children} />;
}

/**
 * Shows its children to somebody who is signed in, and says something fitting to everybody else. The children are
 * mounted afresh when somebody else signs in, so what they hold of one person never shows to the next.
 *
 * A gate is for people's eyes. What it hides is as public as the script it comes from: the data has to be guarded by
 * the procedures that hand it out.
 */
export function RequireAuth({
  children,
  fallback,
  loading,
  unavailable,
}: RequireAuthProps): ReactNode {
  const { status, user } = useAuth();
  const views = {
    signed_in: <Fragment key={user?.id}>{children}</Fragment>,
    signed_out: fallback,
    loading,
    unavailable,
  };
  return views[status];
}
