// The JavaScript SDK, version 3, with nothing set but its environment variables.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { SmithyRpcV2CborProtocol } from "@smithy/core/cbor";

import { startServer } from "./server.js";

const CONTEXT = { purpose: "test", "Ünï": "✓" };
let server;
let keys;
let users;

before(async () => {
  server = await startServer();
  Object.assign(process.env, server.variables, { AWS_REGION: server.variables.AWS_DEFAULT_REGION });
  keys = new kms.KMSClient({ maxAttempts: 1 });
  users = new iam.IAMClient({ maxAttempts: 1 });
});

after(async () => {
  keys.destroy();
  users.destroy();
  assert.equal(await server.stop(), 0);
});

/** A client that speaks rpc-v2-cbor. */
function overCbor(options = {}) {
  return new kms.KMSClient({ maxAttempts: 1, protocol: SmithyRpcV2CborProtocol, ...options });
}

async function newKey(client = keys) {
  return (await client.send(new kms.CreateKeyCommand({}))).KeyMetadata;
}

async function roundTrip(client) {
  const key = await newKey(client);
  assert.ok(key.CreationDate instanceof Date);
  assert.ok(Math.abs(key.CreationDate - Date.now()) < 60_000);
  const plaintext = Uint8Array.from({ length: 4096 }, (_, index) => index);
  const sealed = await client.send(
    new kms.EncryptCommand({ KeyId: key.Arn, Plaintext: plaintext, EncryptionContext: CONTEXT }),
  );
  const { CiphertextBlob } = sealed;
  const opened = await client.send(
    new kms.DecryptCommand({ CiphertextBlob, EncryptionContext: CONTEXT }),
  );
  assert.deepEqual(Uint8Array.from(opened.Plaintext), plaintext);
  await assert.rejects(client.send(new kms.DecryptCommand({ CiphertextBlob })), {
    name: "InvalidCiphertextException",
  });
}

test("a plaintext round trips", () => roundTrip(keys));

test("a plaintext round trips over rpc-v2-cbor", () => roundTrip(overCbor()));

test("both protocols see the same keys", async () => {
  const key = await newKey();
  const described = await overCbor().send(new kms.DescribeKeyCommand({ KeyId: key.KeyId }));
  assert.deepEqual(described.KeyMetadata, key);
});

test("errors have their type", async () => {
  const key = await newKey();
  await keys.send(new kms.DisableKeyCommand({ KeyId: key.KeyId }));
  const use = new kms.GenerateDataKeyCommand({ KeyId: key.KeyId, KeySpec: "AES_256" });
  await assert.rejects(keys.send(use), kms.DisabledException);
  const absent = new kms.DescribeKeyCommand({ KeyId: "alias/absent" });
  await assert.rejects(keys.send(absent), kms.NotFoundException);
  await assert.rejects(overCbor().send(absent), { name: "NotFoundException" });
  const unknown = new iam.GetUserCommand({ UserName: "absent" });
  await assert.rejects(users.send(unknown), iam.NoSuchEntityException);
});

test("data keys and randomness", async () => {
  const { KeyId } = await newKey();
  const made = await keys.send(new kms.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_128" }));
  assert.equal(made.Plaintext.length, 16);
  const opened = await keys.send(new kms.DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
  assert.deepEqual(opened.Plaintext, made.Plaintext);
  const random = await overCbor().send(new kms.GenerateRandomCommand({ NumberOfBytes: 99 }));
  assert.equal(random.Plaintext.length, 99);
});

test("paginators walk every page", async () => {
  const { KeyId } = await newKey();
  const names = ["alias/a", "alias/b", "alias/c"];
  for (const AliasName of names) {
    await keys.send(new kms.CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
  }
  for (const client of [keys, overCbor()]) {
    const seen = [];
    for await (const page of kms.paginateListAliases({ client, pageSize: 1 }, { KeyId })) {
      seen.push(...page.Aliases.map((alias) => alias.AliasName));
    }
    assert.deepEqual(seen, names);
  }
});

test("users, their access keys and policies", async () => {
  const UserName = "from-javascript";
  const { User } = await users.send(new iam.CreateUserCommand({ UserName, Path: "/js/" }));
  assert.ok(User.CreateDate instanceof Date);
  const { AccessKey } = await users.send(new iam.CreateAccessKeyCommand({ UserName }));
  const credentials = {
    accessKeyId: AccessKey.AccessKeyId,
    secretAccessKey: AccessKey.SecretAccessKey,
  };
  const asUser = new kms.KMSClient({ maxAttempts: 1, credentials });
  await assert.rejects(asUser.send(new kms.ListKeysCommand({})), {
    name: "AccessDeniedException",
    message: /from-javascript is not authorized to perform: kms:ListKeys/,
  });
  const statement = { Effect: "Allow", Action: "kms:ListKeys", Resource: "*" };
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await users.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument }));
  await asUser.send(new kms.ListKeysCommand({}));
  await overCbor({ credentials }).send(new kms.ListKeysCommand({}));
  const identity = await new sts.STSClient({ credentials }).send(new sts.GetCallerIdentityCommand({}));
  assert.equal(identity.Arn, User.Arn);
});

test("a wrong secret is refused in both protocols", async () => {
  const accessKeyId = process.env.AWS_ACCESS_KEY_ID;
  const credentials = { accessKeyId, secretAccessKey: "wrong" };
  for (const client of [new kms.KMSClient({ credentials }), overCbor({ credentials })]) {
    await assert.rejects(client.send(new kms.ListKeysCommand({})), {
      name: "InvalidSignatureException",
    });
  }
});
