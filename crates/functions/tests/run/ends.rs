//! Functions that do not end well.

use std::sync::Arc;
use std::time::Duration;

use functions::Function;

use crate::stage::{PYTHON, Stage, failure, is_missing, json, success, tail};

fn limited(mut function: Function, millis: u64) -> Function {
    function.timeout = Duration::from_millis(millis);
    function
}

#[tokio::test]
async fn time_runs_out() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(limited(
        stage.python(
            r"
def handler(event, context):
    if event == 'sleep': time.sleep(60)
    while event == 'spin': pass
    return os.getpid()
",
        ),
        1000,
    ));
    let before = json(&stage.invoke(&function, "1").await);
    for event in ["\"sleep\"", "\"spin\""] {
        let outcome = stage.invoke(&function, event).await;
        let error = failure(&outcome, "Sandbox.Timedout");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.ends_with(" Error: Task timed out after 1.00 seconds"));
        assert!(tail(&outcome).contains(" Task timed out after 1.00 seconds\nEND RequestId"));
        assert!(tail(&outcome).ends_with("\tStatus: timeout\n"));
        assert!(outcome.report.duration >= Duration::from_secs(1));
    }
    let after = success(&stage.invoke(&function, "1").await);
    assert_ne!(before, after, "the worker was killed");
}

#[tokio::test]
async fn processes_exit() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python(
        r"
def handler(event, context):
    if event == 'exit': sys.exit(3)
    if event == 'reason': os._exit(0)
    if event == 'abort': os.abort()
    os.kill(os.getpid(), 15)
",
    ));
    for (event, ends) in [
        (
            "\"exit\"",
            "Error: Runtime exited with error: exit status 3",
        ),
        (
            "\"reason\"",
            "Error: Runtime exited without providing a reason",
        ),
        (
            "\"abort\"",
            "Error: Runtime exited with error: signal: aborted",
        ),
        (
            "\"kill\"",
            "Error: Runtime exited with error: signal: terminated",
        ),
    ] {
        let outcome = stage.invoke(&function, event).await;
        let error = failure(&outcome, "Runtime.ExitError");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.ends_with(ends), "{message}");
        assert!(tail(&outcome).ends_with("\tStatus: error\tError Type: Runtime.ExitError\n"));
    }
}

#[tokio::test]
async fn a_start_that_fails_is_tried_twice() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::with(|settings| settings.init = Duration::from_secs(1));
    let exits = stage.python("print('starting')\nsys.exit(7)");
    let outcome = stage.once(exits, "1").await;
    let error = failure(&outcome, "Runtime.ExitError");
    assert!(
        error["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("exit status 7")
    );
    let hangs = limited(stage.python("time.sleep(60)"), 500);
    let outcome = stage.once(hangs, "1").await;
    failure(&outcome, "Sandbox.Timedout");
    let lines = stage.logs.lines.lock().unwrap().clone();
    let of = |end: &str| lines.iter().filter(|line| line.ends_with(end)).count();
    assert_eq!(of("starting"), 2);
    assert_eq!(
        of("\tPhase: init\tStatus: error\tError Type: Runtime.ExitError"),
        1
    );
    assert_eq!(
        of("\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError"),
        1
    );
    assert_eq!(of("\tPhase: init\tStatus: timeout"), 1);
    assert_eq!(of("\tPhase: invoke\tStatus: timeout"), 1);
}

#[tokio::test]
async fn memory_runs_out() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    for text in [
        "kept = []\ndef handler(event, context):\n    while True: kept.append(bytearray(1000000))",
        // In several processes, none of which has too much.
        r"
def handler(event, context):
    for _ in range(6):
        if os.fork() == 0:
            kept = bytearray(80000000)
            for place in range(0, len(kept), 4096): kept[place] = 1
            time.sleep(60)
    time.sleep(60)
",
    ] {
        let outcome = stage.once(stage.python(text), "1").await;
        let error = failure(&outcome, "Runtime.OutOfMemory");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(message.ends_with(" Error: Runtime exited with error: signal: killed"));
        assert_eq!(outcome.report.memory, 256 * 1024 * 1024);
        assert!(tail(&outcome).ends_with("\tStatus: error\tError Type: Runtime.OutOfMemory\n"));
    }
}

#[tokio::test]
async fn results_have_a_longest_length() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python("def handler(event, context): return 'x' * event"));
    // Two quotation marks.
    let outcome = stage.invoke(&function, "6291554").await;
    assert_eq!(success(&outcome).as_str().unwrap().len(), 6_291_554);
    let outcome = stage.invoke(&function, "6291555").await;
    let error = failure(&outcome, "Function.ResponseSizeTooLarge");
    assert_eq!(
        error["errorMessage"],
        "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    );
    let outcome = stage.invoke(&function, "5").await;
    assert_eq!(success(&outcome), "xxxxx", "the worker goes on");
}

#[tokio::test]
async fn output_without_end_takes_no_memory() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = stage.python(
        r"
def handler(event, context):
    lines = b'0123456789abcde\n' * 4096
    while True: os.write(1, lines)
",
    );
    let outcome = stage.once(limited(function, 2000), "1").await;
    failure(&outcome, "Sandbox.Timedout");
    assert_eq!(outcome.log_tail.len(), 4096);
    assert!(tail(&outcome).ends_with("\tStatus: timeout\n"));
    assert!(stage.logs.bytes.load(std::sync::atomic::Ordering::SeqCst) > 1_000_000);
    let own = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = own.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let peak: u64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(peak < 400_000, "{peak} kB");
}

#[tokio::test]
async fn storage_runs_out() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let mut function = stage.python(
        r"
def handler(event, context):
    for number in range(1000):
        with open(os.environ['TMPDIR'] + '/%d' % number, 'wb') as file:
            file.write(b'x' * 1000000)
    time.sleep(60)
",
    );
    function.storage_mb = 20;
    let outcome = stage.once(function, "1").await;
    failure(&outcome, "Runtime.ExitError");
    assert!(tail(&outcome).contains("(ephemeral storage is full)"));
    let left = std::fs::read_dir(stage.folder.path().join("functions/workers")).unwrap();
    assert_eq!(left.count(), 0, "what it wrote is gone");
}
