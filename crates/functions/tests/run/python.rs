//! What AWS's Python runtimes do.

use std::sync::Arc;

use functions::{Invocation, Outcome};
use serde_json::{Value, json};

use crate::stage::{PYTHON, Stage, failure, is_missing, json, success, tail};

#[tokio::test]
async fn an_event_goes_in_and_a_result_comes_out() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python(
        r"
count = 0
def handler(event, context):
    global count
    count += 1
    print('printed', event['name'])
    return {'name': event['name'], 'count': count, 'pid': os.getpid()}
",
    ));
    let first = stage.invoke(&function, r#"{"name":"straße 🚀"}"#).await;
    let second = stage.invoke(&function, r#"{"name":"b"}"#).await;
    assert_eq!(success(&first)["name"], "straße 🚀");
    assert_eq!(success(&second)["count"], 2);
    assert_eq!(json(&first)["pid"], json(&second)["pid"]);
    assert!(first.report.init.is_some() && second.report.init.is_none());
    assert!(second.report.memory > 5_000_000);
    assert!(tail(&first).contains("\tInit Duration: "));
    let tail = tail(&second);
    let lines: Vec<&str> = tail.lines().collect();
    assert!(lines[0].starts_with("START RequestId: ") && lines[0].ends_with(" Version: $LATEST"));
    assert_eq!(lines[1], "printed b");
    assert!(lines[2].starts_with("END RequestId: "));
    assert!(lines[3].starts_with("REPORT RequestId: "));
    assert!(lines[3].contains("\tMemory Size: 256 MB\tMax Memory Used: "));
    assert_eq!(lines.len(), 4);
}

#[tokio::test]
async fn the_context_and_the_environment_are_awss() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = stage.python(
        r"
def handler(event, context):
    return {
        'id': context.aws_request_id, 'name': context.function_name,
        'version': context.function_version, 'arn': context.invoked_function_arn,
        'memory': context.memory_limit_in_mb, 'group': context.log_group_name,
        'stream': context.log_stream_name, 'left': context.get_remaining_time_in_millis(),
        'identity': context.identity.cognito_identity_id,
        'custom': context.client_context.custom, 'title': context.client_context.client.app_title,
        'environment': dict(os.environ), 'directory': os.getcwd(),
    }
",
    );
    let package = function.package.display().to_string();
    let outcome = stage.once(function, "{}").await;
    let seen = success(&outcome);
    assert_eq!(seen["name"], "f0");
    assert_eq!(seen["version"], "$LATEST");
    assert_eq!(
        seen["arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:f:live"
    );
    assert_eq!(seen["memory"], "256");
    assert_eq!(seen["group"], "/aws/lambda/f0");
    assert_eq!(seen["custom"], json!({"a": "ü"}));
    assert_eq!(seen["title"], "t");
    assert_eq!(seen["identity"], Value::Null);
    assert_eq!(seen["directory"], package.as_str());
    assert!((1..=20_000).contains(&seen["left"].as_i64().unwrap()));
    let environment = seen["environment"].as_object().unwrap();
    for (name, value) in [
        ("GREETING", "hello"),
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("_HANDLER", "app.handler"),
        ("_X_AMZN_TRACE_ID", "Root=1-2-3"),
        ("LAMBDA_TASK_ROOT", &package),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    // What the server has, functions do not.
    assert!(environment.keys().all(|name| !name.starts_with("CARGO")));
}

#[tokio::test]
async fn errors_are_told_as_awss_runtimes_tell_them() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python(
        r"
def handler(event, context):
    if event == 'set':
        return {1, 2}
    raise ValueError('no good: ' + event)
",
    ));
    let invocation = stage.invocation(r#""x""#);
    let id = invocation.id.clone();
    let outcome = stage.executor.invoke(&function, invocation).await.unwrap();
    let error = failure(&outcome, "ValueError");
    assert_eq!(error["errorMessage"], "no good: x");
    assert_eq!(error["requestId"], id.as_str());
    let trace = error["stackTrace"][0].as_str().unwrap();
    assert!(trace.contains("app.py\", line 6, in handler\n"), "{trace}");
    assert_eq!(error["stackTrace"].as_array().unwrap().len(), 1);
    assert!(tail(&outcome).contains("[ERROR] ValueError: no good: x\rTraceback (most recent"));
    let outcome = stage.invoke(&function, r#""set""#).await;
    let error = failure(&outcome, "Runtime.MarshalError");
    assert_eq!(
        error["errorMessage"],
        "Unable to marshal response: Object of type set is not JSON serializable"
    );
    let outcome = stage.invoke(&function, "{").await;
    failure(&outcome, "Runtime.UnmarshalError");
}

#[tokio::test]
async fn a_handler_that_is_not_there_is_an_error_of_the_start() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let with = |handler: &str, text: &str| {
        let mut function = stage.python(text);
        handler.clone_into(&mut function.handler);
        function
    };
    let good = "def handler(event, context): return 1";
    for (function, kind, message) in [
        (
            with("other.handler", good),
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        (
            with("app.missing", good),
            "Runtime.HandlerNotFound",
            "Handler 'missing' missing on module 'app'",
        ),
        (
            with("handler", good),
            "Runtime.MalformedHandlerName",
            "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        ),
        (
            with("sys.exit", good),
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module sys as a handler module",
        ),
        (
            with("app.handler", "def handler(:"),
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': invalid syntax (app.py, line 2)",
        ),
    ] {
        let outcome = stage.once(function, "{}").await;
        let error = failure(&outcome, kind);
        assert_eq!(error["errorMessage"], message);
        let tail = tail(&outcome);
        let report = format!("\tPhase: invoke\tStatus: error\tError Type: {kind}\n");
        assert!(tail.contains(&report), "{tail}");
    }
}

#[tokio::test]
async fn logs_carry_level_time_and_request() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python(
        r"
import logging
logging.getLogger().setLevel(logging.INFO)
def handler(event, context):
    logging.info('first')
    print('second', file=sys.stderr)
    os.write(1, b'\xff third, without an end')
",
    ));
    let invocation = stage.invocation("1");
    let id = invocation.id.clone();
    let outcome = stage.executor.invoke(&function, invocation).await.unwrap();
    assert_eq!(success(&outcome), Value::Null);
    let tail = tail(&outcome);
    let lines: Vec<&str> = tail.lines().collect();
    assert!(lines[1].starts_with("[INFO]\t20") && lines[1].ends_with(&format!("Z\t{id}\tfirst")));
    assert_eq!(lines[2], "second");
    assert_eq!(lines[3], "\u{fffd} third, without an end");
    assert!(
        stage
            .logs
            .lines
            .lock()
            .unwrap()
            .iter()
            .any(|line| line == "second")
    );
}

#[tokio::test]
async fn modules_lie_in_directories_and_layers() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let mut function = stage.python("");
    let layers = stage.folder.path().join("layers");
    for (path, text) in [
        (
            function.package.join("src/deep/app.py"),
            "import shared, brought\ndef handler(event, context): return [shared.VALUE, brought.VALUE]",
        ),
        (
            stage.folder.path().join("libraries/brought.py"),
            "VALUE = 'of the runtime'",
        ),
        (
            stage.folder.path().join("libraries/shared.py"),
            "VALUE = 'hidden by the layer'",
        ),
        (layers.join("python/shared.py"), "VALUE = 'of a layer'"),
    ] {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    function.handler = "src/deep/app.handler".to_owned();
    function.layers = Some(layers);
    let outcome: Outcome = stage.once(function, "{}").await;
    assert_eq!(success(&outcome), json!(["of a layer", "of the runtime"]));
}

#[tokio::test]
async fn a_missing_interpreter_is_told() {
    let stage = Stage::with(|settings| settings.search.clear());
    let function = Arc::new(stage.python("def handler(event, context): return 1"));
    let invocation: Invocation = stage.invocation("1");
    let outcome = stage.executor.invoke(&function, invocation).await.unwrap();
    let error = failure(&outcome, "Runtime.InvalidEntrypoint");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with(
        "no interpreter for python3.11: `python3.11` or `python3` is not found or does not run"
    ));
}
