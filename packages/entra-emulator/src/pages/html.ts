/** A piece of HTML in which all inserted strings are escaped. */
export interface Html {
  readonly html: string;
}

type HtmlValue = string | number | Html | readonly Html[] | undefined;

/**
 * Creates HTML from a template. Strings are escaped, pieces of HTML are not, and `undefined` is omitted.
 *
 * Line breaks and indentation of the template become single spaces, so that tests do not depend on its layout in the
 * source.
 */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly HtmlValue[]
): Html {
  const parts = strings.map(
    (text, index) => collapse(text) + render(values[index]),
  );
  return { html: parts.join("") };
}

/** Marks text of this package, such as style sheets and scripts, as HTML that needs no escaping. */
export function trustedHtml(text: string): Html {
  return { html: text };
}

/** Escapes text for element content and quoted attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

function collapse(text: string): string {
  return text.replace(/\s+/g, " ").replace(/ >/g, ">");
}

function render(value: HtmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return "html" in value
    ? value.html
    : value.map((piece) => piece.html).join("");
}
