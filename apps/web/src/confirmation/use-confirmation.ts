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
  /** What may be offered again on this page after a sign-in. */
  readonly kinds: readonly Action["kind"][];
  /** Does it. Rejects with the client's error. */
  readonly perform: (action: Action) => Promise<void>;
}

/** An action that is confirmed before it happens. */
export interface Confirmation {
  /** What the dialog asks about; stays while it closes. */
  readonly action: Action | undefined;
  readonly isOpen: boolean;
  /** Whether it is offered again, after the sign-in that it needed. */
  readonly isResumed: boolean;
  readonly isWorking: boolean;
  readonly failure: AuthFailure | undefined;
  readonly ask: (action: Action) => void;
  readonly confirm: () => void;
  readonly cancel: () => void;
  /** Signs in anew, and offers the action again afterwards. */
  readonly signInAgain: () => void;
}

/** Keeps what is being confirmed, and brings back what had to wait for another sign-in. */
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
