//! `cargo xtask bench logs`: what log events cost that come in and go out, and a search through a
//! gigabyte of them.

use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::aws::Client;
use super::load;
use super::process::{self, Running};

/// Streams, each written and read over a connection of its own.
const STREAMS: usize = 4;
/// Events of a batch, with the bytes of each as AWS counts them: a mebibyte in all, nearly.
const EVENTS: usize = 4_000;
const EVENT_BYTES: usize = 256;
/// Bytes of events that are searched.
const SEARCHED: usize = 1_000_000_000;
const SECONDS: f64 = 8.0;

pub(crate) fn run() -> Result<()> {
    process::build()?;
    let server = Running::strongroom("logs")?;
    let (kms, client) = (Client::new(&server)?, Client::for_logs(&server)?);
    println!("batches of {EVENTS} events of {EVENT_BYTES} bytes, {STREAMS} connections");
    println!("\n| call | group | MB/s | MB/CPU s | p99 ms |");
    println!("|---|---|---:|---:|---:|");
    for group in ["plain", "sealed"] {
        let key = match group {
            "plain" => None,
            _ => Some(key(&kms)?),
        };
        let input = json!({ "logGroupName": group, "kmsKeyId": key });
        client.call("CreateLogGroup", &input)?;
        let put = batches(&client, group)?;
        let megabytes = (EVENTS * EVENT_BYTES) as f64 / 1e6;
        measure(&server, ("PutLogEvents", group), &put, megabytes)?;
        let get = pages(&client, group)?;
        measure(&server, ("GetLogEvents", group), &get, megabytes)?;
    }
    search(&server, &client)
}

/// A key that CloudWatch Logs may use: its ARN.
fn key(kms: &Client) -> Result<String> {
    let known = kms.create_key()?;
    let answer = kms.call("DescribeKey", &json!({ "KeyId": known }))?;
    let account = answer.pointer("/KeyMetadata/AWSAccountId");
    let account = account.and_then(Value::as_str).context("no account")?;
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "kms:*", "Resource": "*",
          "Principal": { "AWS": format!("arn:aws:iam::{account}:root") } },
        { "Effect": "Allow", "Action": "kms:*", "Resource": "*",
          "Principal": { "Service": "logs.eu-west-2.amazonaws.com" } },
    ]});
    let input = json!({ "KeyId": known, "Policy": policy.to_string(), "PolicyName": "default" });
    kms.call("PutKeyPolicy", &input)?;
    let arn = answer.pointer("/KeyMetadata/Arn").and_then(Value::as_str);
    Ok(arn.context("no ARN")?.to_owned())
}

/// A batch for each stream, which are made first.
fn batches(client: &Client, group: &str) -> Result<Vec<Vec<u8>>> {
    let batch = |stream: usize| {
        let stream = format!("stream-{stream}");
        let input = json!({ "logGroupName": group, "logStreamName": stream });
        client.call("CreateLogStream", &input)?;
        let events: Vec<_> = (0..EVENTS).map(|nth| event(client, nth)).collect();
        let input = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
        Ok(client.request("PutLogEvents", &input))
    };
    (0..STREAMS).map(batch).collect()
}

/// An event that looks like one of a program that logs JSON.
fn event(client: &Client, nth: usize) -> Value {
    let mut message = format!(
        "{{\"level\":\"INFO\",\"request\":\"{:016x}\",\"path\":\"/orders/{nth}\",\"text\":\"",
        nth.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    );
    while message.len() < EVENT_BYTES - 26 - 2 {
        message.push(char::from(b'a' + (message.len() * 7 + nth) as u8 % 26));
    }
    message.push_str("\"}");
    json!({ "timestamp": client.now_millis(), "message": message })
}

/// The requests that read some pages of each stream, one behind the other.
fn pages(client: &Client, group: &str) -> Result<Vec<Vec<u8>>> {
    let mut requests = Vec::new();
    for stream in 0..STREAMS {
        let mut token = Value::Null;
        for _ in 0..8 {
            let input = json!({
                "logGroupName": group, "logStreamName": format!("stream-{stream}"),
                "startFromHead": true, "nextToken": token,
            });
            requests.push(client.request("GetLogEvents", &input));
            token = client.call("GetLogEvents", &input)?["nextForwardToken"].clone();
        }
    }
    Ok(requests)
}

fn measure(
    server: &Running,
    (call, group): (&str, &str),
    requests: &[Vec<u8>],
    megabytes: f64,
) -> Result<()> {
    let before = server.cpu_seconds()?;
    let outcome = load::run(server.address(), requests, STREAMS, SECONDS)?;
    let cpu = server.cpu_seconds()? - before;
    let moved = outcome.latencies.len() as f64 * megabytes;
    let mut latencies = outcome.latencies;
    latencies.sort_unstable();
    let p99 = latencies.get(latencies.len() * 99 / 100).copied();
    println!(
        "| {call} | {group} | {:.0} | {:.0} | {:.1} |",
        moved / outcome.seconds,
        moved / cpu,
        f64::from(p99.unwrap_or_default()) / 1000.0,
    );
    Ok(())
}

/// Searches a gigabyte for what is not in it.
fn search(server: &Running, client: &Client) -> Result<()> {
    let group = "searched";
    let input = json!({ "logGroupName": group });
    client.call("CreateLogGroup", &input)?;
    let requests = batches(client, group)?;
    let count = SEARCHED / (EVENTS * EVENT_BYTES);
    for _ in 0..count.div_ceil(STREAMS) {
        load::once(server.address(), &requests, STREAMS)?;
    }
    let (started, before) = (Instant::now(), server.cpu_seconds()?);
    let (mut token, mut pages, mut slowest) = (Value::Null, 0, 0.0_f64);
    loop {
        let input = json!({
            "logGroupName": group, "filterPattern": "{ $.level = \"ERROR\" }", "nextToken": token,
        });
        let page = Instant::now();
        let answer = client.call("FilterLogEvents", &input)?;
        slowest = slowest.max(page.elapsed().as_secs_f64());
        pages += 1;
        token = answer["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "\nFilterLogEvents through {:.1} GB: {pages} pages in {seconds:.1} s ({:.0} MB/s, {:.0} MB/CPU s), \
         the slowest {:.0} ms; resident memory {} MB",
        SEARCHED as f64 / 1e9,
        SEARCHED as f64 / 1e6 / seconds,
        SEARCHED as f64 / 1e6 / (server.cpu_seconds()? - before),
        slowest * 1000.0,
        server.resident_mb()?,
    );
    Ok(())
}
