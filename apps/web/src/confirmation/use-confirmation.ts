import { parseAuthFailure, useAuth } from "@entrada/auth/react";
import type { AuthFailure } from "@entrada/auth/react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { wishesAfter } from "../sign-in/sign-in-wishes.js";
import { useStartSignIn } from "../sign-in/use-start-sign-in.js";
import {
  findPendingAction,
  forgetPendingAction,
  rememberPendingAction,
} from "./pending-action.js";
import type { Action } from "./pending-action.js";

/** What `useConfirmation` needs. */
export interface ConfirmationOptions {
  /** The actions that this page may offer again after a sign-in. */
  readonly kinds: readonly Action["kind"][];
  /** Performs the action. Rejects with the client's error. */
  readonly perform: (action: Action) => Promise<void>;
}

/** The state of a confirmation. */
export interface Confirmation {
  /** The action to confirm; still set while the dialog closes. */
  readonly action: Action | undefined;
  readonly isOpen: boolean;
  /** Whether the action is offered again after the sign-in that it required. */
  readonly isResumed: boolean;
  readonly isWorking: boolean;
  readonly failure: AuthFailure | undefined;
  readonly ask: (action: Action) => void;
  readonly confirm: () => void;
  readonly cancel: () => void;
  /** Starts a new sign-in, after which the action is offered again. */
  readonly signInAgain: () => void;
}

/** Returns the state of a confirmation, and restores an action that required a new sign-in. */
export function useConfirmation({
  kinds,
  perform,
}: ConfirmationOptions): Confirmation {
  const owner = useOwner();
  const [resumed] = useState(() => owner && findPendingAction(kinds, owner));
  const [action, setAction] = useState(resumed);
  const [isOpen, setOpen] = useState(resumed !== undefined);
  const { mutate, reset, isPending, error } = useMutation({
    mutationFn: perform,
    onSuccess: () => setOpen(false),
  });
  const failure = error ? parseAuthFailure(error) : undefined;
  const startSignIn = useStartSignIn();
  const { user } = useAuth();

  useEffect(() => {
    if (resumed !== undefined) forgetPendingAction();
  }, [resumed]);

  return {
    action,
    isOpen,
    isResumed: action !== undefined && action === resumed,
    isWorking: isPending,
    failure,
    ask: (asked) => {
      reset();
      setAction(asked);
      setOpen(true);
    },
    confirm: () => {
      if (action !== undefined && !isPending) mutate(action);
    },
    cancel: () => {
      if (!isPending) setOpen(false);
    },
    signInAgain: () => {
      if (!action || !owner || !failure) return;
      rememberPendingAction(action, owner);
      startSignIn({
        ...wishesAfter(failure),
        loginHint: user?.preferredUsername ?? undefined,
      });
    },
  };
}

function useOwner(): Parameters<typeof findPendingAction>[1] | undefined {
  const { user, session } = useAuth();
  return user && { userId: user.id, sessionId: session.id };
}
