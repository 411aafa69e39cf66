//! Rotation windows: when the next one opens, and when it closes ("Rotation schedules", user guide).
//! All times are seconds since 1970, in UTC.

use serde::{Deserialize, Serialize};

use super::rules::{Every, Rules};

pub(super) const HOUR: i64 = 60 * 60;
pub(super) const DAY: i64 = 24 * HOUR;

/// A time in which a secret is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Window {
    /// Its first second, on the hour.
    pub(crate) opens: i64,
    /// The first second after it.
    pub(crate) closes: i64,
}

/// What windows are counted from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since {
    /// When the rules were set.
    pub(crate) set: i64,
    /// When the secret was rotated last.
    pub(crate) rotated: Option<i64>,
}

impl Rules {
    /// The first window that opens after `now`; none if there will be none.
    pub(crate) fn next(&self, since: Since, now: i64) -> Option<Window> {
        let opens = match &self.every {
            Every::Days(_) => self.due_day(since).max(now.div_euclid(DAY) + 1) * DAY,
            Every::Hours(hours) => {
                let (anchor, period) = (midnight(since.set), hours * HOUR);
                let passed = (now - anchor).max(0).div_euclid(period);
                anchor + (passed + 1) * period
            }
            Every::Cron { schedule, .. } => schedule.next_after(0, now)?,
        };
        Some(self.window(opens))
    }

    /// The window that is open at `now`, or else the next one: for a rotation that was due in an
    /// earlier window, in which nobody was there to do it.
    pub(crate) fn open_or_next(&self, since: Since, now: i64) -> Option<Window> {
        let open = match &self.every {
            Every::Days(_) => Some(midnight(now)).filter(|at| *at >= self.due_day(since) * DAY),
            Every::Hours(hours) => {
                let (anchor, period) = (midnight(since.set), hours * HOUR);
                let passed = (now - anchor).div_euclid(period);
                (passed > 0).then_some(anchor + passed * period)
            }
            Every::Cron { schedule, .. } => schedule.last_within(0, (now - DAY, now)),
        };
        let open = open.map(|opens| self.window(opens));
        let open = open.filter(|window| window.closes > now);
        open.or_else(|| self.next(since, now))
    }

    /// The day from which on a rotation is due, where days are counted.
    fn due_day(&self, since: Since) -> i64 {
        let last = since.rotated.unwrap_or(since.set).div_euclid(DAY);
        last + self.days().unwrap_or_default()
    }

    fn window(&self, opens: i64) -> Window {
        let until_midnight = DAY - opens.rem_euclid(DAY);
        let length = match (self.hours, &self.every) {
            (Some(hours), _) => hours * HOUR,
            (
                None,
                Every::Hours(_)
                | Every::Cron {
                    is_hourly: true, ..
                },
            ) => HOUR,
            (None, Every::Days(_) | Every::Cron { .. }) => until_midnight,
        };
        Window {
            opens,
            closes: opens + length,
        }
    }
}

fn midnight(at: i64) -> i64 {
    at - at.rem_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2026-01-01T00:00:00Z, a Thursday.
    const NEW_YEAR: i64 = 1_767_225_600;

    fn rules(schedule: &str, duration: Option<&str>) -> Rules {
        let parsed = Rules::parse(None, Some(schedule), duration);
        parsed.ok().flatten().expect("rules")
    }

    fn never(set: i64) -> Since {
        Since { set, rotated: None }
    }

    /// Day of the month in January 2026, hour, and length in hours.
    fn shown(window: Window) -> (i64, i64, i64) {
        let from = window.opens - NEW_YEAR;
        let length = (window.closes - window.opens) / HOUR;
        (from / DAY + 1, from % DAY / HOUR, length)
    }

    #[test]
    fn windows_follow_the_calendar() {
        // Set and asked on January 1, at 12:00.
        let noon = NEW_YEAR + 12 * HOUR;
        for (schedule, duration, expected) in [
            ("rate(10 days)", None, (11, 0, 24)),
            ("rate(10 days)", Some("3h"), (11, 0, 3)),
            ("rate(10 hours)", None, (1, 20, 1)),
            ("rate(6 hours)", Some("6h"), (1, 18, 6)),
            ("cron(0 10 * * ? *)", None, (2, 10, 14)),
            ("cron(0 16 1,15 * ? *)", Some("2h"), (1, 16, 2)),
            ("cron(0 18 ? * SAT *)", None, (3, 18, 6)),
            ("cron(0 4/12 * * ? *)", None, (1, 16, 1)),
            ("cron(0 17 L * ? *)", None, (31, 17, 7)),
        ] {
            let window = rules(schedule, duration).next(never(noon), noon);
            assert_eq!(window.map(shown), Some(expected), "{schedule} {duration:?}");
        }
    }

    #[test]
    fn days_count_from_the_last_rotation() {
        let rules = rules("rate(2 days)", None);
        let rotated = |at| Since {
            set: NEW_YEAR,
            rotated: Some(at),
        };
        let late = NEW_YEAR + DAY - 1;
        let window = rules.next(rotated(late), late);
        assert_eq!(window.map(shown), Some((3, 0, 24)));
        // What is overdue waits for the next window, or takes the one that is open.
        let overdue = NEW_YEAR + 7 * DAY + 5 * HOUR;
        assert_eq!(
            rules.next(rotated(late), overdue).map(shown),
            Some((9, 0, 24))
        );
        let open = rules.open_or_next(rotated(late), overdue);
        assert_eq!(open.map(shown), Some((8, 0, 24)));
        let early = rules.open_or_next(rotated(late), late);
        assert_eq!(early.map(shown), Some((3, 0, 24)));
    }

    #[test]
    fn a_closed_window_is_not_open() {
        let rules = rules("cron(0 10 * * ? *)", Some("2h"));
        let at = |hour| {
            rules
                .open_or_next(never(NEW_YEAR), NEW_YEAR + hour * HOUR)
                .map(shown)
        };
        assert_eq!(at(9), Some((1, 10, 2)));
        assert_eq!(at(11), Some((1, 10, 2)));
        assert_eq!(at(12), Some((2, 10, 2)));
    }

    fn any_rules() -> impl Strategy<Value = Rules> {
        let schedule = prop_oneof![
            (1_i64..=999).prop_map(|days| format!("rate({days} days)")),
            (4_i64..=23).prop_map(|hours| format!("rate({hours} hours)")),
            (0_i64..=23).prop_map(|hour| format!("cron(0 {hour} * * ? *)")),
            (0_i64..=20, 4_i64..=23).prop_map(|(from, by)| format!("cron(0 {from}/{by} * * ? *)")),
            (0_i64..=23, 1_i64..=31).prop_map(|(hour, day)| format!("cron(0 {hour} {day} * ? *)")),
            (0_i64..=23, 1_i64..=7).prop_map(|(hour, day)| format!("cron(0 {hour} ? * {day} *)")),
        ];
        let duration = proptest::option::of(1_i64..=24);
        let parsed = (schedule, duration).prop_map(|(schedule, duration)| {
            let duration = duration.map(|hours| format!("{hours}h"));
            Rules::parse(None, Some(&schedule), duration.as_deref())
                .ok()
                .flatten()
        });
        parsed.prop_filter_map("refused", |rules| rules)
    }

    proptest! {
        #[test]
        fn the_next_window_is_in_the_future_and_within_a_day(
            rules in any_rules(),
            set in 0_i64..=40_000 * DAY,
            passed in 0_i64..=4000 * DAY,
            rotated in proptest::option::of(0_i64..=4000 * DAY),
        ) {
            let now = set + passed;
            let rotated = rotated.map(|after| (set + after).min(now));
            let since = Since { set, rotated };
            let next = rules.next(since, now).expect("schedules do not end");
            prop_assert!(next.opens > now && next.closes > next.opens);
            prop_assert_eq!(next.opens % HOUR, 0);
            prop_assert!(next.closes - next.opens <= DAY);
            if let Some(days) = rules.days() {
                let last = rotated.unwrap_or(set).div_euclid(DAY);
                prop_assert!(next.opens.div_euclid(DAY) >= last + days);
            }
            // Windows do not overlap, and none lies between them.
            let after = Since { rotated: Some(next.opens), ..since };
            let following = rules.next(after, next.opens).expect("another");
            prop_assert!(following.opens >= next.closes);
            prop_assert_eq!(rules.next(since, next.opens - 1), Some(next));
            // In the window it is the one that is open; before it, whatever is open opened before.
            prop_assert_eq!(rules.open_or_next(since, next.opens), Some(next));
            prop_assert_eq!(rules.open_or_next(since, next.closes - 1), Some(next));
            let open = rules.open_or_next(since, now).expect("a window");
            prop_assert!(open.closes > now && open.opens <= next.opens);
        }
    }
}
