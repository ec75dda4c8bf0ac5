// The tests use only what both versions have.
declare module "express-4" {
  export { default } from "express";
}

declare module "fastify-4" {
  export { default } from "fastify";
}

declare module "formbody-7" {
  export { default } from "@fastify/formbody";
}
