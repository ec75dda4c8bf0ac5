import { describe, expect, it } from "vitest";
import { escapeHtml, html, trustedHtml } from "./html.js";

const name = `<b>"O'Neil" & sons</b>`;
const escaped = "&#60;b&#62;&#34;O&#39;Neil&#34; &#38; sons&#60;/b&#62;";

describe("html", () => {
  it("escapes strings, keeps pieces of HTML and omits undefined values", () => {
    const pieces = [trustedHtml("<i>"), trustedHtml("</i>")];

    const page = html`${name}|${pieces}|${undefined}|${1}`;

    expect(page.html).toBe(`${escaped}|<i></i>||1`);
  });

  it("escapes attributes and collapses the template's whitespace", () => {
    const page = html`<input name="upn" value="${name}" />`;

    expect(page.html).toBe(`<input name="upn" value="${escaped}" />`);
  });
});

describe("escapeHtml", () => {
  it("escapes the five special characters of HTML", () => {
    expect(escapeHtml(name)).toBe(escaped);
  });
});
