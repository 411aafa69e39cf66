//! Logs in the format JSON: the platform's events, the function's lines, and their levels.

use std::sync::Arc;

use functions::{Function, Level, Logging};
use serde_json::{Value, json};

use crate::stage::{NODE, PYTHON, Stage, is_missing, tail};

fn in_json(mut function: Function, application: Level, system: Level) -> Function {
    function.logging = Logging::Json {
        application,
        system,
    };
    function
}

/// The lines of a log, each as the JSON that it is, or as a text.
async fn lines(stage: &Stage, function: Function) -> Vec<Value> {
    let outcome = stage.invoke(&Arc::new(function), "{}").await;
    let text = tail(&outcome);
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| line.into());
    text.lines().map(read).collect()
}

fn types(lines: &[Value]) -> Vec<&str> {
    let types = lines.iter().filter_map(|line| line["type"].as_str());
    types.collect()
}

#[tokio::test]
async fn the_platform_logs_events_in_awss_shape() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = stage.python("def handler(event, context): return 1234");
    let arn = function.arn.clone();
    let lines = lines(&stage, in_json(function, Level::Info, Level::Debug)).await;
    let expected =
        ["initStart", "start", "runtimeDone", "report"].map(|it| format!("platform.{it}"));
    assert_eq!(types(&lines), expected, "{lines:?}");
    let members = |value: &Value| {
        let members = value.as_object().unwrap().keys();
        members.map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    for line in &lines {
        assert_eq!(members(line).split(' ').count(), 3);
        let time = line["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    }
    let [init, start, done, report] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(init["record"]["initializationType"], "on-demand");
    assert_eq!(init["record"]["phase"], "init");
    assert_eq!(init["record"]["instanceMaxMemory"], 256 << 20);
    let request = start["record"]["requestId"].clone();
    let expected = json!({ "requestId": request, "functionArn": arn, "version": "$LATEST" });
    assert_eq!(start["record"], expected);
    assert_eq!(done["record"]["status"], "success");
    assert_eq!(done["record"]["metrics"]["producedBytes"], 4);
    let record = &report["record"];
    assert_eq!(
        (&record["requestId"], &record["status"]),
        (&request, &json!("success"))
    );
    let metrics = &record["metrics"];
    assert_eq!(metrics["memorySizeMB"], 256);
    let (duration, init) = (&metrics["durationMs"], &metrics["initDurationMs"]);
    let paid = (duration.as_f64().unwrap() + init.as_f64().unwrap()).ceil();
    assert!(
        (metrics["billedDurationMs"].as_f64().unwrap() - paid).abs() <= 1.0,
        "{metrics}"
    );
    assert!(metrics["maxMemoryUsedMB"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn events_are_of_a_level_and_above() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let good = || stage.python("def handler(event, context): return 1");
    let usual = lines(&stage, in_json(good(), Level::Info, Level::Info)).await;
    assert_eq!(types(&usual), ["platform.start", "platform.report"]);
    let few = lines(&stage, in_json(good(), Level::Info, Level::Warn)).await;
    assert!(few.is_empty(), "{few:?}");
    let mut slow = stage.python("def handler(event, context): time.sleep(60)");
    slow.timeout = std::time::Duration::from_secs(1);
    let warned = lines(&stage, in_json(slow, Level::Info, Level::Warn)).await;
    assert_eq!(types(&warned), ["platform.runtimeDone", "platform.report"]);
    assert_eq!(warned[1]["record"]["status"], "timeout");
    let ends = stage.python("def handler(event, context): os._exit(3)");
    let warned = lines(&stage, in_json(ends, Level::Info, Level::Warn)).await;
    assert_eq!(warned[1]["record"]["status"], "error");
    assert_eq!(warned[1]["record"]["errorType"], "Runtime.ExitError");
}

#[tokio::test]
async fn python_logs_in_json_from_a_level_on() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let text = "import logging\n\
        def handler(event, context):\n    \
            logging.info('not seen')\n    \
            logging.getLogger('own').warning('seen %d', 7, extra={'order': 5})\n    \
            print('plain')\n    \
            print(json.dumps({'level': 'error', 'timestamp': '2026-01-01T00:00:00Z', 'a': 1}))\n    \
            try:\n        1 / 0\n    \
            except ZeroDivisionError:\n        logging.exception('failed')\n    \
            raise ValueError('no')\n";
    let lines = lines(
        &stage,
        in_json(stage.python(text), Level::Warn, Level::Warn),
    )
    .await;
    let own: Vec<_> = lines
        .iter()
        .filter(|line| line.get("type").is_none())
        .collect();
    assert_eq!(own.len(), 4, "{lines:?}");
    assert_eq!(own[0]["level"], "WARNING");
    assert_eq!(own[0]["message"], "seen 7");
    assert_eq!(
        (&own[0]["logger"], &own[0]["order"]),
        (&json!("own"), &json!(5))
    );
    assert!(
        own[0]["requestId"]
            .as_str()
            .unwrap()
            .starts_with("00000000-")
    );
    assert_eq!(own[1]["a"], 1, "a level of its own");
    assert_eq!(
        (&own[2]["message"], &own[2]["errorType"]),
        (&json!("failed"), &json!("ZeroDivisionError"))
    );
    assert_eq!(
        (&own[3]["log_level"], &own[3]["errorMessage"]),
        (&json!("ERROR"), &json!("no"))
    );
}

#[tokio::test]
async fn node_logs_in_json_from_a_level_on() {
    if is_missing(NODE) {
        return;
    }
    let stage = Stage::new();
    let text = "exports.handler = async () => {\n\
        console.info('not seen');\n\
        console.warn({ order: 5 });\n\
        console.error('failed', new TypeError('no'));\n\
        throw new Error('never');\n};\n";
    let function = stage.function("nodejs22.x", "app.js", text);
    let lines = lines(&stage, in_json(function, Level::Warn, Level::Warn)).await;
    let own: Vec<_> = lines
        .iter()
        .filter(|line| line.get("type").is_none())
        .collect();
    assert_eq!(own.len(), 3, "{lines:?}");
    assert_eq!(
        (&own[0]["level"], &own[0]["message"]),
        (&json!("WARN"), &json!({ "order": 5 }))
    );
    assert_eq!(
        (&own[1]["errorType"], &own[1]["errorMessage"]),
        (&json!("TypeError"), &json!("no"))
    );
    assert_eq!(
        (&own[2]["level"], &own[2]["message"]["errorMessage"]),
        (&json!("ERROR"), &json!("never"))
    );
}

/// Why a function was not run is told whatever it logs.
#[tokio::test]
async fn what_is_not_logged_is_told() {
    let stage = Stage::new();
    let function = stage.function("provided", "bootstrap", "no program");
    let function = in_json(function, Level::Fatal, Level::Warn);
    let outcome = stage.invoke(&Arc::new(function), "{}").await;
    let text = String::from_utf8_lossy(&outcome.payload).into_owned();
    assert!(text.contains("exec format error"), "{text}");
}
