import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQuery, readForm, readSingle } from "./request-parameters.js";

const formType = "application/x-www-form-urlencoded";

interface Source {
  readonly request: Request;
  /** How many bytes of the body were read, and whether it was cancelled. */
  readonly pulled: { bytes: number; isCancelled: boolean };
}

/** A request without `Content-Length` whose body is chunks of this text, endless if there is no count. */
function createChunkedRequest(
  chunk: string,
  count = Infinity,
  headers: Readonly<Record<string, string>> = { "content-type": formType },
): Source {
  const pulled = { bytes: 0, isCancelled: false };
  const bytes = new TextEncoder().encode(chunk);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (sent === count) return controller.close();
        sent += 1;
        pulled.bytes += bytes.byteLength;
        controller.enqueue(bytes);
      },
      cancel: () => {
        pulled.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  // `duplex` is missing in the DOM's types.
  const init = { method: "POST", body, headers, duplex: "half" };
  return { request: new Request("https://app.test/", init), pulled };
}

function createRequest(body: string, type = formType): Request {
  return new Request("https://app.test/", {
    method: "POST",
    body,
    headers: { "content-type": type },
  });
}

describe("parseQuery", () => {
  it("returns each parameter, a repeated one as a list", () => {
    expect(parseQuery("?a=1&b=%C3%BC+x&a=2&a=3&c")).toEqual({
      a: ["1", "2", "3"],
      b: "\u00fc x",
      c: "",
    });
  });

  it("accepts the names of Object.prototype as parameters", () => {
    const parameters = parseQuery("?__proto__=a&constructor=b");

    expect(readSingle(parameters, "__proto__")).toBe("a");
    expect(readSingle(parameters, "constructor")).toBe("b");
    expect(readSingle(parameters, "toString")).toBeUndefined();
  });

  it("parses every query of at most 50 parameters as the URL standard does", () => {
    const pairs = fc.array(fc.tuple(fc.string(), fc.string()), {
      maxLength: 50,
    });

    fc.assert(
      fc.property(pairs, (list) => {
        const query = new URLSearchParams(list.map(([a, b]) => [a, b]));

        const parameters = parseQuery(`?${query}`);

        for (const name of query.keys())
          expect([parameters[name] ?? []].flat()).toEqual(query.getAll(name));
      }),
      { seed: 1 },
    );
  });

  it.each([
    ["51 parameters", "a=1&".repeat(50) + "a=1"],
    ["51 empty parameters", "&".repeat(50)],
    ["15 KB of parameters", "&".repeat(15_000)],
    ["15 KB of different parameters", createNames(2500)],
    ["more than 16 KB", `a=${"b".repeat(16_384)}`],
  ])("[N9] refuses %s", (_, query) => {
    expect(() => parseQuery(`?${query}`)).toThrow(
      expect.objectContaining({ code: "invalid_request" }),
    );
  });
});

function createNames(count: number): string {
  return Array.from({ length: count }, (_, index) => `p${index}`).join("&");
}

describe("readForm", () => {
  it("returns the fields of a form for any chunk sizes", async () => {
    const { request } = createChunkedRequest("a=%C3%BC&b=\u00fc&", 3);

    await expect(readForm(request)).resolves.toEqual({
      a: ["\u00fc", "\u00fc", "\u00fc"],
      b: ["\u00fc", "\u00fc", "\u00fc"],
    });
  });

  it("decodes a character that is split across two chunks", async () => {
    const bytes = new TextEncoder().encode("a=\u20ac");
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const init = {
      method: "POST",
      body,
      headers: { "content-type": formType },
      duplex: "half",
    };

    const fields = await readForm(new Request("https://app.test/", init));

    expect(fields).toEqual({ a: "\u20ac" });
  });

  it("returns no fields for a form without a body", async () => {
    const request = new Request("https://app.test/", {
      method: "POST",
      headers: { "content-type": formType },
    });

    await expect(readForm(request)).resolves.toEqual({});
  });

  it("[N9] stops reading an endless body, and does not cancel it, which would close the connection", async () => {
    const { request, pulled } = createChunkedRequest("a".repeat(8192));

    await expect(readForm(request)).rejects.toMatchObject({
      code: "invalid_request",
    });

    expect(pulled).toEqual({ bytes: 9 * 8192, isCancelled: false });
  });

  it("does not read a body whose Content-Length is too large", async () => {
    const { request, pulled } = createChunkedRequest("a", 1, {
      "content-type": formType,
      "content-length": "65537",
    });

    await expect(readForm(request)).rejects.toMatchObject({
      code: "invalid_request",
    });

    expect(pulled.bytes).toBe(0);
  });

  it("reads at most 64 KB, whatever Content-Length says", async () => {
    const { request, pulled } = createChunkedRequest("a".repeat(8192), 100, {
      "content-type": formType,
      "content-length": "3",
    });

    await expect(readForm(request)).rejects.toMatchObject({
      code: "invalid_request",
    });

    expect(pulled.bytes).toBe(9 * 8192);
  });

  it("[N9] refuses a form of 128 KB of many parameters before decoding", async () => {
    const names = createNames(20_000).slice(0, 131_072);

    await expect(readForm(createRequest(names))).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(
      readForm(createRequest(names.slice(0, 65_000))),
    ).rejects.toMatchObject({ message: expect.stringContaining("50") });
  });

  it("accepts a form of exactly 64 KB", async () => {
    const value = "a".repeat(65_534);

    await expect(readForm(createRequest(`b=${value}`))).resolves.toEqual({
      b: value,
    });
    await expect(readForm(createRequest(`b=${value}c`))).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("[N9] refuses a body that does not arrive in time", async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("a")),
    });
    const init = {
      method: "POST",
      body,
      headers: { "content-type": formType },
      duplex: "half",
    };

    const form = readForm(new Request("https://app.test/", init), 1);

    await expect(form).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("in time"),
    });
  });

  it("throws invalid_request for a body that breaks off", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("aborted")),
    });
    const init = {
      method: "POST",
      body,
      headers: { "content-type": formType },
      duplex: "half",
    };

    const form = readForm(new Request("https://app.test/", init));

    await expect(form).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("names the remedy if the body was already read", async () => {
    const request = createRequest("a=1");
    await request.text();

    await expect(readForm(request)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("before the body parser"),
    });
  });

  it.each([
    "text/plain",
    "application/json",
    "multipart/form-data; boundary=x",
  ])("refuses a body of the type %j", async (type) => {
    await expect(readForm(createRequest("a=1", type))).rejects.toMatchObject({
      code: "invalid_request",
    });
  });
});
