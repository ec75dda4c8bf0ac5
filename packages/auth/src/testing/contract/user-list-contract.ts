import assert from "node:assert/strict";

import type { UserId } from "../../core/identifiers.js";
import type { Stores } from "../../core/stores/stores.js";
import type { UserQuery } from "../../core/stores/user-store.js";
import type { StoreRule } from "../store-rule.js";
import {
  addUser,
  brand,
  createProfile,
  otherTenantId,
} from "../store-samples.js";

/** States the promises of `UserStore` about the list of an organisation's users. */
export function describeUserList(rule: StoreRule): void {
  describeList(rule);
  describeSearch(rule);
}

const { tenantId: sampleTenantId } = createProfile();

async function listIds(
  { userStore }: Stores,
  changes: Partial<UserQuery> = {},
): Promise<readonly UserId[]> {
  const users = await userStore.list({
    tenantId: sampleTenantId,
    search: undefined,
    after: undefined,
    limit: 100,
    ...changes,
  });
  return users.map(({ id }) => id);
}

/** Adds users `1`, `2` and so on with these names. */
async function addNames(
  stores: Stores,
  names: readonly string[],
): Promise<void> {
  for (const [index, name] of names.entries())
    await addUser(stores, String(index + 1), {
      name,
      preferredUsername: undefined,
    });
}

function describeList(rule: StoreRule): void {
  rule(
    "lists users in the order of their names, letter case aside, then of their IDs",
    async (stores) => {
      await addNames(stores, ["bob", "Ada", "Charles", "ada", "", "Émilie"]);

      assert.deepEqual(await listIds(stores), ["5", "2", "4", "1", "3", "6"]);
    },
  );

  rule("lists users as they are stored", async (stores) => {
    const user = await addUser(stores);

    const listed = await stores.userStore.list({
      tenantId: user.tenantId,
      search: undefined,
      after: undefined,
      limit: 1,
    });

    assert.deepEqual(listed, [user]);
  });

  rule(
    "lists every user once, page by page, namesakes included",
    async (stores) => {
      await addNames(stores, ["b", "A", "a", "B", "a", "𝔸", "～"]);
      const pages: (readonly UserId[])[] = [];

      for (let page = 0; page < 5; page += 1)
        pages.push(
          await listIds(stores, { after: pages.at(-1)?.at(-1), limit: 2 }),
        );

      assert.deepEqual(pages.slice(0, 4), [
        ["2", "3"],
        ["5", "1"],
        ["4", "7"],
        ["6"],
      ]);
    },
  );

  rule(
    "never lists another organisation's user, on no page",
    async (stores) => {
      await addUser(stores);
      await addUser(stores, "user-eve", {
        tenantId: otherTenantId,
        name: "Eve",
      });

      const first = await listIds(stores);
      const second = await listIds(stores, { after: first.at(-1) });
      const others = await listIds(stores, { tenantId: otherTenantId });

      assert.deepEqual(first, ["user-ada"]);
      assert.deepEqual(second, []);
      assert.deepEqual(others, ["user-eve"]);
    },
  );

  rule(
    "lists no users after a user who is unknown or of another organisation",
    async (stores) => {
      await addUser(stores);
      await addUser(stores, "user-eve", {
        tenantId: otherTenantId,
        name: "",
      });

      assert.deepEqual(await listIds(stores, { after: brand("unknown") }), []);
      assert.deepEqual(await listIds(stores, { after: brand("user-eve") }), []);
    },
  );
}

function describeSearch(rule: StoreRule): void {
  rule(
    "finds users by a part of their name, case of ASCII letters aside",
    async (stores) => {
      await addNames(stores, ["Ada Lovelace", "Charles Babbage", "Émilie"]);

      assert.deepEqual(await listIds(stores, { search: "LOVE" }), ["1"]);
      assert.deepEqual(await listIds(stores, { search: "Émi" }), ["3"]);
      assert.deepEqual(await listIds(stores, { search: "éMI" }), []);
      assert.deepEqual(await listIds(stores, { search: "nobody" }), []);
      assert.deepEqual(await listIds(stores, { search: "" }), ["1", "2", "3"]);
    },
  );

  rule("finds users by a part of their user name", async (stores) => {
    await addUser(stores, "1", { preferredUsername: "Countess@contoso.test" });
    await addUser(stores, "2", { preferredUsername: undefined });

    assert.deepEqual(await listIds(stores, { search: "countESS@" }), ["1"]);
  });

  rule("takes every character of a search literally", async (stores) => {
    await addNames(stores, ["100 %", "a_b", "a\\b", "a*b", "aXb", "it's"]);
    const find = (search: string) => listIds(stores, { search });

    assert.deepEqual(await find("%"), ["1"]);
    assert.deepEqual(await find("a_b"), ["2"]);
    assert.deepEqual(await find("\\"), ["3"]);
    assert.deepEqual(await find("a*b"), ["4"]);
    assert.deepEqual(await find("?"), []);
    assert.deepEqual(await find("'"), ["6"]);
    assert.deepEqual(await find("a\0"), []);
    assert.deepEqual(await find("\uD800"), []);
  });

  rule("finds users page by page", async (stores) => {
    await addNames(stores, ["Ada", "Bob", "Adam", "Carol", "Adele"]);

    const first = await listIds(stores, { search: "ad", limit: 2 });
    const second = await listIds(stores, {
      search: "ad",
      after: first.at(-1),
      limit: 2,
    });

    assert.deepEqual([first, second], [["1", "3"], ["5"]]);
  });

  rule("finds no user of another organisation", async (stores) => {
    await addUser(stores, "user-eve", { tenantId: otherTenantId });

    assert.deepEqual(await listIds(stores, { search: "Ada" }), []);
  });
}
