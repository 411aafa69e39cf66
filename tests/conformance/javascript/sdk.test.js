// The JavaScript SDK, version 3, with nothing set but its environment variables.

import assert from "node:assert/strict";
import * as crypto from "node:crypto";
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

/** The r and s of an ECDSA signature in DER, side by side, as tokens carry them (RFC 7518, 3.4). */
function sideBySide(signature, length) {
  const halves = [];
  let at = signature[1] & 0x80 ? 3 : 2;
  for (let half = 0; half < 2; half += 1) {
    assert.equal(signature[at], 2);
    const number = signature.subarray(at + 2, at + 2 + signature[at + 1]);
    at += 2 + number.length;
    const padded = Buffer.concat([Buffer.alloc(length), number]);
    assert.ok(padded.subarray(0, -length).every((byte) => byte === 0));
    halves.push(padded.subarray(-length));
  }
  assert.equal(at, signature.length);
  return Buffer.concat(halves);
}

for (const [name, KeySpec, bits, length] of [
  ["ES256", "ECC_NIST_P256", 256, 32],
  ["ES384", "ECC_NIST_P384", 384, 48],
  ["ES512", "ECC_NIST_P521", 512, 66],
]) {
  test(`web tokens of ${name} are verified without the server`, async () => {
    const made = new kms.CreateKeyCommand({ KeySpec, KeyUsage: "SIGN_VERIFY" });
    const { KeyId } = (await keys.send(made)).KeyMetadata;
    const { PublicKey } = await keys.send(new kms.GetPublicKeyCommand({ KeyId }));
    const key = crypto.createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
    const verifies = (text, signature) =>
      crypto.verify(`sha${bits}`, Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, signature);
    // Often enough to meet numbers that DER writes shorter, or with a zero in front.
    for (let number = 0; number < 40; number += 1) {
      const parts = [{ alg: name, kid: KeyId }, { sub: `user-${number}`, iat: 1 }];
      const text = parts.map((it) => Buffer.from(JSON.stringify(it)).toString("base64url")).join(".");
      const asked = { KeyId, SigningAlgorithm: `ECDSA_SHA_${bits}` };
      const Message = crypto.createHash(`sha${bits}`).update(text).digest();
      const { Signature } = await keys.send(
        new kms.SignCommand({ ...asked, Message, MessageType: "DIGEST" }),
      );
      const signature = sideBySide(Buffer.from(Signature), length);
      assert.ok(verifies(text, signature));
      assert.ok(!verifies(`${text}x`, signature));
      const check = { ...asked, Message: Buffer.from(text), Signature };
      assert.equal((await keys.send(new kms.VerifyCommand(check))).SignatureValid, true);
    }
  });
}

test("a file is sealed under a key of two Regions, and opened in either", async () => {
  const made = await keys.send(new kms.CreateKeyCommand({ MultiRegion: true }));
  const { KeyId } = made.KeyMetadata;
  await keys.send(new kms.ReplicateKeyCommand({ KeyId, ReplicaRegion: "eu-west-1" }));
  const elsewhere = new kms.KMSClient({ maxAttempts: 1, region: "eu-west-1" });
  const context = { file: "a.txt" };
  const dataKey = await keys.send(
    new kms.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext: context }),
  );
  const content = crypto.randomBytes(1 << 20);
  const nonce = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv("aes-256-gcm", dataKey.Plaintext, nonce);
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  const opener = { CiphertextBlob: dataKey.CiphertextBlob, EncryptionContext: context };
  for (const client of [elsewhere, keys]) {
    const { Plaintext } = await client.send(new kms.DecryptCommand(opener));
    const decipher = crypto.createDecipheriv("aes-256-gcm", Plaintext, nonce);
    decipher.setAuthTag(cipher.getAuthTag());
    assert.deepEqual(Buffer.concat([decipher.update(sealed), decipher.final()]), content);
    await client.send(new kms.DisableKeyCommand({ KeyId }));
    await assert.rejects(client.send(new kms.DecryptCommand(opener)), kms.DisabledException);
  }
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
