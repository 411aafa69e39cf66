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

/// A store of the same keys. Salts are never the same: `times` tells how often it was opened.
async fn opened(place: store::Place, times: u64) -> Store {
    let keyring = Keyring::generate(&SeededRandom::new(1)).expect("seeded");
    let mut config = Config::new(place);
    config.segment_bytes = 20_000;
    let random = Arc::new(SeededRandom::new(2 + times));
    let store = Store::open(config, Arc::new(keyring), random).await;
    store.expect("a store")
}

async fn filled(place: store::Place, made: &[Made]) -> EventHistory {
    let store = opened(place, 0).await;
    for one in made {
        let event = Event {
            now_millis: u64::try_from(one.millis).expect("positive"),
            payload: one.json.clone().into_bytes(),
            is_marked: false,
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

/// The files of the journal with this ending.
fn files(dir: &std::path::Path, ending: &str) -> Vec<std::path::PathBuf> {
    let all = std::fs::read_dir(dir.join("journal")).expect("a journal");
    let all = all.map(|it| it.expect("an entry").path());
    let mut all: Vec<_> = all
        .filter(|it| it.extension().is_some_and(|it| it == ending))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn the_history_is_read_from_segments_on_disk() {
    let dir = tempfile::tempdir().expect("a directory");
    let made = made(500);
    let place = store::Place::Directory(dir.path().to_owned());
    let history = filled(place.clone(), &made).await;
    check(&history, &made).await;
    let indexed = files(dir.path(), "idx");
    assert!(indexed.len() > 5 && files(dir.path(), "pack").is_empty());
    // The same while segments are packed below it, and after it.
    let keeping = crate::JournalKeeping::new(history.store.clone());
    for (done, segment) in keeping.unfinished().expect("files").into_iter().enumerate() {
        keeping.finish(segment).expect("room");
        if done % 4 == 0 {
            check(&history, &made).await;
        }
    }
    assert_eq!(files(dir.path(), "pack").len(), indexed.len());
    check(&history, &made).await;
    history.store.close().await.expect("an orderly end");
    drop((history, keeping));
    check(&EventHistory::new(opened(place, 1).await), &made).await;
}

/// After a start, the journal is not read again: only the segment that was newest before it, whose
/// index nobody had made, and the events of answers.
#[tokio::test]
async fn a_start_finds_the_index_that_was_made() {
    let dir = tempfile::tempdir().expect("a directory");
    let made = made(500);
    let place = store::Place::Directory(dir.path().to_owned());
    let history = filled(place.clone(), &made).await;
    let keeping = crate::JournalKeeping::new(history.store.clone());
    for segment in keeping.unfinished().expect("files") {
        keeping.finish(segment).expect("room");
    }
    drop((history, keeping));
    // Blocks that cannot be opened: whoever reads them fails.
    let packed = files(dir.path(), "pack");
    for file in &packed {
        let mut bytes = std::fs::read(file).expect("a segment");
        *bytes.last_mut().expect("a block") ^= 1;
        std::fs::write(file, bytes).expect("room");
    }
    let history = EventHistory::new(opened(place, 1).await);
    let absent = Some((HistoryKey::Username, "nobody".to_owned()));
    assert!(paged(&history, absent, (0, i64::MAX), 50).await.is_empty());
    let newest = (made[499].millis - 5000, i64::MAX);
    assert!(!paged(&history, None, newest, 50).await.is_empty());
    let parts = history.parts.read().expect("whole");
    // And that segment, which is closed since nothing is written to it after a start.
    assert_eq!(parts.closed_count(), packed.len() + 1);
}

#[tokio::test]
async fn a_damaged_index_is_made_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let made = made(300);
    let place = store::Place::Directory(dir.path().to_owned());
    let history = filled(place.clone(), &made).await;
    check(&history, &made).await;
    drop(history);
    let indexed = files(dir.path(), "idx");
    let whole: Vec<_> = indexed
        .iter()
        .map(|it| std::fs::read(it).expect("read"))
        .collect();
    std::fs::remove_file(&indexed[0]).expect("there");
    std::fs::write(&indexed[1], &whole[1][..40]).expect("room");
    std::fs::write(&indexed[2], &whole[1]).expect("room");
    let mut summary = whole[3].clone();
    summary[100] ^= 1;
    std::fs::write(&indexed[3], summary).expect("room");
    // The rows, which are read later.
    let mut rows = whole[4].clone();
    *rows.last_mut().expect("rows") ^= 1;
    std::fs::write(&indexed[4], rows).expect("room");
    check(&EventHistory::new(opened(place, 1).await), &made).await;
    for (file, whole) in indexed.iter().zip(&whole) {
        assert_eq!(std::fs::read(file).expect("read").len(), whole.len());
    }
}

#[tokio::test]
async fn what_is_too_old_is_forgotten() {
    let dir = tempfile::tempdir().expect("a directory");
    let made = made(3000);
    let place = store::Place::Directory(dir.path().to_owned());
    let history = filled(place, &made).await;
    let now = Timestamp {
        millis: made[2500].millis + HISTORY_MILLIS,
    };
    // Nobody has asked yet: nothing is read.
    history.catch_up(now).await.ok().expect("a journal");
    let parts = Arc::clone(&history.parts);
    assert!(!parts.read().expect("whole").is_in_use());
    let kept = || parts.read().expect("whole").closed_count();
    let early = Timestamp {
        millis: made[0].millis,
    };
    let look_up = |now| {
        let query = HistoryQuery {
            account: ACCOUNTS[0].to_owned(),
            region: REGIONS[0].to_owned(),
            attribute: None,
            from: Timestamp { millis: 0 },
            to: now,
            before: None,
            limit: 50,
        };
        history.look_up(query, now)
    };
    look_up(early).await.ok().expect("a journal");
    let all = kept();
    history.catch_up(now).await.ok().expect("a journal");
    let few = kept();
    assert!(few > 1 && few < all / 3, "{few} of {all}");
    // After a start, no more is read.
    let again = EventHistory::new(history.store.clone());
    again.look_up_all(now).await;
    assert_eq!(again.parts.read().expect("whole").closed_count(), few);
}

impl EventHistory {
    async fn look_up_all(&self, now: Timestamp) {
        let mut parts = self.parts.write().expect("whole");
        let read = parts.catch_up(&self.store, now.millis - HISTORY_MILLIS);
        read.ok().expect("a journal");
    }
}

/// The index beside a plain search: of each segment, all that fits is among the candidates, and
/// little else.
#[tokio::test]
async fn candidates_are_all_that_fit_and_few_others() {
    let dir = tempfile::tempdir().expect("a directory");
    let made = made(500);
    let place = store::Place::Directory(dir.path().to_owned());
    let history = filled(place, &made).await;
    let odd = Event {
        now_millis: 1_500_000,
        payload: br#"{"eventName":"Odd"}"#.to_vec(),
    };
    history.store.append(odd).await.expect("room");
    let keyring = Keyring::generate(&SeededRandom::new(1)).expect("seeded");
    drop(history);
    let store = opened(store::Place::Directory(dir.path().to_owned()), 1).await;
    let keeping = crate::JournalKeeping::new(store);
    for segment in keeping.unfinished().expect("files") {
        keeping.finish(segment).expect("room");
    }
    let searches = [
        HistorySearch::default(),
        HistorySearch {
            account: Some(ACCOUNTS[0].to_owned()),
            name: Some("Decrypt".to_owned()),
            ..HistorySearch::default()
        },
        HistorySearch {
            region: Some(REGIONS[1].to_owned()),
            source: Some("s1.amazonaws.com".to_owned()),
            times: Some((1_100_000, 1_200_000)),
            ..HistorySearch::default()
        },
        HistorySearch {
            access_key: Some("AKIA7".to_owned()),
            ..HistorySearch::default()
        },
        HistorySearch {
            resource: Some("arn:17".to_owned()),
            ..HistorySearch::default()
        },
    ];
    for search in searches {
        let has = |wanted: &Option<String>, values: &[String]| {
            let wanted = wanted.as_ref();
            wanted.is_none_or(|wanted| values.contains(wanted))
        };
        let fits = |one: &Made| {
            has(&search.account, &[one.account.to_owned()])
                && has(&search.region, &[one.region.to_owned()])
                && has(&search.name, &one.values[1])
                && has(&search.source, &one.values[6])
                && has(&search.access_key, &one.values[7])
                && has(&search.resource, &one.values[5])
                && search
                    .times
                    .is_none_or(|(from, to)| one.millis >= from && one.millis <= to)
        };
        let wanted: Vec<u64> = (1..)
            .zip(&made)
            .filter(|(_, one)| fits(one))
            .map(|(seq, _)| seq)
            .collect();
        let (mut found, mut seq) = (Vec::new(), 1);
        while seq <= 501 {
            let segment = store::journal::indexed(dir.path(), &keyring, seq);
            let segment = segment.expect("sound").expect("packed and indexed");
            assert_eq!(segment.first.seq, seq);
            found.extend(search.candidates(&segment).expect("an index"));
            seq = segment.last_seq + 1;
        }
        assert!(found.is_sorted() && !wanted.is_empty());
        assert!(wanted.iter().all(|seq| found.contains(seq)), "{search:?}");
        // The odd one is not understood, so it may be anything, where the time fits.
        let extra = found.len() - wanted.len();
        let beside = if search.times.is_some() { 2 * 64 } else { 1 };
        assert!(extra <= beside, "{search:?}: {extra}");
        assert_eq!(found.contains(&501), search.times.is_none());
    }
    assert!(
        store::journal::indexed(dir.path(), &keyring, 502)
            .expect("sound")
            .is_none()
    );
}
