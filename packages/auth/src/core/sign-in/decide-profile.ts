import { AuthError } from "../error.js";
import type { Core } from "../core.js";
import type { SignIn } from "../options.js";
import { userDisabled } from "../session/session.js";
import type { UserProfile } from "../stores/user.js";

/** The facts about a sign-in that the app's callbacks receive besides the user. */
export type SignInFacts = Pick<SignIn, "idTokenClaims" | "hasGroupOverage">;

/**
 * Returns the profile with the roles and groups that the app decides on. Nothing is stored yet, so a sign-in that
 * `onSignIn` refuses, or for which it throws, does not change the user's permissions.
 */
export async function decideProfile(
  { userStore, settings: { onSignIn } }: Core,
  profile: UserProfile,
  facts: SignInFacts,
): Promise<UserProfile> {
  if (onSignIn === undefined) return profile;

  const { tenantId, objectId } = profile;
  const existingUser = await userStore.findByObjectId(tenantId, objectId);
  if (existingUser?.disabledAt !== undefined)
    throw userDisabled(existingUser.id);

  const isNewUser = existingUser === undefined;
  const decision = await onSignIn({
    profile,
    existingUser,
    isNewUser,
    ...facts,
  });
  if (decision !== undefined && "refuse" in decision)
    throw new AuthError("sign_in_refused", decision.refuse, {
      userId: existingUser?.id,
    });
  return {
    ...profile,
    roles: decision?.roles ?? profile.roles,
    groups: decision?.groups ?? profile.groups,
  };
}
