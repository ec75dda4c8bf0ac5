import { GRAPH } from "./scopes.js";

interface ScopeDescription {
  readonly title: string;
  readonly text: string;
  readonly adminOnly?: boolean | undefined;
}

const descriptions: Readonly<Record<string, ScopeDescription>> = {
  openid: {
    title: "Sign you in",
    text: "Allows you to sign in to the app and lets the app know who you are.",
  },
  profile: {
    title: "View your basic profile",
    text: "Allows the app to see your name, user name and object ID.",
  },
  email: {
    title: "View your email address",
    text: "Allows the app to read your primary email address.",
  },
  offline_access: {
    title: "Maintain access to data you have given it access to",
    text: "Allows the app to see and update the data you gave it access to, even when you are not using the app.",
  },
  [`${GRAPH}/User.Read`]: {
    title: "Sign you in and read your profile",
    text: "Allows the app to read your profile and basic company information.",
  },
  [`${GRAPH}/Mail.Read`]: {
    title: "Read your mail",
    text: "Allows the app to read email in your mailbox.",
  },
  [`${GRAPH}/Calendars.Read`]: {
    title: "Read your calendars",
    text: "Allows the app to read events of your calendars.",
  },
  [`${GRAPH}/Files.Read`]: {
    title: "Read your files",
    text: "Allows the app to read your files.",
  },
  [`${GRAPH}/User.Read.All`]: {
    title: "Read all users' full profiles",
    text: "Allows the app to read the full set of profile properties of other users.",
    adminOnly: true,
  },
  [`${GRAPH}/Group.Read.All`]: {
    title: "Read all groups",
    text: "Allows the app to read all groups.",
    adminOnly: true,
  },
  [`${GRAPH}/Directory.Read.All`]: {
    title: "Read directory data",
    text: "Allows the app to read data in your organization's directory.",
    adminOnly: true,
  },
  [`${GRAPH}/Directory.ReadWrite.All`]: {
    title: "Read and write directory data",
    text: "Allows the app to read and write data in your organization's directory.",
    adminOnly: true,
  },
};

/** Returns the consent page's description of a scope, by its full name. */
export function describeScope(fullName: string): ScopeDescription {
  return (
    descriptions[fullName] ?? {
      title: `Access ${fullName.slice(fullName.lastIndexOf("/") + 1)}`,
      text: `Allows the app to use ${fullName} on your behalf.`,
    }
  );
}
