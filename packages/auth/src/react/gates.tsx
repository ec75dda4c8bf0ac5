import { Fragment } from "react";
import type { ReactNode } from "react";
import { useAuth } from "./auth-provider.js";

/** The properties of `SignedIn` and `SignedOut`. */
export interface GateProps {
  readonly children?: ReactNode | undefined;
}

/** The properties of `RequireAuth`. */
export interface RequireAuthProps {
  /** Shown only to a user who is signed in. */
  readonly children?: ReactNode | undefined;
  /** Shown to a visitor who is not signed in. */
  readonly fallback?: ReactNode | undefined;
  /** Shown while the session is being read. */
  readonly loading?: ReactNode | undefined;
  /** Shown if the session could not be read. Offer `refresh` here. */
  readonly unavailable?: ReactNode | undefined;
}

/** Shows its children to a user who is signed in. While the state is unknown, neither gate shows anything. */
export function SignedIn({ children }: GateProps): ReactNode {
  return <RequireAuth>{children}</RequireAuth>;
}

/** Shows its children to a visitor who is not signed in. While the state is unknown, neither gate shows anything. */
export function SignedOut({ children }: GateProps): ReactNode {
  return <RequireAuth fallback={children} />;
}

/**
 * Shows its children to a user who is signed in, and the fitting alternative otherwise. The children are mounted again
 * for another user, so their state is never shown to the next user.
 *
 * A gate is not access control: its children are in the public script. Protect data in the procedures that return it.
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
