// What is kept for programs: Parameter Store and Secrets Manager with the JavaScript SDK, version
// 3, with nothing set but its environment variables.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as kms from "@aws-sdk/client-kms";
import * as secrets from "@aws-sdk/client-secrets-manager";
import * as ssm from "@aws-sdk/client-ssm";

import { startServer } from "./server.js";

let server;
let keys;
let parameters;
let safe;

before(async () => {
  server = await startServer();
  Object.assign(process.env, server.variables, { AWS_REGION: server.variables.AWS_DEFAULT_REGION });
  keys = new kms.KMSClient({ maxAttempts: 1 });
  parameters = new ssm.SSMClient({ maxAttempts: 1 });
  safe = new secrets.SecretsManagerClient({ maxAttempts: 1 });
});

after(async () => {
  for (const client of [keys, parameters, safe]) client.destroy();
  assert.equal(await server.stop(), 0);
});

/** All items of a member, page by page. */
async function all(pages, member) {
  const found = [];
  for await (const page of pages) found.push(...(page[member] ?? []));
  return found;
}

const put = (Name, Value, more) =>
  parameters.send(new ssm.PutParameterCommand({ Name, Value, Type: "String", ...more }));

const get = async (Name, more) =>
  (await parameters.send(new ssm.GetParameterCommand({ Name, ...more }))).Parameter;

const isRecent = (date) => date instanceof Date && Math.abs(date - Date.now()) < 60_000;

test("a parameter is written, read by version and label, and deleted", async () => {
  const Name = "/javascript/one";
  assert.deepEqual((await put(Name, "1")).Version, 1);
  const { Version, Tier } = await put(Name, "2", { Overwrite: true });
  assert.deepEqual([Version, Tier], [2, "Standard"]);
  const label = { Name, ParameterVersion: 1, Labels: ["first", "aws-no"] };
  const labelled = await parameters.send(new ssm.LabelParameterVersionCommand(label));
  assert.deepEqual([labelled.InvalidLabels, labelled.ParameterVersion], [["aws-no"], 1]);
  const latest = await get(Name);
  assert.ok(isRecent(latest.LastModifiedDate));
  assert.deepEqual([latest.Value, latest.Version, latest.DataType], ["2", 2, "text"]);
  const first = await get(`${Name}:first`);
  assert.deepEqual([first.Value, first.Selector], ["1", ":first"]);
  const history = ssm.paginateGetParameterHistory({ client: parameters, pageSize: 1 }, { Name });
  const versions = await all(history, "Parameters");
  assert.deepEqual(versions.map(({ Value, Labels }) => [Value, Labels]), [["1", ["first"]], ["2", []]]);
  await parameters.send(new ssm.DeleteParameterCommand({ Name }));
  await assert.rejects(get(Name), ssm.ParameterNotFound);
});

test("a SecureString is decrypted when it is asked for, under a key of one's own", async () => {
  const Name = "/javascript/secure";
  const { KeyMetadata } = await keys.send(new kms.CreateKeyCommand({}));
  await put(Name, "p4ss ✓", { Type: "SecureString", KeyId: KeyMetadata.KeyId });
  assert.notEqual((await get(Name)).Value, "p4ss ✓");
  assert.equal((await get(Name, { WithDecryption: true })).Value, "p4ss ✓");
  await keys.send(new kms.DisableKeyCommand({ KeyId: KeyMetadata.KeyId }));
  await assert.rejects(get(Name, { WithDecryption: true }), ssm.InvalidKeyId);
});

test("a hierarchy is read page by page", async () => {
  const names = ["a", "b", "deep/c", "deep/d"].map((leaf) => `/javascript-tree/${leaf}`);
  for (const name of names) await put(name, name, { Type: "StringList" });
  const paging = { client: parameters, pageSize: 1 };
  const asked = { Path: "/javascript-tree", Recursive: true };
  const read = await all(ssm.paginateGetParametersByPath(paging, asked), "Parameters");
  assert.deepEqual(read.map(({ Name }) => Name).sort(), names);
  const filter = { Key: "Path", Option: "OneLevel", Values: ["/javascript-tree/deep"] };
  const described = ssm.paginateDescribeParameters(paging, { ParameterFilters: [filter] });
  const found = await all(described, "Parameters");
  assert.deepEqual(found.map(({ Name }) => Name).sort(), names.slice(2));
  const Names = [...names, "/javascript-tree/absent"];
  const some = await parameters.send(new ssm.GetParametersCommand({ Names }));
  assert.deepEqual(some.InvalidParameters, ["/javascript-tree/absent"]);
  const gone = await parameters.send(new ssm.DeleteParametersCommand({ Names }));
  assert.deepEqual(gone.DeletedParameters.sort(), names);
});

test("errors of parameters have their type", async () => {
  await put("/javascript/error", "1");
  await assert.rejects(put("/javascript/error", "2"), (error) => {
    assert.ok(error instanceof ssm.ParameterAlreadyExists);
    assert.match(error.message, /^The parameter already exists\. To overwrite this value, set the/);
    return true;
  });
  const version = get("/javascript/error:9");
  await assert.rejects(version, ssm.ParameterVersionNotFound);
  const pattern = put("/javascript/pattern", "x", { AllowedPattern: "^\\d+$" });
  await assert.rejects(pattern, ssm.ParameterPatternMismatchException);
  await assert.rejects(put("/aws/reserved", "x"), { name: "AccessDeniedException" });
  const filter = { Key: "Bogus", Values: ["x"] };
  const bogus = new ssm.DescribeParametersCommand({ ParameterFilters: [filter] });
  await assert.rejects(parameters.send(bogus), (error) => error instanceof ssm.SSMServiceException);
});

test("secrets are texts or bytes, and their versions have labels", async () => {
  const SecretBinary = Uint8Array.from({ length: 256 }, (_, index) => index);
  const made = await safe.send(
    new secrets.CreateSecretCommand({ Name: "js/binary", SecretBinary }),
  );
  assert.match(made.ARN, /:secret:js\/binary-\w{6}$/);
  const read = await safe.send(new secrets.GetSecretValueCommand({ SecretId: made.ARN }));
  assert.ok(read.SecretBinary instanceof Uint8Array && isRecent(read.CreatedDate));
  assert.deepEqual(Uint8Array.from(read.SecretBinary), SecretBinary);
  assert.equal(read.SecretString, undefined);
  const ClientRequestToken = "0".repeat(32);
  const value = { SecretId: "js/binary", SecretString: "Ünï", ClientRequestToken };
  const changed = await safe.send(new secrets.PutSecretValueCommand(value));
  assert.deepEqual([changed.VersionId, changed.VersionStages], [ClientRequestToken, ["AWSCURRENT"]]);
  // The client makes a token of its own where the caller gives none.
  await safe.send(new secrets.PutSecretValueCommand({ SecretId: "js/binary", SecretString: "3" }));
  const previous = { SecretId: "js/binary", VersionStage: "AWSPREVIOUS" };
  const before = await safe.send(new secrets.GetSecretValueCommand(previous));
  assert.deepEqual([before.SecretString, before.VersionId], ["Ünï", ClientRequestToken]);
  const paging = { client: safe, pageSize: 1 };
  const asked = { SecretId: "js/binary", IncludeDeprecated: true };
  const versions = await all(secrets.paginateListSecretVersionIds(paging, asked), "Versions");
  assert.equal(versions.length, 3);
  assert.ok(versions.every(({ CreatedDate }) => isRecent(CreatedDate)));
});

test("secrets are listed and read by the batch", async () => {
  const names = [1, 2, 3].map((number) => `js/batch/${number}`);
  const Tags = [{ Key: "team", Value: "red" }];
  for (const Name of names) {
    await safe.send(new secrets.CreateSecretCommand({ Name, SecretString: Name, Tags }));
  }
  const Filters = [{ Key: "name", Values: ["js/batch/"] }];
  const paging = { client: safe, pageSize: 2 };
  const listed = await all(secrets.paginateListSecrets(paging, { Filters }), "SecretList");
  assert.deepEqual(listed.map(({ Name }) => Name).sort(), names);
  assert.deepEqual(listed[0].Tags, Tags);
  const values = await all(secrets.paginateBatchGetSecretValue(paging, { Filters }), "SecretValues");
  assert.deepEqual(values.map(({ SecretString }) => SecretString).sort(), names);
  const SecretIdList = ["js/batch/1", "js/absent"];
  const batch = new secrets.BatchGetSecretValueCommand({ SecretIdList });
  const { Errors } = await safe.send(batch);
  assert.deepEqual(Errors.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode]), [
    ["js/absent", "ResourceNotFoundException"],
  ]);
});

test("a secret is deleted, restored, and errors have their type", async () => {
  const Name = "js/deleted";
  const create = () => safe.send(new secrets.CreateSecretCommand({ Name, SecretString: "1" }));
  const read = () => safe.send(new secrets.GetSecretValueCommand({ SecretId: Name }));
  await assert.rejects(read(), (error) => {
    assert.ok(error instanceof secrets.ResourceNotFoundException);
    assert.equal(error.message, "Secrets Manager can't find the specified secret.");
    assert.equal(error.$metadata.httpStatusCode, 400);
    return true;
  });
  await create();
  await assert.rejects(create(), secrets.ResourceExistsException);
  const window = { SecretId: Name, RecoveryWindowInDays: 7 };
  const { DeletionDate } = await safe.send(new secrets.DeleteSecretCommand(window));
  assert.equal(Math.round((DeletionDate - Date.now()) / 86_400_000), 7);
  await assert.rejects(read(), secrets.InvalidRequestException);
  await assert.rejects(create(), secrets.InvalidRequestException);
  await safe.send(new secrets.RestoreSecretCommand({ SecretId: Name }));
  assert.equal((await read()).SecretString, "1");
  const ResourcePolicy = '{"Version":"2012-10-17","Statement":[{}]}';
  const policy = new secrets.PutResourcePolicyCommand({ SecretId: Name, ResourcePolicy });
  await assert.rejects(safe.send(policy), secrets.MalformedPolicyDocumentException);
  const made = await safe.send(new secrets.GetRandomPasswordCommand({ PasswordLength: 40 }));
  assert.equal(made.RandomPassword.length, 40);
});
