//! `cargo xtask bench active`: what calls of KMS cost while a trail delivers them, rules on the
//! default bus listen, and a log group is subscribed to; beside a server that has nothing of it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::aws::{Client, Operation};
use super::process::{self, Running};
use super::{ROUNDS, Turns};

/// Rounds are long enough, together, that the trail delivers in some of them.
const TIMES: usize = 3;
const RULES: usize = 10;
const BUCKET: &str = "logs";

/// Measures both in turns. Whichever has no turn is stopped, so that each does all of its work in its
/// own time.
pub(crate) fn run() -> Result<()> {
    process::build()?;
    let (collector, address) = collector()?;
    let quiet = Running::strongroom("quiet")?;
    let active = Running::active("active", BUCKET)?;
    set_up(&active, &address)?;
    println!("| call | quiet/s | active/s | ratio | quiet CPU us | active CPU us | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let (client, other) = (Client::new(&quiet)?, Client::new(&active)?);
    let (key, others) = (client.create_key()?, other.create_key()?);
    for operation in Operation::ALL {
        let requests = client.requests(*operation, &key, 4096)?;
        let other_requests = other.requests(*operation, &others, 4096)?;
        let (mut bare, mut full) = (Turns::of(&quiet), Turns::of(&active));
        active.pause()?;
        for _ in 0..ROUNDS * TIMES {
            bare.take(&requests)?;
            quiet.pause()?;
            active.resume()?;
            full.take(&other_requests)?;
            active.pause()?;
            quiet.resume()?;
        }
        active.resume()?;
        let (bare, full) = (bare.sum(), full.sum());
        println!(
            "| {} | {:.0} | {:.0} | {:.3} | {:.1} | {:.1} | {:.3} |",
            operation.name(),
            bare.per_second,
            full.per_second,
            full.per_second / bare.per_second,
            bare.cpu_micros,
            full.cpu_micros,
            full.cpu_micros / bare.cpu_micros,
        );
    }
    println!("\n{} files delivered", active.delivered(BUCKET)?);
    drop(collector);
    Ok(())
}

/// Something that answers every request with 200, and where it is.
fn collector() -> Result<(std::thread::JoinHandle<()>, String)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let serving = std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away is no matter.
            let _ = answer(stream);
        }
    });
    Ok((serving, address))
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut received = [0; 65536];
    stream.read(&mut received).map(drop)?;
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

/// A trail that logs everything, a log group with a subscriber, and rules that send events there.
fn set_up(server: &Running, collector: &str) -> Result<()> {
    let trails = Client::for_trails(server)?;
    trails.call(
        "CreateTrail",
        &json!({ "Name": "all", "S3BucketName": BUCKET, "IsMultiRegionTrail": true }),
    )?;
    trails.call("StartLogging", &json!({ "Name": "all" }))?;
    let logs = Client::for_logs(server)?;
    logs.call("CreateLogGroup", &json!({ "logGroupName": "told" }))?;
    let answer = logs.call("DescribeLogGroups", &json!({}))?;
    let group = answer.pointer("/logGroups/0/logGroupArn");
    let group = group.and_then(Value::as_str).context("no log group")?;
    let account = group.split(':').nth(4).context("no account")?;
    let document = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Resource": "*", "Principal": { "Service": "events.amazonaws.com" },
          "Action": ["logs:CreateLogStream", "logs:PutLogEvents"] },
    ]});
    let input = json!({ "policyName": "events", "policyDocument": document.to_string() });
    logs.call("PutResourcePolicy", &input)?;
    Client::for_iam(server)?.create_role("logs", "logs")?;
    subscribe(&logs, account, collector)?;
    let events = Client::for_events(server)?;
    for rule in 0..RULES {
        let pattern = match rule {
            0 => json!({ "detail-type": ["AWS API Call via CloudTrail"] }),
            _ => json!({ "source": ["aws.kms"], "detail": { "key-id": [format!("{rule}")] } }),
        };
        let name = format!("rule-{rule}");
        let input = json!({ "Name": name, "EventPattern": pattern.to_string() });
        events.call("PutRule", &input)?;
        let target = json!({ "Rule": name, "Targets": [{ "Id": "group", "Arn": group }] });
        events.call("PutTargets", &target)?;
    }
    Ok(())
}

fn subscribe(logs: &Client, account: &str, collector: &str) -> Result<()> {
    let region = super::aws::REGION;
    let destination = json!({
        "destinationName": "collector",
        "targetArn": format!("arn:aws:logs:{region}:{account}:webhook:http://{collector}/"),
        "roleArn": format!("arn:aws:iam::{account}:role/logs"),
    });
    let made = logs.call("PutDestination", &destination)?;
    let filter = json!({
        "logGroupName": "told", "filterName": "all", "filterPattern": "",
        "destinationArn": made["destination"]["arn"],
    });
    logs.call("PutSubscriptionFilter", &filter)?;
    Ok(())
}
