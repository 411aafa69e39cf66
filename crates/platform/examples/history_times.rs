//! What looking events up costs over a long history: `cargo xtask bench trail`.
//!
//! Writes events into a temporary directory, keeps the journal as the server does, opens it again,
//! and looks values up that are common, rare and absent, over all ninety days.

#![expect(
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    reason = "a measurement reads the clock, and its numbers are small"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crypto::Keyring;
use platform::{EventHistory, HistoryKey, HistoryQuery, JournalKeeping, SystemRandom};
use store::{Config, Event, Place, Store};
use wire::Timestamp;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
/// Events that wait for the disk together.
const BATCH: u64 = 2_000;
/// Lookups of each kind.
const ROUNDS: u64 = 100;
const NOW: i64 = 1_767_225_600_000;
const DAYS: i64 = 89;

type Failure = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let count = std::env::args().nth(1).map(|it| it.parse()).transpose()?;
    let count: u64 = count.unwrap_or(1_000_000);
    let dir = tempfile::tempdir()?;
    let random = Arc::new(SystemRandom);
    let keyring = Arc::new(Keyring::generate(&*random)?);
    let config = Config::new(Place::Directory(dir.path().to_owned()));
    let store = Store::open(config.clone(), keyring.clone(), random.clone()).await?;
    write(&store, count).await?;
    keep_all(&JournalKeeping::new(store.clone()))?;
    let size = disk_use(dir.path())?;
    say(&format!("on disk: {} MB", size / 1_000_000))?;
    store.close().await?;
    drop(store);

    let store = Store::open(config, keyring, random).await?;
    // What the server does as soon as it has started.
    let began = Instant::now();
    keep_all(&JournalKeeping::new(store.clone()))?;
    let kept = began.elapsed().as_secs_f64() * 1000.0;
    say(&format!(
        "last segment before the start packed and indexed in {kept:.1} ms"
    ))?;
    let history = EventHistory::new(store.clone());
    say(&format!("resident after the start: {} MB", resident_mb()?))?;
    let began = Instant::now();
    page(&history, None).await?;
    let first = began.elapsed().as_secs_f64() * 1000.0;
    say(&format!("first lookup after the start: {first:.1} ms\n"))?;
    say("| lookup | events | p50 ms | p99 ms |\n|---|---:|---:|---:|")?;
    for (name, wanted) in lookups(count) {
        let mut times = Vec::new();
        let mut found = 0;
        for round in 0..ROUNDS {
            let began = Instant::now();
            found += page(&history, wanted(round)).await?;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let at = |part: usize| {
            let time = times.get(times.len() * part / 100);
            time.map_or(0.0, |time: &Duration| time.as_secs_f64() * 1000.0)
        };
        let mean = found as u64 / ROUNDS;
        say(&format!(
            "| {name} | {mean} | {:.1} | {:.1} |",
            at(50),
            at(99)
        ))?;
    }
    say(&format!(
        "\nresident after all of them: {} MB",
        resident_mb()?
    ))
}

async fn write(store: &Store, count: u64) -> Result<(), Failure> {
    let began = Instant::now();
    let keeping = JournalKeeping::new(store.clone());
    let mut text = String::new();
    let mut bytes = 0;
    for batch in 0..count.div_ceil(BATCH) {
        let mut events = Vec::new();
        for n in batch * BATCH..count.min((batch + 1) * BATCH) {
            text.clear();
            event(n, count, &mut text)?;
            bytes += text.len();
            events.push(Event {
                now_millis: u64::try_from(time(n, count))?,
                payload: text.clone().into_bytes(),
                is_marked: false,
            });
        }
        store.append_all(events).await?;
        if batch % 50 == 0 {
            keep_all(&keeping)?;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let rate = count as f64 / seconds;
    say(&format!(
        "{count} events, {} MB as JSON, written, packed and indexed in {seconds:.0} s: {rate:.0} a second",
        bytes / 1_000_000
    ))
}

fn keep_all(keeping: &JournalKeeping) -> Result<(), Failure> {
    for segment in keeping.unfinished()? {
        keeping.finish(segment)?;
    }
    Ok(())
}

fn time(n: u64, count: u64) -> i64 {
    let span = DAYS * 24 * 60 * 60 * 1000;
    let part = span as f64 * n as f64 / count as f64;
    NOW - span + part as i64
}

/// An event as `kms:Decrypt` leaves it, and a rare one in a hundred thousand.
fn event(n: u64, count: u64, out: &mut String) -> Result<(), Failure> {
    let (id, request) = (uuid(n), uuid(n ^ 0x5555_5555));
    let rare = n % 100_003 == 7;
    let name = match n % 20 {
        _ if rare => "ScheduleKeyDeletion",
        0..12 => "Decrypt",
        12..18 => "GenerateDataKey",
        _ => "Encrypt",
    };
    let user = if rare {
        format!("rare{n}")
    } else {
        format!("service-{}", mixed(n) % 500)
    };
    let key = uuid(if rare { n } else { mixed(n + 1) % 2_000 });
    let seconds = time(n, count) / 1000;
    write!(
        out,
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLE{0}:{user}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/app/{user}","accountId":"{ACCOUNT}","accessKeyId":"ASIA{user}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLE{0}","arn":"arn:aws:iam::{ACCOUNT}:role/app","accountId":"{ACCOUNT}","userName":"app"}},"attributes":{{"creationDate":"2026-01-01T00:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"{seconds}","eventSource":"kms.amazonaws.com","eventName":"{name}","awsRegion":"{REGION}","sourceIPAddress":"10.1.2.{0}","userAgent":"Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux lang/python","requestParameters":{{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{{"tenant":"{0}"}}}},"responseElements":null,"additionalEventData":{{"keyMaterialId":"{1:064x}"}},"requestID":"{request}","eventID":"{id}","readOnly":{2},"resources":[{{"accountId":"{ACCOUNT}","type":"AWS::KMS::Key","ARN":"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"}}],"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{ACCOUNT}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"kms.{REGION}.amazonaws.com"}}}}"#,
        n % 200,
        n % 2_000,
        !rare
    )?;
    Ok(())
}

fn mixed(n: u64) -> u64 {
    let mut hash = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

fn uuid(n: u64) -> String {
    let (a, b) = (mixed(n), mixed(n ^ 0xABCD_EF01));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xFFFF,
        a & 0xFFF,
        b >> 52,
        b & 0xFFFF_FFFF_FFFF
    )
}

type Wanted = Box<dyn Fn(u64) -> Option<(HistoryKey, String)>>;

/// For each attribute a value that is common, one that is rare, and one that is not there.
fn lookups(count: u64) -> Vec<(&'static str, Wanted)> {
    use HistoryKey as K;
    let rares = (count / 100_003).max(1);
    let rare = move |round: u64| round % rares * 100_003 + 7;
    let arn = |key: String| format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}");
    let fixed = |key: HistoryKey, value: &'static str| -> Wanted {
        Box::new(move |_| Some((key, value.to_owned())))
    };
    let absent = |key: HistoryKey| -> Wanted {
        Box::new(move |round| Some((key, format!("absent{round}"))))
    };
    vec![
        ("all", Box::new(|_| None)),
        (
            "EventId",
            Box::new(move |round| Some((K::EventId, uuid(mixed(round) % count)))),
        ),
        ("EventId, absent", absent(K::EventId)),
        ("EventName, common", fixed(K::EventName, "Encrypt")),
        (
            "EventName, rare",
            fixed(K::EventName, "ScheduleKeyDeletion"),
        ),
        ("EventName, absent", absent(K::EventName)),
        ("ReadOnly, common", fixed(K::ReadOnly, "true")),
        ("ReadOnly, rare", fixed(K::ReadOnly, "false")),
        (
            "Username, common",
            Box::new(|round| Some((K::Username, format!("service-{round}")))),
        ),
        (
            "Username, rare",
            Box::new(move |round| Some((K::Username, format!("rare{}", rare(round))))),
        ),
        ("Username, absent", absent(K::Username)),
        (
            "AccessKeyId, common",
            Box::new(|round| Some((K::AccessKeyId, format!("ASIAservice-{round}")))),
        ),
        (
            "AccessKeyId, rare",
            Box::new(move |round| Some((K::AccessKeyId, format!("ASIArare{}", rare(round))))),
        ),
        ("AccessKeyId, absent", absent(K::AccessKeyId)),
        (
            "ResourceName, common",
            Box::new(move |round| Some((K::ResourceName, arn(uuid(round))))),
        ),
        (
            "ResourceName, rare",
            Box::new(move |round| Some((K::ResourceName, arn(uuid(rare(round)))))),
        ),
        ("ResourceName, absent", absent(K::ResourceName)),
        (
            "ResourceType, common",
            fixed(K::ResourceType, "AWS::KMS::Key"),
        ),
        ("ResourceType, absent", absent(K::ResourceType)),
        (
            "EventSource, common",
            fixed(K::EventSource, "kms.amazonaws.com"),
        ),
        ("EventSource, absent", absent(K::EventSource)),
    ]
}

/// Looks a page up; returns how many events it has.
async fn page(
    history: &EventHistory,
    attribute: Option<(HistoryKey, String)>,
) -> Result<usize, Failure> {
    let query = HistoryQuery {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        attribute,
        from: Timestamp { millis: 0 },
        to: Timestamp { millis: NOW },
        before: None,
        limit: 50,
    };
    let page = history.look_up(query, Timestamp { millis: NOW }).await;
    let page = page.map_err(|_| "the history could not be read")?;
    Ok(page.events.len())
}

fn disk_use(dir: &std::path::Path) -> Result<u64, Failure> {
    let mut sum = 0;
    for file in std::fs::read_dir(dir.join("journal"))? {
        sum += file?.metadata()?.len();
    }
    Ok(sum)
}

fn resident_mb() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let line = line.ok_or("no resident size")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1000)
}

fn say(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(())
}
