import { z } from "zod";
import { endpointNames } from "../state/journal.js";
import {
  type Fault,
  type Json,
  keySetVariants,
  signatureVariants,
  tokenOccasions,
} from "./fault.js";

const json: z.ZodType<Json> = z.json();
const jsonObject = z.record(z.string(), json);
const names = z.array(z.string()).optional();
const scope = {
  times: z.int().positive().optional(),
  clientId: z.string().optional(),
};
const patch = { set: jsonObject.optional(), remove: names };
const on = { on: z.array(z.enum(tokenOccasions)).optional() };
const endpoint = z.enum(endpointNames);

/** Parses a fault from JSON. Functions such as `transform` exist in the code API only. */
export const faultSchema: z.ZodType<Fault> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("id_token_claims"),
    ...scope,
    ...patch,
    ...on,
  }),
  z.strictObject({
    type: z.literal("id_token_header"),
    ...scope,
    ...patch,
    ...on,
  }),
  z.strictObject({
    type: z.literal("id_token_signature"),
    ...scope,
    ...on,
    variant: z.enum(signatureVariants),
  }),
  z.strictObject({
    type: z.literal("id_token_wrong_hash"),
    ...scope,
    claim: z.enum(["at_hash", "c_hash"]),
  }),
  z.strictObject({
    type: z.literal("rotate_before_signing"),
    ...scope,
    retirePrevious: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal("key_set"),
    ...scope,
    variant: z.enum(keySetVariants),
  }),
  z.strictObject({ type: z.literal("discovery"), ...scope, ...patch }),
  z.strictObject({
    type: z.literal("token_response"),
    ...scope,
    ...patch,
    ...on,
    status: z.int().min(200).max(599).optional(),
    body: json.optional(),
  }),
  z.strictObject({
    type: z.literal("token_error"),
    ...scope,
    ...on,
    code: z.int().positive(),
    error: z.string().optional(),
    suberror: z.string().optional(),
    claims: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal("authorization_response"),
    ...scope,
    set: z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .optional(),
    remove: names,
  }),
  z.strictObject({
    type: z.literal("authorization_error"),
    ...scope,
    code: z.int().positive(),
    error: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("userinfo"), ...scope, ...patch }),
  z.strictObject({
    type: z.literal("delay"),
    ...scope,
    endpoint,
    delayMilliseconds: z.int().min(0).max(120_000),
  }),
  z.strictObject({
    type: z.literal("down"),
    ...scope,
    endpoint,
    how: z.enum(["destroy", "status"]).optional(),
    status: z.int().min(400).max(599).optional(),
  }),
]);
