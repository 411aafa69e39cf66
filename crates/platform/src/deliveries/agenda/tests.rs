use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::randomness::SeededRandom;

fn at(millis: i64) -> Timestamp {
    Timestamp { millis }
}

fn scheduled(queue: &str, ordered: bool, due_millis: i64, number: u64) -> Scheduled {
    of_account("1", queue, ordered, due_millis, number)
}

fn of_account(
    account: &str,
    queue: &str,
    ordered: bool,
    due_millis: i64,
    number: u64,
) -> Scheduled {
    Scheduled {
        account: account.into(),
        queue: queue.into(),
        ordered,
        due_millis,
        bytes: 100,
        id: DeliveryId(number, 0),
    }
}

fn taken(agenda: &Arc<Agenda>, millis: i64) -> Vec<Taken> {
    std::iter::from_fn(|| agenda.take(at(millis))).collect()
}

fn numbers(taken: &[Taken]) -> Vec<u64> {
    taken.iter().map(|taken| taken.id().0).collect()
}

#[test]
fn ids_grow_even_where_the_clock_does_not() {
    let (agenda, random) = (Agenda::default(), SeededRandom::new(1));
    let mut last = DeliveryId(0, 0);
    for millis in [1000, 1000, 900, 1001, 0, 5] {
        let Ok(id) = agenda.next_id(at(millis), &random) else {
            panic!("seeded randomness does not fail")
        };
        assert!(id.0 > last.0);
        assert_eq!(DeliveryId::of(&id.key()), Some(id));
        last = id;
    }
    assert_eq!(DeliveryId::of(&Key::new("", "", ["é".repeat(16)])), None);
}

#[test]
fn nothing_overtakes_in_a_queue_with_order() {
    let agenda = Arc::new(Agenda::default());
    let add = |number| agenda.add(vec![scheduled("q", true, 10, number)]);
    (1..4).for_each(add);
    assert!(taken(&agenda, 9).is_empty());
    let mut first = taken(&agenda, 10);
    assert_eq!(numbers(&first), [1]);
    first.pop().unwrap().again(50);
    add(4);
    assert!(taken(&agenda, 49).is_empty());
    assert_eq!(agenda.next_due(), Some(50));
    for number in 1..=4 {
        let mut next = taken(&agenda, 50);
        assert_eq!(numbers(&next), [number]);
        next.pop().unwrap().gone();
    }
    assert_eq!((agenda.next_due(), agenda.counts().waiting), (None, 0));
    assert!(agenda.state().queues.is_empty());
}

#[test]
fn a_queue_that_hangs_holds_up_no_other() {
    let agenda = Arc::new(Agenda::default());
    for number in 0..1000 {
        agenda.add(vec![scheduled("hangs", false, 0, number)]);
    }
    let hanging = taken(&agenda, 5);
    assert_eq!(hanging.len(), MOST_OF_QUEUE);
    agenda.add(vec![scheduled("other", false, 5, 5000)]);
    assert_eq!(numbers(&taken(&agenda, 5)), [5000]);
    drop(hanging);
    assert_eq!(agenda.counts().waiting, 1001);
    assert_eq!(agenda.next_due(), Some(0));
}

#[test]
fn no_more_is_under_way_than_may_be() {
    let agenda = Arc::new(Agenda::default());
    for number in 0..1000 {
        let (account, queue) = ((number / 2).to_string(), number.to_string());
        agenda.add(vec![of_account(&account, &queue, true, 0, number)]);
    }
    let mut some = taken(&agenda, 0);
    assert_eq!((some.len(), agenda.next_due()), (MOST, None));
    some.pop().unwrap().gone();
    assert_eq!(taken(&agenda, 0).len(), 1);
}

/// Somebody's receivers answer as slowly as they may, and there are many of them. Whatever waits
/// there was staged before everything else.
#[test]
fn sec_w2_an_account_whose_receivers_hang_holds_up_no_other() {
    let agenda = Arc::new(Agenda::default());
    for number in 0..2000 {
        let queue = format!("hangs {number}");
        agenda.add(vec![of_account("1", &queue, true, 0, number)]);
    }
    let mut hanging = taken(&agenda, 5);
    assert_eq!(hanging.len(), MOST / 2);
    agenda.add(vec![of_account("2", "other", true, 4, 5000)]);
    assert_eq!(agenda.next_due(), Some(4));
    assert_eq!(numbers(&taken(&agenda, 5)), [5000]);
    // Each that ends is followed by another one of the account, unless somebody else has less.
    hanging.pop().unwrap().gone();
    agenda.add(vec![of_account("3", "last", false, 5, 6000)]);
    let next = taken(&agenda, 5);
    assert_eq!(numbers(&next).first(), Some(&6000));
    assert_eq!(agenda.state().accounts.len(), 3);
}

#[test]
fn what_breaks_off_is_tried_again() {
    let agenda = Arc::new(Agenda::default());
    agenda.add(vec![scheduled("q", true, 0, 1)]);
    drop(taken(&agenda, 7));
    assert_eq!(agenda.next_due(), Some(7 + AFTER_A_BREAK));
}

proptest! {
    /// However attempts end, each delivery is taken until it is gone, and then no more; those with
    /// order are gone in their order.
    #[test]
    fn each_delivery_is_taken_until_it_is_gone(
        queues in prop::collection::vec((0..4_usize, 0..20_i64), 1..60),
        ends in prop::collection::vec(prop::option::weighted(0.4, 1..30_i64), 400),
    ) {
        let agenda = Arc::new(Agenda::default());
        for (number, (queue, due)) in queues.iter().enumerate() {
            let number = number as u64;
            // Queues 0 and 1 have an order.
            agenda.add(vec![scheduled(&queue.to_string(), *queue < 2, *due, number)]);
        }
        let (mut gone, mut ends) = (BTreeMap::<usize, Vec<u64>>::new(), ends.into_iter());
        let mut clock = 0;
        while let Some(due) = agenda.next_due() {
            clock = due.max(clock);
            for taken in taken(&agenda, clock) {
                let number = taken.id().0;
                match ends.next().flatten() {
                    Some(later) => taken.again(clock + later),
                    None => {
                        let queue = queues[usize::try_from(number).unwrap()].0;
                        gone.entry(queue).or_default().push(number);
                        taken.gone();
                    }
                }
            }
        }
        for (queue, numbers) in &mut gone {
            let in_order = numbers.is_sorted();
            prop_assert!(*queue >= 2 || in_order);
            numbers.sort_unstable();
            let expected = queues.iter().enumerate().filter(|(_, (of, _))| of == queue);
            let expected: Vec<u64> = expected.map(|(number, _)| number as u64).collect();
            prop_assert_eq!(&*numbers, &expected);
        }
        prop_assert_eq!(gone.values().map(Vec::len).sum::<usize>(), queues.len());
        prop_assert_eq!(agenda.counts().waiting, 0);
        prop_assert!(agenda.state().queues.is_empty() && agenda.state().accounts.is_empty());
    }
}

/// What a million deliveries cost that wait for receivers which do not answer. By hand, since it
/// measures this process: `cargo test --release -p platform -- --ignored a_million --nocapture`.
#[test]
#[ignore = "a measurement"]
fn a_million_waiting_deliveries_take_less_than_128_mib() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number
            .and_then(|number| number.parse::<u64>().ok())
            .expect("a number")
            / 1024
    };
    let agenda = Arc::new(Agenda::default());
    let before = resident();
    for page in 0..1000_u64 {
        let page = (0..1000_u64).map(|row| Scheduled {
            account: "111122223333".into(),
            queue: format!("events arn:aws:events:eu-west-2:111122223333:rule/{row} t").into(),
            ordered: false,
            due_millis: i64::try_from(page).expect("small"),
            bytes: 100,
            id: DeliveryId(page, row),
        });
        agenda.add(page.collect());
    }
    let mib = resident() - before;
    println!("{mib} MiB");
    assert_eq!(agenda.counts().waiting, 1_000_000);
    assert!(mib < 128, "{mib} MiB");
}

/// Receivers that do not answer would fill disk and memory with what waits for them.
#[test]
fn sec_w2_an_account_has_room_for_so_much() {
    let agenda = Arc::new(Agenda::default());
    let room = || ["1", "2"].map(|account| agenda.has_room(account, 50));
    let most = |count, bytes| agenda.limit(Waiting { count, bytes });
    most(600, 200_000);
    for number in 0..300 {
        assert_eq!(room(), [true, true]);
        let ordered = number % 2 == 0;
        let queue = if ordered { "ordered" } else { "other" };
        // What is read again at the start counts once.
        for _ in 0..2 {
            agenda.add(vec![of_account("1", queue, ordered, 10, number)]);
        }
    }
    assert_eq!(room(), [false, true]);
    assert!(agenda.has_room("1", 51));
    most(700, 60_000);
    assert_eq!(room(), [false, true]);
    most(700, 60_200);
    assert_eq!(room(), [true, true]);
    most(600, 200_000);
    // What is under way waits; what comes back as well.
    for one in taken(&agenda, 10) {
        assert_eq!(room(), [false, true]);
        one.again(20);
    }
    assert_eq!(room(), [false, true]);
    while let Some(one) = agenda.take(at(20)) {
        one.gone();
        assert_eq!(room(), [true, true]);
    }
    assert!(agenda.state().accounts.is_empty());
}

#[test]
fn what_is_hastened_is_due_at_once() {
    for ordered in [false, true] {
        let agenda = Arc::<Agenda>::default();
        agenda.add(vec![
            scheduled("a", ordered, 100, 1),
            scheduled("a", ordered, 200, 2),
            scheduled("b", ordered, 100, 3),
        ]);
        agenda.hasten("nothing", 50);
        assert!(taken(&agenda, 50).is_empty());
        agenda.hasten("a", 50);
        assert!(taken(&agenda, 49).is_empty());
        let mut found = Vec::new();
        while let Some(next) = agenda.take(at(50)) {
            found.push(next.id().0);
            next.gone();
        }
        assert_eq!(found, [1, 2], "{ordered}");
        assert_eq!(agenda.next_due(), Some(100));
        assert_eq!(agenda.counts().waiting, 1);
    }
}
