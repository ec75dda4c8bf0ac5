/** A piece of HTML in which everything foreign has been escaped. */
export interface Html {
  readonly html: string;
}

type HtmlValue = string | number | Html | readonly Html[] | undefined;

/**
 * Builds HTML from a template; strings are escaped, pieces of HTML are not, `undefined` is nothing.
 *
 * The line breaks and indentation of the template itself become single blanks, so that its layout in the source does not
 * decide how the page can be searched.
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

/** Trusts text that this package wrote itself: style sheets and scripts. */
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
