// Lambda and SNS with the JavaScript SDK, version 3, with nothing set but its environment variables.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { crc32 } from "node:zlib";

import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";

import { startServer } from "./server.js";

const PYTHON = ["/usr/bin/python3", "/usr/local/bin/python3"].find(existsSync);
const SKIPPED = PYTHON ? {} : { skip: "there is no python3 of the system" };
const SOURCE = `
def handler(event, context):
    print("said", event.get("name"))
    if event.get("fail"):
        raise ValueError("asked to")
    return {"name": event["name"], "version": context.function_version}
`;
let server;
let functions;
let topics;
let queues;
let Role;

before(async () => {
  const interpreters = PYTHON ? ["--function-interpreters", `python3.12=${PYTHON}`] : [];
  server = await startServer(...interpreters);
  Object.assign(process.env, server.variables, { AWS_REGION: server.variables.AWS_DEFAULT_REGION });
  functions = new lambda.LambdaClient({ maxAttempts: 1 });
  topics = new sns.SNSClient({ maxAttempts: 1 });
  queues = new sqs.SQSClient({ maxAttempts: 1 });
  Role = await newRole("worker");
});

after(async () => {
  for (const client of [functions, topics, queues]) client.destroy();
  assert.equal(await server.stop(), 0);
});

/** A role that Lambda may assume. */
async function newRole(RoleName) {
  const users = new iam.IAMClient({ maxAttempts: 1 });
  const statement = { Effect: "Allow", Action: "sts:AssumeRole" };
  const trust = { ...statement, Principal: { Service: "lambda.amazonaws.com" } };
  const document = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const made = await users.send(
    new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document }),
  );
  users.destroy();
  return made.Role.Arn;
}

/** An archive of one file, stored as it is (PKWARE's APPNOTE, 4.3). */
function zip(name, text) {
  const [file, data] = [Buffer.from(name), Buffer.from(text)];
  // Version, flags, method, time, date, checksum, sizes, lengths of the name and of extras.
  const about = Buffer.alloc(26);
  about.writeUInt16LE(20, 0);
  about.writeUInt16LE(0x21, 8);
  about.writeUInt32LE(crc32(data), 10);
  about.writeUInt32LE(data.length, 14);
  about.writeUInt32LE(data.length, 18);
  about.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), about, file, data]);
  const made = Buffer.from([20, 3]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(0o100644 * 0x10000, 6);
  const central = Buffer.concat([Buffer.from("PK\x01\x02"), made, about, attributes, file]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}

async function newFunction(FunctionName, more) {
  const made = await functions.send(
    new lambda.CreateFunctionCommand({
      FunctionName,
      Runtime: "python3.12",
      Handler: "index.handler",
      Role,
      Code: { ZipFile: zip("index.py", SOURCE) },
      ...more,
    }),
  );
  const waiting = { client: functions, maxWaitTime: 30 };
  const { state } = await lambda.waitUntilFunctionActiveV2(waiting, { FunctionName });
  assert.equal(state, "SUCCESS");
  return made;
}

async function invoke(FunctionName, event, more) {
  const Payload = JSON.stringify(event);
  const asked = new lambda.InvokeCommand({ FunctionName, Payload, ...more });
  const answer = await functions.send(asked);
  return [JSON.parse(Buffer.from(answer.Payload)), answer];
}

test("a function is made, invoked, and its log's tail read", SKIPPED, async () => {
  const made = await newFunction("js", { Environment: { Variables: { COLOUR: "red" } } });
  assert.deepEqual([made.State, made.Environment.Variables], ["Pending", { COLOUR: "red" }]);
  const [said, answer] = await invoke("js", { name: "Ünï" }, { LogType: "Tail" });
  assert.deepEqual(said, { name: "Ünï", version: "$LATEST" });
  assert.ok(answer.Payload instanceof Uint8Array);
  assert.deepEqual([answer.StatusCode, answer.FunctionError], [200, undefined]);
  const tail = Buffer.from(answer.LogResult, "base64").toString();
  assert.match(tail, new RegExp(`^START RequestId: ${answer.$metadata.requestId} `, "m"));
  assert.match(tail, /^said Ünï$/m);
  const [error, failed] = await invoke("js", { name: "x", fail: true });
  assert.equal(failed.FunctionError, "Unhandled");
  assert.deepEqual([error.errorType, error.errorMessage], ["ValueError", "asked to"]);
  const later = { FunctionName: "js", InvocationType: "Event", Payload: "{}" };
  const queued = await functions.send(new lambda.InvokeCommand(later));
  assert.deepEqual([queued.StatusCode, queued.Payload?.length ?? 0], [202, 0]);
});

test("a version and an alias are published, and waited for", SKIPPED, async () => {
  const FunctionName = "js-versions";
  await newFunction(FunctionName);
  const publish = new lambda.PublishVersionCommand({ FunctionName });
  const { Version } = await functions.send(publish);
  assert.equal(Version, "1");
  const waiting = { client: functions, maxWaitTime: 30 };
  await lambda.waitUntilPublishedVersionActive(waiting, { FunctionName, Qualifier: Version });
  const changed = { FunctionName, Timeout: 9, Description: "changed" };
  await functions.send(new lambda.UpdateFunctionConfigurationCommand(changed));
  const { state } = await lambda.waitUntilFunctionUpdatedV2(waiting, { FunctionName });
  assert.equal(state, "SUCCESS");
  const alias = { FunctionName, Name: "live", FunctionVersion: Version };
  const { AliasArn } = await functions.send(new lambda.CreateAliasCommand(alias));
  const [said, answer] = await invoke(AliasArn, { name: "z" });
  assert.deepEqual([said.version, answer.ExecutedVersion], ["1", "1"]);
  const paging = { client: functions, maxItems: 1, pageSize: 1 };
  const versions = [];
  for await (const page of lambda.paginateListVersionsByFunction(paging, { FunctionName })) {
    versions.push(...page.Versions.map(({ Version: number, Timeout }) => [number, Timeout]));
  }
  assert.deepEqual(versions, [["$LATEST", 9], ["1", 3]]);
});

test("errors of functions have their type", async () => {
  const absent = new lambda.GetFunctionCommand({ FunctionName: "absent" });
  await assert.rejects(functions.send(absent), (error) => {
    assert.ok(error instanceof lambda.ResourceNotFoundException);
    assert.match(error.message, /^Function not found: arn:aws:lambda:.*:function:absent$/);
    assert.deepEqual([error.Type, error.$metadata.httpStatusCode], ["User", 404]);
    return true;
  });
  await newFunction("js-twice");
  await assert.rejects(newFunction("js-twice"), lambda.ResourceConflictException);
  const other = newFunction("js-other", { Code: { ZipFile: Buffer.from("no archive") } });
  await assert.rejects(other, lambda.InvalidParameterValueException);
  const FunctionName = "js-twice";
  const update = { FunctionName, RevisionId: "0", ZipFile: zip("index.py", SOURCE) };
  const stale = new lambda.UpdateFunctionCodeCommand(update);
  await assert.rejects(functions.send(stale), lambda.PreconditionFailedException);
  await functions.send(new lambda.DeleteFunctionCommand({ FunctionName }));
  await assert.rejects(
    functions.send(new lambda.InvokeCommand({ FunctionName })),
    lambda.ResourceNotFoundException,
  );
});

test("what is published reaches a queue, filtered by its attributes", async () => {
  const { TopicArn } = await topics.send(new sns.CreateTopicCommand({ Name: "js" }));
  const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName: "js" }));
  const Endpoint = TopicArn.replace(":sns:", ":sqs:");
  const statement = { Effect: "Allow", Action: "sqs:SendMessage", Resource: Endpoint };
  const allow = { ...statement, Principal: { Service: "sns.amazonaws.com" } };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [allow] });
  await queues.send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const FilterPolicy = JSON.stringify({ kind: ["loud"] });
  const Attributes = { RawMessageDelivery: "true", FilterPolicy };
  const subscription = { TopicArn, Protocol: "sqs", Endpoint, Attributes };
  await topics.send(new sns.SubscribeCommand(subscription));
  const PublishBatchRequestEntries = ["quiet", "loud"].map((kind) => ({
    Id: kind,
    Message: `${kind} ✓`,
    MessageAttributes: {
      kind: { DataType: "String", StringValue: kind },
      bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
    },
  }));
  const batch = { TopicArn, PublishBatchRequestEntries };
  const { Successful, Failed } = await topics.send(new sns.PublishBatchCommand(batch));
  assert.deepEqual([Successful.length, Failed], [2, []]);
  const receive = { QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ["All"] };
  const { Messages } = await queues.send(new sqs.ReceiveMessageCommand(receive));
  assert.deepEqual(Messages.map(({ Body }) => Body), ["loud ✓"]);
  const bytes = Messages[0].MessageAttributes.bytes.BinaryValue;
  assert.deepEqual(Uint8Array.from(bytes), Uint8Array.of(0, 255));
  const subscriptions = [];
  const paging = { client: topics };
  for await (const page of sns.paginateListSubscriptionsByTopic(paging, { TopicArn })) {
    subscriptions.push(...page.Subscriptions.map((it) => it.Endpoint));
  }
  assert.deepEqual(subscriptions, [Endpoint]);
  const absent = new sns.PublishCommand({ TopicArn: `${TopicArn}-absent`, Message: "m" });
  await assert.rejects(topics.send(absent), sns.NotFoundException);
});
