/**
 * Returns the text of a response's body, or `undefined` if it is longer than this many bytes: no more is read then, and
 * the connection is given up.
 */
export async function readBoundedText(
  response: Response,
  maximumBytes: number,
): Promise<string | undefined> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
