//! In which format a function logs, and how much ("Configuring advanced logging controls for Lambda
//! functions", Lambda developer guide).

use serde::Deserialize;
use serde_json::Value;

/// The format of a function's logs, and from which level on there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logging {
    /// Lines as they are printed, with START, END and REPORT.
    Text,
    /// The platform's events in JSON; of lines those of a level and above.
    Json {
        /// Of the function's own lines.
        application: Level,
        /// Of the platform's events.
        system: Level,
    },
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `TRACE`
    Trace,
    /// `DEBUG`
    Debug,
    /// `INFO`
    Info,
    /// `WARN`
    Warn,
    /// `ERROR`
    Error,
    /// `FATAL`
    Fatal,
}

/// What a line in JSON says of itself.
#[derive(Deserialize)]
struct Described {
    // Runtimes name it so in what they log of errors.
    #[serde(alias = "log_level")]
    level: Option<Value>,
    #[serde(alias = "time")]
    timestamp: Option<Value>,
}

impl Level {
    /// Reads AWS's name of a level, or one that runtimes have for it, in capitals or not.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "TRACE" => Self::Trace,
            "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" => Self::Error,
            "FATAL" | "CRITICAL" => Self::Fatal,
            _ => return None,
        })
    }

    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

impl Logging {
    /// AWS's name of the format.
    pub(crate) fn format(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Json { .. } => "JSON",
        }
    }

    /// Whether a line that a function printed is logged.
    pub(crate) fn shows(self, line: &[u8]) -> bool {
        match self {
            Self::Text => true,
            Self::Json { application, .. } => level(line) >= application,
        }
    }
}

/// The level that a line says of itself; `INFO` where it says none, or not when it was written.
fn level(line: &[u8]) -> Level {
    if line.first() != Some(&b'{') {
        return Level::Info;
    }
    let described: Option<Described> = serde_json::from_slice(line).ok();
    let found = described.and_then(|described| {
        let time = described.timestamp?;
        let is_dated = time.as_str().is_some_and(is_rfc_3339);
        let level = Level::parse(described.level?.as_str()?)?;
        is_dated.then_some(level)
    });
    found.unwrap_or(Level::Info)
}

/// Whether a text has the form of a time of RFC 3339.
fn is_rfc_3339(text: &str) -> bool {
    let Some((moment, rest)) = text.as_bytes().split_first_chunk::<19>() else {
        return false;
    };
    let pattern = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, wanted): (&u8, &u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        wanted => byte.eq_ignore_ascii_case(wanted),
    };
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
            let digits = digits.count();
            fraction.get(digits..).filter(|_| digits > 0)
        }
        None => Some(rest),
    };
    let is_zone = match rest {
        Some([b'Z' | b'z']) => true,
        Some([b'+' | b'-', a, b, b':', c, d]) => [a, b, c, d].iter().all(|it| it.is_ascii_digit()),
        _ => false,
    };
    is_zone && moment.iter().zip(pattern).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_their_level_with_a_time() {
        let time = "2024-11-02T16:51:31.587199Z";
        for (line, expected) in [
            (
                format!(r#"{{"level":"debug","timestamp":"{time}"}}"#),
                Level::Debug,
            ),
            (
                format!(r#"{{"level":"WARNING","time":"{time}"}}"#),
                Level::Warn,
            ),
            (
                format!(r#"{{"log_level":"ERROR","timestamp":"{time}"}}"#),
                Level::Error,
            ),
            (r#"{"level":"debug"}"#.to_owned(), Level::Info),
            (
                r#"{"level":"debug","timestamp":"now"}"#.to_owned(),
                Level::Info,
            ),
            (
                format!(r#"{{"level":"odd","timestamp":"{time}"}}"#),
                Level::Info,
            ),
            (
                format!(r#"{{"level":"debug","timestamp":"{time}""#),
                Level::Info,
            ),
            ("debug".to_owned(), Level::Info),
            (String::new(), Level::Info),
        ] {
            assert_eq!(level(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn times_of_rfc_3339() {
        for good in ["2024-11-02T16:51:31Z", "2024-11-02t16:51:31.5+01:00"] {
            assert!(is_rfc_3339(good), "{good}");
        }
        for bad in [
            "",
            "2024-11-02",
            "2024-11-02T16:51:31",
            "2024-11-02T16:51:31.Z",
            "2024-11-02 16:51:31Z",
        ] {
            assert!(!is_rfc_3339(bad), "{bad}");
        }
    }
}
