import assert from "node:assert/strict";

import type { UserIdentity } from "../core/user.js";
import type { StoreRule } from "./store-contract.js";
import {
  brand,
  callConcurrently,
  createProfile,
  later,
  now,
} from "./store-samples.js";
import { describeUserManagement } from "./user-management-contract.js";

/** States the promises of `UserStore`. */
export function describeUserStore(rule: StoreRule): void {
  describeCreation(rule);
  describeRefresh(rule);
  describeIdentity(rule);
  describeAccess(rule);
  describeUserManagement(rule);
}

function describeCreation(rule: StoreRule): void {
  rule("creates a user under the candidate ID", async ({ userStore }) => {
    const user = await userStore.upsert(
      brand("user-ada"),
      createProfile(),
      now,
    );

    assert.deepEqual(user, {
      ...createProfile(),
      id: "user-ada",
      createdAt: now,
      lastSignInAt: now,
      disabledAt: undefined,
    });
    assert.deepEqual(await userStore.find(user.id), user);
  });

  rule(
    "keeps a profile exactly, whatever its texts and however long its lists",
    async ({ userStore }) => {
      const profile = createProfile({
        name: "Zoë “O'Neil” 李 🦊\\\n",
        preferredUsername: undefined,
        email: undefined,
        roles: ["", 'a"b', "c,d", "{}"],
        groups: Array.from({ length: 200 }, (_, index) => `group-${index}`),
      });

      const { id } = await userStore.upsert(brand("user-zoe"), profile, now);

      assert.deepEqual(await userStore.find(id), {
        ...profile,
        id,
        createdAt: now,
        lastSignInAt: now,
        disabledAt: undefined,
      });
    },
  );

  rule(
    "answers undefined for an ID that no user has",
    async ({ userStore }) => {
      assert.equal(await userStore.find(brand("unknown")), undefined);
    },
  );
}

function describeRefresh(rule: StoreRule): void {
  rule(
    "refreshes the profile at the next sign-in and keeps ID and creation",
    async ({ userStore }) => {
      await userStore.upsert(brand("user-ada"), createProfile(), now);
      const renamed = createProfile({
        subject: "another-subject",
        name: "Ada King",
        preferredUsername: "king@contoso.test",
        email: undefined,
        roles: [],
        groups: [],
      });

      const refreshed = await userStore.upsert(
        brand("user-candidate"),
        renamed,
        later(5),
      );

      assert.deepEqual(refreshed, {
        ...renamed,
        id: "user-ada",
        createdAt: now,
        lastSignInAt: later(5),
        disabledAt: undefined,
      });
      assert.deepEqual(await userStore.find(refreshed.id), refreshed);
      assert.equal(await userStore.find(brand("user-candidate")), undefined);
    },
  );

  rule(
    "creates one user when 50 first sign-ins of a person race",
    async ({ userStore }) => {
      const users = await callConcurrently(50, (index) =>
        userStore.upsert(brand(`user-${index}`), createProfile(), now),
      );

      assert.equal(new Set(users.map(({ id }) => id)).size, 1);
    },
  );
}

function describeIdentity(rule: StoreRule): void {
  rule(
    "makes two users of one object ID in two tenants",
    async ({ userStore }) => {
      const elsewhere = createProfile({
        tenantId: brand("22222222-2222-4222-8222-222222222222"),
      });

      const first = await userStore.upsert(
        brand("user-1"),
        createProfile(),
        now,
      );
      const second = await userStore.upsert(brand("user-2"), elsewhere, now);

      assert.deepEqual([first.id, second.id], ["user-1", "user-2"]);
      assert.deepEqual(await userStore.find(first.id), first);
    },
  );

  rule(
    "makes two users of one e-mail address, user name and subject",
    async ({ userStore }) => {
      const namesake = createProfile({
        objectId: brand("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"),
      });

      const first = await userStore.upsert(
        brand("user-1"),
        createProfile(),
        now,
      );
      const second = await userStore.upsert(brand("user-2"), namesake, now);

      assert.deepEqual([first.id, second.id], ["user-1", "user-2"]);
      assert.deepEqual(await userStore.find(first.id), first);
    },
  );
}

function describeAccess(rule: StoreRule): void {
  rule(
    "leaves a user's roles and groups as they are when it refreshes the identity alone",
    async ({ userStore }) => {
      const access = { roles: ["Admin"], groups: ["group-1"] };
      const identity = createIdentity();
      const { id } = await userStore.upsert(
        brand("user-ada"),
        { ...identity, ...access },
        now,
      );

      const user = await userStore.upsertIdentity(
        brand("user-other"),
        { ...identity, name: "Ada of today" },
        later(1000),
      );

      assert.equal(user.id, id);
      assert.equal(user.name, "Ada of today");
      assert.deepEqual({ roles: user.roles, groups: user.groups }, access);
      assert.deepEqual(user.lastSignInAt, later(1000));
      assert.deepEqual(await userStore.find(id), user);
    },
  );

  rule(
    "creates a user without roles and groups from the identity alone",
    async ({ userStore }) => {
      const user = await userStore.upsertIdentity(
        brand("user-ada"),
        createIdentity(),
        now,
      );

      assert.equal(user.id, "user-ada");
      assert.deepEqual([user.roles, user.groups], [[], []]);
    },
  );

  rule("replaces roles and groups and nothing else", async ({ userStore }) => {
    const user = await userStore.upsert(
      brand("user-ada"),
      createProfile(),
      now,
    );

    const changed = await userStore.setAccess(user.id, {
      roles: ["Editor"],
      groups: [],
    });

    assert.deepEqual(changed, { ...user, roles: ["Editor"], groups: [] });
    assert.deepEqual(await userStore.find(user.id), changed);
  });

  rule(
    "answers undefined when it should set the access of nobody",
    async ({ userStore }) => {
      assert.equal(
        await userStore.setAccess(brand("unknown"), { roles: [], groups: [] }),
        undefined,
      );
    },
  );
}

function createIdentity(): UserIdentity {
  const { roles: _roles, groups: _groups, ...identity } = createProfile();
  return identity;
}
