import type { AuthFailure, ProviderError } from "@entrada/auth/react";
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CopyRegular } from "@fluentui/react-icons/svg/copy";
import { useState } from "react";
import type { ReactElement } from "react";
import { Facts } from "../elements/facts.js";
import type { Fact } from "../elements/facts.js";
import { aadstsPage, explainAadsts } from "./aadsts.js";

/** The details for a developer: our error code, Entra's code with its remedy, and the IDs for Entra's logs. */
export function FailureDetails({
  failure,
}: {
  readonly failure: AuthFailure;
}): ReactElement {
  const styles = useStyles();
  const facts = listFacts(failure);

  return (
    <details className={styles.details}>
      <summary className={styles.summary}>Details for the developer</summary>
      <div className={styles.content}>
        <Facts facts={facts} />
        <Remedy provider={failure.provider} />
        <CopyButton text={formatFacts(failure)} />
      </div>
    </details>
  );
}

function Remedy({
  provider,
}: {
  readonly provider: ProviderError | undefined;
}): ReactElement | undefined {
  const styles = useStyles();
  if (provider?.aadsts === undefined) return undefined;

  const explanation = explainAadsts(provider.aadsts);
  return (
    <div>
      {explanation && (
        <p className={styles.text}>
          <strong>{provider.aadsts}:</strong> {explanation.meaning}{" "}
          {explanation.remedy} <em>({remedyOf[explanation.who]})</em>
        </p>
      )}
      <p className={styles.text}>
        <a className={styles.link} href={aadstsPage(provider.aadsts)}>
          Look {provider.aadsts} up at Microsoft
        </a>
      </p>
    </div>
  );
}

const remedyOf = {
  developer: "for the people who run this service",
  administrator: "for an administrator of the organisation",
  visitor: "for the person who signs in",
} as const;

function CopyButton({ text }: { readonly text: string }): ReactElement {
  const [outcome, setOutcome] = useState("");

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("Copied.");
    } catch {
      setOutcome("The browser did not allow it. Select the text instead.");
    }
  }

  return (
    <div>
      <Button icon={<CopyRegular />} onClick={() => void copy()}>
        Copy details
      </Button>{" "}
      <output>{outcome}</output>
    </div>
  );
}

function listFacts({ code, message, provider }: AuthFailure): readonly Fact[] {
  return [
    { term: "Code", value: code, isCode: true },
    { term: "Message", value: message },
    { term: "OAuth error", value: provider?.error, isCode: true },
    { term: "Entra code", value: provider?.aadsts, isCode: true },
    { term: "Trace ID", value: provider?.traceId, isCode: true },
    { term: "Correlation ID", value: provider?.correlationId, isCode: true },
  ];
}

function formatFacts(failure: AuthFailure): string {
  return listFacts(failure)
    .filter(({ value }) => value !== undefined)
    .map(({ term, value }) => `${term}: ${String(value)}`)
    .join("\n");
}

const useStyles = makeStyles({
  details: {
    padding: "12px 16px",
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  summary: { cursor: "pointer", fontWeight: tokens.fontWeightSemibold },
  content: { display: "grid", rowGap: "12px", marginTop: "12px" },
  text: { marginBottom: "4px" },
  link: { color: tokens.colorBrandForegroundLink },
});
