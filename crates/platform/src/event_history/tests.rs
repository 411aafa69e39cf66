//! The history beside a plain search through all events.

use std::sync::Arc;

use crypto::Keyring;
use store::{Config, Event};

use super::*;
use crate::randomness::SeededRandom;

const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-2"];
const NAMES: [&str; 3] = ["Decrypt", "GetUser", "CreateKey"];
const KEYS: [HistoryKey; 8] = [
    HistoryKey::EventId,
    HistoryKey::EventName,
    HistoryKey::ReadOnly,
    HistoryKey::Username,
    HistoryKey::ResourceType,
    HistoryKey::ResourceName,
    HistoryKey::EventSource,
    HistoryKey::AccessKeyId,
];

struct Made {
    account: &'static str,
    region: &'static str,
    millis: i64,
    json: String,
    /// The values of each of `KEYS`.
    values: [Vec<String>; 8],
}

/// Events whose times are not quite in order, as those of calls that take long.
fn made(count: i64) -> Vec<Made> {
    (0..count).map(one).collect()
}

fn one(n: i64) -> Made {
    let pick = |n: i64, of: i64| usize::try_from((n * 7919 / 3) % of).expect("small");
    let (account, region) = (ACCOUNTS[pick(n, 2)], REGIONS[pick(n / 2, 2)]);
    let (name, user) = (NAMES[pick(n, 3)], format!("user{}", n % 11));
    let (id, key) = (format!("id-{n}"), format!("AKIA{}", n % 13));
    let arns: Vec<_> = (0..n % 4)
        .map(|m| format!("arn:{}", (n + m) % 29))
        .collect();
    let kinds: Vec<_> = arns.iter().map(|arn| format!("T{}", arn.len())).collect();
    let resources: Vec<_> = arns
        .iter()
        .zip(&kinds)
        .map(|(arn, kind)| format!(r#"{{"ARN":"{arn}","type":"{kind}"}}"#))
        .collect();
    let (read_only, source) = (n % 5 == 0, format!("s{}.amazonaws.com", n % 3));
    let json = format!(
        r#"{{"userIdentity":{{"type":"AssumedRole","principalId":"AROA:{user}","accessKeyId":"{key}"}},
        "eventSource":"{source}","eventName":"{name}","awsRegion":"{region}","eventID":"{id}",
        "readOnly":{read_only},"resources":[{}],"recipientAccountId":"{account}"}}"#,
        resources.join(",")
    );
    let values = [
        vec![id],
        vec![name.to_owned()],
        vec![read_only.to_string()],
        vec![user],
        kinds,
        arns,
        vec![source],
        vec![key],
    ];
    let millis = 1_000_000 + n * 1000 - (n % 3) * 1500;
    Made {
        account,
        region,
        millis,
        json,
        values,
    }
}

async fn filled(place: store::Place, made: &[Made]) -> EventHistory {
    let random = Arc::new(SeededRandom::new(1));
    let keyring = Arc::new(Keyring::generate(&*random).expect("seeded"));
    let mut config = Config::new(place);
    config.segment_bytes = 20_000;
    let store = Store::open(config, keyring, random).await.expect("a store");
    for one in made {
        let event = Event {
            now_millis: u64::try_from(one.millis).expect("positive"),
            payload: one.json.clone().into_bytes(),
        };
        store.append(event).await.expect("room");
    }
    EventHistory::new(store)
}

/// All ids that pages of `limit` give.
async fn paged(
    history: &EventHistory,
    attribute: Option<(HistoryKey, String)>,
    (from, to): (i64, i64),
    limit: usize,
) -> Vec<String> {
    let (mut ids, mut before) = (Vec::new(), None);
    loop {
        let query = HistoryQuery {
            account: ACCOUNTS[0].to_owned(),
            region: REGIONS[1].to_owned(),
            attribute: attribute.clone(),
            from: Timestamp { millis: from },
            to: Timestamp { millis: to },
            before,
            limit,
        };
        let now = Timestamp { millis: 10_000_000 };
        let page = history.look_up(query, now).await.ok().expect("a journal");
        assert!(page.events.len() <= limit);
        before = page.next;
        ids.extend(page.events.into_iter().map(|event| event.id));
        if before.is_none() {
            return ids;
        }
    }
}

async fn check(history: &EventHistory, made: &[Made]) {
    let all = (0, i64::MAX);
    let ranges = [all, (1_100_000, 1_200_000), (1_399_000, 1_399_000), (9, 8)];
    for range in ranges {
        let within = |one: &&Made| {
            let own = one.account == ACCOUNTS[0] && one.region == REGIONS[1];
            own && one.millis >= range.0 && one.millis <= range.1
        };
        let own: Vec<_> = made.iter().rev().filter(within).collect();
        let ids = |of: &[&Made]| -> Vec<String> {
            of.iter().map(|one| one.values[0][0].clone()).collect()
        };
        assert_eq!(paged(history, None, range, 50).await, ids(&own));
        for (position, key) in KEYS.into_iter().enumerate() {
            let values = own.iter().flat_map(|one| one.values[position].clone());
            let mut values: Vec<_> = values.collect();
            values.sort_unstable();
            values.dedup();
            values.truncate(9);
            values.push("no such value".to_owned());
            for value in values {
                let with = own.iter().copied();
                let with = with.filter(|one| one.values[position].contains(&value));
                let found = paged(history, Some((key, value.clone())), range, 7).await;
                assert_eq!(found, ids(&with.collect::<Vec<_>>()), "{key:?} {value}");
            }
        }
    }
    assert!(!paged(history, None, all, 50).await.is_empty());
}

#[tokio::test]
async fn every_attribute_finds_what_a_plain_search_finds() {
    let made = made(500);
    check(&filled(store::Place::Memory, &made).await, &made).await;
}

#[tokio::test]
async fn the_history_is_read_from_segments_on_disk() {
    let dir = tempfile::tempdir().expect("a directory");
    let made = made(500);
    let place = store::Place::Directory(dir.path().to_owned());
    check(&filled(place, &made).await, &made).await;
}

#[tokio::test]
async fn what_is_too_old_is_forgotten() {
    let made = made(9000);
    let history = filled(store::Place::Memory, &made).await;
    let now = Timestamp {
        millis: made[8500].millis + HISTORY_MILLIS,
    };
    // Nobody has asked yet: nothing is read.
    history.catch_up(now).await.ok().expect("a journal");
    assert!(history.state.read().expect("whole").rows.is_empty());
    catch_up(&history.state, &history.store, now)
        .ok()
        .expect("a journal");
    let state = history.state.read().expect("whole");
    let kept = |rows: &Rows| {
        rows.newest_first(u64::MAX, &rows::Test::new(&state.classes, None))
            .count()
    };
    let kept: usize = state.rows.values().map(kept).sum();
    assert!((500..9000).contains(&kept), "{kept}");
    assert!(
        state.blocks.blocks.len() < 10,
        "{}",
        state.blocks.blocks.len()
    );
}
