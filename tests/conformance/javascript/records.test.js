// What is recorded, told and sent on: CloudTrail, CloudWatch Logs, EventBridge and SQS with the
// JavaScript SDK, version 3, with nothing set but its environment variables.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as trails from "@aws-sdk/client-cloudtrail";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as events from "@aws-sdk/client-eventbridge";
import * as sqs from "@aws-sdk/client-sqs";

import { startServer } from "./server.js";

let server;
let queues;
let groups;
let buses;
let trail;

before(async () => {
  server = await startServer();
  Object.assign(process.env, server.variables, { AWS_REGION: server.variables.AWS_DEFAULT_REGION });
  queues = new sqs.SQSClient({ maxAttempts: 1 });
  groups = new logs.CloudWatchLogsClient({ maxAttempts: 1 });
  buses = new events.EventBridgeClient({ maxAttempts: 1 });
  trail = new trails.CloudTrailClient({ maxAttempts: 1 });
});

after(async () => {
  for (const client of [queues, groups, buses, trail]) client.destroy();
  assert.equal(await server.stop(), 0);
});

/** All items of a member, page by page. */
async function all(pages, member) {
  const found = [];
  for await (const page of pages) found.push(...(page[member] ?? []));
  return found;
}

async function newQueue(QueueName, Attributes) {
  return (await queues.send(new sqs.CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
}

// The client compares the MD5 sums of what it sends and receives with its own.
test("messages are sent, received and deleted by the batch", async () => {
  const QueueUrl = await newQueue("batches");
  const Entries = ["a", "é", "✓"].map((MessageBody, Id) => ({ Id: String(Id), MessageBody }));
  const sent = await queues.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }));
  assert.equal(sent.Successful.length, 3);
  const MessageAttributes = {
    text: { DataType: "String", StringValue: "Ünï" },
    bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255) },
  };
  const one = new sqs.SendMessageCommand({ QueueUrl, MessageBody: "more", MessageAttributes });
  await queues.send(one);
  const received = await queues.send(
    new sqs.ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    }),
  );
  const bodies = received.Messages.map((message) => message.Body).sort();
  assert.deepEqual(bodies, ["a", "more", "é", "✓"]);
  const more = received.Messages.find((message) => message.Body === "more");
  assert.deepEqual(Uint8Array.from(more.MessageAttributes.bytes.BinaryValue), Uint8Array.of(0, 255));
  assert.equal(more.Attributes.ApproximateReceiveCount, "1");
  const handles = received.Messages.map(({ ReceiptHandle }, Id) => ({ Id: `${Id}`, ReceiptHandle }));
  await queues.send(new sqs.DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
  const asked = { QueueUrl, AttributeNames: ["All"] };
  const { Attributes } = await queues.send(new sqs.GetQueueAttributesCommand(asked));
  assert.equal(Attributes.ApproximateNumberOfMessagesNotVisible, "0");
});

test("a receiver waits for a sender", async () => {
  const QueueUrl = await newQueue("waiting");
  const receiving = queues.send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  await queues.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "m" }));
  assert.equal((await receiving).Messages[0].Body, "m");
});

test("who lost an answer of a FIFO queue asks again", async () => {
  const QueueUrl = await newQueue("again.fifo", {
    FifoQueue: "true",
    ContentBasedDeduplication: "true",
  });
  for (const MessageBody of ["1", "2"]) {
    await queues.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: "g" }));
  }
  const ask = (ReceiveRequestAttemptId) =>
    queues.send(new sqs.ReceiveMessageCommand({ QueueUrl, ReceiveRequestAttemptId }));
  const first = await ask("attempt-1");
  const again = await ask("attempt-1");
  assert.deepEqual(
    again.Messages.map((message) => message.Body),
    first.Messages.map((message) => message.Body),
  );
  assert.equal((await ask("attempt-2")).Messages, undefined);
});

test("queues are listed page by page, and one that is absent is said to be", async () => {
  for (const number of [1, 2, 3]) await newQueue(`listed-${number}`);
  const paging = { client: queues, pageSize: 1 };
  const urls = await all(sqs.paginateListQueues(paging, { QueueNamePrefix: "listed-" }), "QueueUrls");
  assert.deepEqual(
    urls.map((url) => url.split("/").pop()),
    ["listed-1", "listed-2", "listed-3"],
  );
  const absent = new sqs.GetQueueUrlCommand({ QueueName: "absent" });
  await assert.rejects(queues.send(absent), sqs.QueueDoesNotExist);
  const twice = Array(2).fill({ Id: "1", MessageBody: "m" });
  const batch = new sqs.SendMessageBatchCommand({ QueueUrl: urls[0], Entries: twice });
  await assert.rejects(queues.send(batch), sqs.BatchEntryIdsNotDistinct);
});

test("events are logged, filtered and queried", async () => {
  const logGroupName = "/javascript/app";
  const where = { logGroupName, logStreamName: "one" };
  await groups.send(new logs.CreateLogGroupCommand({ logGroupName, tags: { team: "red" } }));
  await groups.send(new logs.CreateLogStreamCommand(where));
  const now = Date.now();
  const logEvents = Array.from({ length: 9 }, (_, number) => ({
    timestamp: now + number,
    message: JSON.stringify({ level: number % 3 ? "INFO" : "ERROR", number }),
  }));
  await groups.send(new logs.PutLogEventsCommand({ ...where, logEvents }));
  const paging = { client: groups, pageSize: 2 };
  const pattern = { logGroupName, filterPattern: '{ $.level = "ERROR" }' };
  const found = await all(logs.paginateFilterLogEvents(paging, pattern), "events");
  assert.deepEqual(
    found.map((event) => JSON.parse(event.message).number),
    [0, 3, 6],
  );
  const reading = { client: groups, pageSize: 4, stopOnSameToken: true };
  const forward = { ...where, startFromHead: true };
  const read = await all(logs.paginateGetLogEvents(reading, forward), "events");
  assert.deepEqual(
    read.map((event) => event.message),
    logEvents.map((event) => event.message),
  );
  const { queryId } = await groups.send(
    new logs.StartQueryCommand({
      logGroupName,
      startTime: Math.floor(now / 1000) - 60,
      endTime: Math.floor(now / 1000) + 60,
      queryString: "stats count(*) as events by level | sort level asc",
    }),
  );
  let answer;
  do {
    answer = await groups.send(new logs.GetQueryResultsCommand({ queryId }));
  } while (answer.status === "Running" || answer.status === "Scheduled");
  assert.equal(answer.status, "Complete");
  const rows = answer.results.map((row) => row.map(({ value }) => value));
  assert.deepEqual(rows, [["ERROR", "3"], ["INFO", "6"]]);
});

test("errors of logs have their type, and where a query is wrong", async () => {
  const logGroupName = "/javascript/errors";
  await groups.send(new logs.CreateLogGroupCommand({ logGroupName }));
  const again = new logs.CreateLogGroupCommand({ logGroupName });
  await assert.rejects(groups.send(again), logs.ResourceAlreadyExistsException);
  const endTime = Math.floor(Date.now() / 1000) + 60;
  const query = { logGroupName, startTime: 0, endTime, queryString: "bogus @message" };
  await assert.rejects(groups.send(new logs.StartQueryCommand(query)), (error) => {
    assert.ok(error instanceof logs.MalformedQueryException);
    assert.equal(typeof error.queryCompileError.location.startCharOffset, "number");
    return true;
  });
  const absent = new logs.DeleteLogGroupCommand({ logGroupName: "absent" });
  await assert.rejects(groups.send(absent), logs.ResourceNotFoundException);
});

test("an event reaches the log group that a rule names", async () => {
  const Name = "javascript";
  const { EventBusArn } = await buses.send(new events.CreateEventBusCommand({ Name }));
  const logGroupName = "/aws/events/javascript";
  await groups.send(new logs.CreateLogGroupCommand({ logGroupName }));
  const Arn = `${EventBusArn.split(":event-bus/")[0].replace(":events:", ":logs:")}:log-group:${logGroupName}`;
  const policyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "delivery.logs.amazonaws.com"] },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${Arn}:*`,
      },
    ],
  });
  const document = { policyName: "events", policyDocument };
  await groups.send(new logs.PutResourcePolicyCommand(document));
  const EventPattern = JSON.stringify({ source: ["shop"], detail: { total: [{ numeric: [">", 5] }] } });
  await buses.send(new events.PutRuleCommand({ Name: "paid", EventBusName: Name, EventPattern }));
  const Targets = [{ Id: "log", Arn }];
  const target = new events.PutTargetsCommand({ Rule: "paid", EventBusName: Name, Targets });
  assert.equal((await buses.send(target)).FailedEntryCount, 0);
  const Entries = [1, 7].map((total) => ({
    EventBusName: Name,
    Source: "shop",
    DetailType: "Paid",
    Detail: JSON.stringify({ total }),
    Time: new Date("2030-01-02T03:04:05Z"),
  }));
  Entries.push({ EventBusName: Name, Source: "shop", DetailType: "Paid", Detail: "no JSON" });
  const put = await buses.send(new events.PutEventsCommand({ Entries }));
  assert.equal(put.FailedEntryCount, 1);
  assert.equal(put.Entries[2].ErrorCode, "MalformedDetail");
  let logged = [];
  while (logged.length === 0) {
    logged = await all(logs.paginateFilterLogEvents({ client: groups }, { logGroupName }), "events");
  }
  const [event] = logged.map(({ message }) => JSON.parse(message));
  assert.equal(event.id, put.Entries[1].EventId);
  assert.equal(event.time, "2030-01-02T03:04:05Z");
  assert.deepEqual(event.detail, { total: 7 });
  const unknown = new events.DescribeRuleCommand({ Name: "absent" });
  await assert.rejects(buses.send(unknown), events.ResourceNotFoundException);
});

test("a trail is made, and what made it is looked up", async () => {
  const made = new trails.CreateTrailCommand({
    Name: "javascript",
    S3BucketName: "logs",
    TagsList: [{ Key: "team", Value: "red" }],
  });
  const { TrailARN } = await trail.send(made);
  await trail.send(new trails.StartLoggingCommand({ Name: TrailARN }));
  const status = await trail.send(new trails.GetTrailStatusCommand({ Name: "javascript" }));
  assert.ok(status.IsLogging && status.StartLoggingTime instanceof Date);
  const LookupAttributes = [{ AttributeKey: "ResourceName", AttributeValue: TrailARN }];
  const paging = { client: trail, pageSize: 1 };
  const found = await all(trails.paginateLookupEvents(paging, { LookupAttributes }), "Events");
  const names = found.map((event) => event.EventName);
  assert.ok(names.includes("CreateTrail") && names.includes("StartLogging"), names);
  const absent = new trails.GetTrailCommand({ Name: "absent" });
  await assert.rejects(trail.send(absent), trails.TrailNotFoundException);
});
