//! Schedules beside a walk over every minute, and what is a schedule at all.

#![expect(
    clippy::expect_used,
    reason = "this is all test code: a surprise fails the test"
)]

use proptest::prelude::*;
use schedules::Schedule;

/// 2026-11-22T00:00:00Z, a Sunday.
const SUNDAY: i64 = 1_795_305_600;
const DAY: i64 = 86_400;

fn next(text: &str, after: i64) -> Option<i64> {
    Schedule::parse(text).expect(text).next_after(SUNDAY, after)
}

#[test]
fn what_is_no_schedule_is_refused() {
    let refused = [
        "",
        "rate",
        "rate()",
        "rate(5)",
        "rate(5 minute)",
        "rate(1 minutes)",
        "rate(0 minutes)",
        "rate(-1 minutes)",
        "rate(+5 minutes)",
        "rate(5  minutes)",
        " rate(5 minutes)",
        "rate(5 minutes) ",
        "rate(1.5 hours)",
        "rate(5 seconds)",
        "rate(1 week)",
        "RATE(5 minutes)",
        "rate(99999999999 days)",
        "cron()",
        "cron(* * * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(0 10 1 * MON *)",
        "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 10 0 * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 * 13 ? *)",
        "cron(0 10 * 0 ? *)",
        "cron(0 10 ? * 0 *)",
        "cron(0 10 ? * 8 *)",
        "cron(0 10 * * ? 1969)",
        "cron(0 10 * * ? 2200)",
        "cron(0 10 ? * 3#6 *)",
        "cron(0 10 ? * 3#0 *)",
        "cron(0 10 ? * 3#1,6#3 *)",
        "cron(0 10 ? * #2 *)",
        "cron(0/0 10 * * ? *)",
        "cron(0/60 10 * * ? *)",
        "cron(/5 10 * * ? *)",
        "cron(0,,5 10 * * ? *)",
        "cron(a 10 * * ? *)",
        "cron(0 10 W * ? *)",
        "cron(0 10 32W * ? *)",
        "cron(0 10 1W,2 * ? *)",
        "cron(0 10 * FOO ? *)",
        "cron(0 10 ? * FUN *)",
        "cron(? 10 * * ? *)",
        "cron(0 10 * * ? ?)",
        "cron(0 10 * * ? * *)",
        "cron(0 10 * * ? 2030-2020)",
        "cron(0 10 * * ? *",
        "at(2026-01-01T00:00:00)",
        "cron(-5 10 * * ? *)",
        "cron(5- 10 * * ? *)",
    ];
    for text in refused {
        assert!(Schedule::parse(text).is_err(), "`{text}` is taken");
    }
}

#[test]
fn rates_count_from_their_beginning() {
    assert_eq!(next("rate(1 minute)", SUNDAY), Some(SUNDAY + 60));
    assert_eq!(next("rate(5 minutes)", SUNDAY + 299), Some(SUNDAY + 300));
    assert_eq!(next("rate(5 minutes)", SUNDAY + 300), Some(SUNDAY + 600));
    assert_eq!(next("rate(2 hours)", SUNDAY + 7200), Some(SUNDAY + 14_400));
    assert_eq!(next("rate(7 days)", SUNDAY), Some(SUNDAY + 7 * DAY));
    let rate = Schedule::parse("rate(5 minutes)").expect("a rate");
    let last = |after, until| rate.last_within(SUNDAY, (SUNDAY + after, SUNDAY + until));
    assert_eq!(last(0, 299), None);
    assert_eq!(last(0, 1000), Some(SUNDAY + 900));
    assert_eq!(last(900, 1000), None);
}

/// Day of the month and hour of the examples of the user guide and their like, after Sunday,
/// 22 November 2026.
#[test]
fn expressions_mean_what_the_guide_says() {
    let at =
        |days: i64, hour: i64, minute: i64| Some(SUNDAY + days * DAY + hour * 3600 + minute * 60);
    let cases = [
        ("cron(0 10 * * ? *)", at(0, 10, 0)),
        ("cron(15 12 * * ? *)", at(0, 12, 15)),
        ("cron(0 18 ? * MON-FRI *)", at(1, 18, 0)),
        ("cron(0 8 1 * ? *)", at(9, 8, 0)),
        ("cron(0/15 * * * ? *)", at(0, 0, 15)),
        ("cron(0/10 * ? * MON-FRI *)", at(1, 0, 0)),
        ("cron(0/5 8-17 ? * mon-fri *)", at(1, 8, 0)),
        ("cron(0/30 20-2 ? * MON-FRI *)", at(1, 0, 0)),
        ("cron(0 9 ? * 2#1 *)", at(15, 9, 0)),
        ("cron(0 9 ? * MON#4 *)", at(1, 9, 0)),
        ("cron(0 9 ? * 6L *)", at(5, 9, 0)),
        ("cron(0 9 L * ? *)", at(8, 9, 0)),
        ("cron(0 9 LW * ? *)", at(8, 9, 0)),
        ("cron(0 9 ? * L *)", at(6, 9, 0)),
        // 22 November is a Sunday: the nearest weekday is Monday. 28 November is a Saturday.
        ("cron(0 9 22W * ? *)", at(1, 9, 0)),
        ("cron(0 9 28W * ? *)", at(5, 9, 0)),
        ("cron(0 0 1 JAN ? 2027)", at(40, 0, 0)),
        ("cron(0 0 29 2 ? 2027-2029)", at(464, 0, 0)),
        ("cron(0 0 30 2 ? *)", None),
        ("cron(0 0 1 1 ? 2026)", None),
        ("cron(*/20 3 * * ? *)", at(0, 3, 0)),
        ("cron(5,10,1-3 0 * * ? *)", at(0, 0, 1)),
        ("cron(0 0 ? * FRI-SUN *)", at(5, 0, 0)),
        ("cron(0 0 1 1/12 ? *)", at(40, 0, 0)),
    ];
    for (text, expected) in cases {
        assert_eq!(next(text, SUNDAY), expected, "{text}");
    }
}

/// The fields of a time, by counting days one by one.
struct Civil {
    minute: i64,
    hour: i64,
    day: i64,
    month: i64,
    year: i64,
    weekday: i64,
    last_day: i64,
}

fn civil(time: i64) -> Civil {
    let (mut year, mut month, mut left) = (2026, 11, (time - SUNDAY).div_euclid(DAY) + 21);
    let length = |year: i64, month: i64| match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    while left >= length(year, month) {
        left -= length(year, month);
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
    }
    Civil {
        minute: time.rem_euclid(3600) / 60,
        hour: time.rem_euclid(DAY) / 3600,
        day: left + 1,
        month,
        year,
        weekday: (time - SUNDAY).div_euclid(DAY).rem_euclid(7) + 1,
        last_day: length(year, month),
    }
}

/// Whether one item of a list of numbers has the value, by another way than the parser's.
fn item_has(item: &str, value: i64, (first, last): (i64, i64)) -> bool {
    let (range, step) = item.split_once('/').unwrap_or((item, "1"));
    let step: i64 = step.parse().expect("a step");
    let (from, to) = match range.split_once('-') {
        Some((from, to)) => (from.parse().expect("from"), to.parse().expect("to")),
        None if range == "*" => (first, last),
        None if item.contains('/') => (range.parse().expect("first"), last),
        None => (range.parse().expect("value"), range.parse().expect("value")),
    };
    let span = last - first + 1;
    let distance = if to < from {
        to + span - from
    } else {
        to - from
    };
    let behind = (value - from).rem_euclid(span);
    behind <= distance && behind % step == 0
}

fn has(field: &str, value: i64, bounds: (i64, i64)) -> bool {
    field.split(',').any(|item| item_has(item, value, bounds))
}

fn day_fits(field: &str, now: &Civil) -> bool {
    let weekday_of = |day: i64| (now.weekday - 1 + day - now.day).rem_euclid(7) + 1;
    let is_weekday = |day: i64| (2..=6).contains(&weekday_of(day));
    let nearest = |day: i64| {
        let order = [day, day - 1, day + 1, day - 2, day + 2];
        let mut order = order
            .into_iter()
            .filter(|day| (1..=now.last_day).contains(day));
        order.find(|day| is_weekday(*day))
    };
    match field {
        "L" => now.day == now.last_day,
        "LW" => nearest(now.last_day) == Some(now.day),
        _ => match field.strip_suffix('W') {
            Some(day) => {
                let day: i64 = day.parse().expect("a day");
                day <= now.last_day && nearest(day) == Some(now.day)
            }
            None => has(field, now.day, (1, 31)),
        },
    }
}

fn weekday_fits(field: &str, now: &Civil) -> bool {
    if let Some((weekday, nth)) = field.split_once('#') {
        return weekday == now.weekday.to_string() && nth == ((now.day + 6) / 7).to_string();
    }
    match field.strip_suffix('L') {
        Some("") => now.weekday == 7,
        Some(weekday) => weekday == now.weekday.to_string() && now.day + 7 > now.last_day,
        None => has(field, now.weekday, (1, 7)),
    }
}

fn item(first: i64, last: i64) -> impl Strategy<Value = String> {
    let value = first..=last;
    prop_oneof![
        value.clone().prop_map(|value| value.to_string()),
        (value.clone(), value.clone()).prop_map(|(from, to)| format!("{from}-{to}")),
        (value.clone(), 1..(last - first)).prop_map(|(from, step)| format!("{from}/{step}")),
        (1..(last - first)).prop_map(|step| format!("*/{step}")),
        (value.clone(), value, 1..(last - first))
            .prop_map(|(from, to, step)| format!("{from}-{to}/{step}")),
        Just("*".to_owned()),
    ]
}

fn list(first: i64, last: i64) -> impl Strategy<Value = String> {
    prop::collection::vec(item(first, last), 1..4).prop_map(|items| items.join(","))
}

fn days() -> impl Strategy<Value = (String, String)> {
    let of_month = prop_oneof![
        list(1, 31),
        Just("L".to_owned()),
        Just("LW".to_owned()),
        (1..=31).prop_map(|day| format!("{day}W")),
    ];
    let of_week = prop_oneof![
        list(1, 7),
        Just("L".to_owned()),
        (1..=7).prop_map(|day| format!("{day}L")),
        (1..=7, 1..=5).prop_map(|(day, nth)| format!("{day}#{nth}")),
    ];
    prop_oneof![
        of_month.prop_map(|day| (day, "?".to_owned())),
        of_week.prop_map(|day| ("?".to_owned(), day)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Every time that the schedule names within some days, found by asking each minute.
    #[test]
    fn a_cron_expression_names_the_minutes_that_fit(
        (minutes, hours, months) in (list(0, 59), list(0, 23), list(1, 12)),
        (of_month, of_week) in days(),
        offset in 0i64..2_000_000,
    ) {
        let text = format!("cron({minutes} {hours} {of_month} {months} {of_week} 2026-2040)");
        let schedule = Schedule::parse(&text).expect("well formed");
        let start = SUNDAY + offset * 60 + 17;
        let fits = |time: i64| {
            let now = civil(time);
            let day = match of_month.as_str() {
                "?" => weekday_fits(&of_week, &now),
                of_month => day_fits(of_month, &now),
            };
            day && (2026..=2040).contains(&now.year)
                && has(&minutes, now.minute, (0, 59))
                && has(&hours, now.hour, (0, 23))
                && has(&months, now.month, (1, 12))
        };
        let first = (start + 59) / 60 * 60;
        let walk = (0..45 * 1440).map(|minute| first + minute * 60);
        let walked: Vec<i64> = walk.filter(|time| fits(*time)).collect();
        let end = first + 45 * DAY;
        let mut named = Vec::new();
        let mut after = start;
        while let Some(time) = schedule.next_after(0, after).filter(|time| *time < end) {
            named.push(time);
            after = time;
        }
        prop_assert_eq!(&named, &walked, "{}", text);
        prop_assert_eq!(schedule.last_within(0, (start, end - 1)), walked.last().copied());
    }

    /// No text makes the parser panic or run away.
    #[test]
    fn any_text_is_refused_or_parsed(text in "(cron|rate)\\([ 0-9A-Z,/*?#-]{0,40}\\)") {
        if let Ok(schedule) = Schedule::parse(&text) {
            schedule.next_after(SUNDAY, SUNDAY);
        }
    }
}
