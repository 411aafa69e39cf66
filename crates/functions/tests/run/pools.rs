//! Workers come, stay and go.

use std::sync::Arc;
use std::time::Duration;

use functions::InvokeError;
use rustix::process::Pid;

use crate::stage::{PYTHON, Stage, is_alive, is_missing, json, success};

const PID: &str = "
def handler(event, context):
    time.sleep(event)
    return os.getpid()
";

#[tokio::test]
async fn invocations_at_once_have_a_worker_each_up_to_the_limit() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let mut function = stage.python(PID);
    function.concurrency = 2;
    let function = Arc::new(function);
    let (a, b) = tokio::join!(
        stage.invoke(&function, "0.5"),
        stage.invoke(&function, "0.5")
    );
    assert_ne!(success(&a), success(&b));
    let (a, b, c) = tokio::join!(
        stage.try_invoke(&function, "0.5"),
        stage.try_invoke(&function, "0.5"),
        stage.try_invoke(&function, "0.5")
    );
    let busy = [&a, &b, &c]
        .iter()
        .filter(|result| matches!(result, Err(InvokeError::Busy)))
        .count();
    assert_eq!(busy, 1);
}

#[tokio::test]
async fn a_full_house_lets_go_of_the_worker_without_work() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::with(|settings| settings.workers = 2);
    let functions: Vec<_> = (0..3).map(|_| Arc::new(stage.python(PID))).collect();
    let mut pids = Vec::new();
    for function in &functions {
        pids.push(success(&stage.invoke(function, "0").await));
    }
    assert!(!is_alive(&pids[0]));
    assert!(is_alive(&pids[1]) && is_alive(&pids[2]));
    let refused = tokio::select! {
        biased;
        _ = stage.invoke(&functions[1], "60") => unreachable!("it has a minute to go"),
        _ = stage.invoke(&functions[2], "60") => unreachable!("it has a minute to go"),
        refused = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stage.try_invoke(&functions[0], "0").await
        } => refused,
    };
    assert!(matches!(refused, Err(InvokeError::Busy)));
}

#[tokio::test]
async fn workers_end_when_nobody_needs_them() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::with(|settings| settings.idle = Duration::from_millis(200));
    let function = Arc::new(stage.python(PID));
    let pid = json(&stage.invoke(&function, "0").await);
    while is_alive(&pid) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let other = success(&stage.invoke(&function, "0").await);
    assert_ne!(pid, other);
    stage.executor.retire(&function.key);
    while is_alive(&other) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn credentials_that_expire_end_the_worker() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python(PID));
    let mut invocation = stage.invocation("0");
    invocation.credentials.expires_at_millis = 1;
    let first = stage.executor.invoke(&function, invocation).await.unwrap();
    let second = stage.invoke(&function, "0").await;
    assert_ne!(success(&first), success(&second));
    assert_eq!(
        success(&second),
        success(&stage.invoke(&function, "0").await)
    );
}

#[tokio::test]
async fn a_worker_that_died_in_between_is_replaced() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python(PID));
    let pid = success(&stage.invoke(&function, "0").await);
    let process = Pid::from_raw(i32::try_from(pid.as_i64().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    // Without giving the executor time to see it.
    while is_alive(&pid) {
        std::hint::spin_loop();
    }
    let other = success(&stage.invoke(&function, "0").await);
    assert_ne!(pid, other);
}

#[tokio::test]
async fn what_goes_on_between_invocations_stands_still() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python(
        r"
import threading
rounds, pause = 0, 0
def counting():
    global rounds, pause
    last = time.monotonic()
    while True:
        time.sleep(0.001)
        last, before = time.monotonic(), last
        pause = max(pause, last - before)
        rounds += 1
threading.Thread(target=counting, daemon=True).start()
def handler(event, context):
    until = rounds + 2
    while rounds < until: time.sleep(0.001)
    return pause
",
    ));
    let longest_pause = async || {
        let outcome = stage.invoke(&function, "0").await;
        success(&outcome).as_f64().unwrap()
    };
    longest_pause().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let pause = longest_pause().await;
    assert!(pause > 0.25, "{pause} seconds");
}

#[tokio::test]
async fn closing_ends_all() {
    if is_missing(PYTHON) {
        return;
    }
    let stage = Stage::new();
    let function = Arc::new(stage.python(PID));
    let idle = success(&stage.invoke(&function, "0").await);
    let (result, ()) = tokio::join!(stage.try_invoke(&function, "30"), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        stage.executor.close().await;
    });
    assert!(result.is_err());
    while is_alive(&idle) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let refused = stage.try_invoke(&function, "0").await;
    assert!(matches!(refused, Err(InvokeError::Closed)));
}
