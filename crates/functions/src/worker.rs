//! A worker: one process of one function version, serving one invocation at a time.

mod answers;
mod directory;
mod environment;
mod platform_log;
mod start;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use rustix::process::Signal;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::confine::{NOT_CONFINED, NOT_RUN};
use crate::monitor::Watching;
use crate::output::Output;
use crate::runtime_api::{self, Answer, Call, RuntimeApi};
use crate::settings::Machine;
use crate::spawner::Process;
use crate::{Function, Invocation, Outcome, Report};

use answers::Failure;
use directory::Directory;
use platform_log::{Ended, PlatformLog};
pub(crate) use start::{NODE, PYTHON, Plan};

/// A process that is there, and what belongs to it.
pub(crate) struct Worker {
    function: Arc<Function>,
    machine: Arc<dyn Machine>,
    watched: Watching,
    /// None once it was waited for.
    process: Option<Process>,
    api: RuntimeApi,
    output: Output,
    directory: Directory,
    /// The runtime waits for an event.
    ready: Option<oneshot::Sender<Answer>>,
    /// Whether the runtime has ever called.
    has_called: bool,
}

/// What a worker is waited for.
enum Event {
    Call(Call),
    Ended,
    Deadline,
}

impl Worker {
    /// Waits until the runtime asks for an event.
    async fn get_ready(&mut self, deadline: Instant, limit: Duration) -> Result<(), Failure> {
        loop {
            match self.event(deadline).await {
                Event::Call(Call::Next(ready)) => {
                    self.ready = Some(ready);
                    return Ok(());
                }
                Event::Call(Call::InitError { error, answer }) => {
                    let _ = answer.send(runtime_api::accepted());
                    return Err(Failure::Reported(error));
                }
                Event::Call(Call::Response { answer, .. } | Call::Error { answer, .. }) => {
                    let _ = answer.send(runtime_api::invalid_request_id());
                }
                Event::Ended => return Err(self.ended().await),
                Event::Deadline => return Err(Failure::TimedOut(limit)),
            }
        }
    }

    /// Runs one invocation, for which the worker was `init` in starting; the time runs from `began`.
    ///
    /// # Returns
    ///
    /// What came of it, and whether the worker is ready for another.
    pub(crate) async fn run(
        &mut self,
        invocation: &Invocation,
        began: Instant,
        init: Option<Duration>,
    ) -> (Outcome, bool) {
        self.wake();
        let start = self.platform_log().start(&invocation.id);
        self.output.lines(start).await;
        let result = self.exchange(invocation, began).await;
        let is_ready = self.ready.is_some();
        let report = Report {
            duration: began.elapsed(),
            init,
            memory: self.watched.peak(),
        };
        if is_ready {
            self.rest();
        }
        (self.close(invocation, result, report).await, is_ready)
    }

    /// Delivers the event, and waits for the result and for the runtime to ask for the next event.
    async fn exchange(
        &mut self,
        invocation: &Invocation,
        began: Instant,
    ) -> Result<Bytes, Failure> {
        let limit = self.function.timeout;
        let deadline = began + limit;
        self.deliver(invocation, deadline).await?;
        let mut result = None;
        loop {
            match self.event(deadline).await {
                Event::Call(Call::Next(answer)) => match result {
                    Some(result) => {
                        self.ready = Some(answer);
                        return result;
                    }
                    None => refuse(answer, "the invocation has not ended"),
                },
                Event::Call(Call::Response { answer, id, .. } | Call::Error { answer, id, .. })
                    if id != invocation.id =>
                {
                    let _ = answer.send(runtime_api::invalid_request_id());
                }
                Event::Call(Call::Response { answer, .. } | Call::Error { answer, .. })
                    if result.is_some() =>
                {
                    refuse(answer, "the invocation has a result");
                }
                Event::Call(Call::Response {
                    result: given,
                    answer,
                    ..
                }) => {
                    let is_whole = given.is_some();
                    result = Some(given.ok_or(Failure::ResponseTooLarge));
                    let _ = answer.send(if is_whole {
                        runtime_api::accepted()
                    } else {
                        runtime_api::too_large()
                    });
                }
                Event::Call(Call::Error { error, answer, .. }) => {
                    result = Some(Err(Failure::Reported(error)));
                    let _ = answer.send(runtime_api::accepted());
                }
                Event::Call(Call::InitError { answer, .. }) => {
                    refuse(answer, "the runtime is ready already");
                }
                Event::Ended => {
                    let failure = self.ended().await;
                    return result.unwrap_or(Err(failure));
                }
                Event::Deadline => return Err(self.time_out(limit)),
            }
        }
    }

    /// Hands the event to the runtime, which asks again if its connection was lost.
    async fn deliver(&mut self, invocation: &Invocation, deadline: Instant) -> Result<(), Failure> {
        let limit = self.function.timeout;
        loop {
            if let Some(ready) = self.ready.take()
                && ready.send(self.delivery(invocation, deadline)).is_ok()
            {
                return Ok(());
            }
            match self.event(deadline).await {
                Event::Call(Call::Next(ready)) => self.ready = Some(ready),
                Event::Call(Call::Response { answer, .. } | Call::Error { answer, .. }) => {
                    let _ = answer.send(runtime_api::invalid_request_id());
                }
                Event::Call(Call::InitError { answer, .. }) => {
                    refuse(answer, "the runtime is ready already");
                }
                Event::Ended => return Err(self.ended().await),
                Event::Deadline => return Err(self.time_out(limit)),
            }
        }
    }

    /// The event with its headers.
    fn delivery(&self, invocation: &Invocation, deadline: Instant) -> Answer {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
        let deadline = self.machine.now_millis().saturating_add(left).to_string();
        let context = invocation.client_context.as_deref();
        let headers = [
            (
                "lambda-runtime-aws-request-id",
                Some(invocation.id.as_str()),
            ),
            ("lambda-runtime-deadline-ms", Some(&deadline)),
            (
                "lambda-runtime-invoked-function-arn",
                Some(invocation.invoked_arn.as_str()),
            ),
            ("lambda-runtime-trace-id", invocation.trace_id.as_deref()),
            ("lambda-runtime-client-context", context),
        ];
        let mut answer = runtime_api::json(http::StatusCode::OK, invocation.payload.clone());
        for (name, value) in headers {
            // Between the parts of JSON line ends are as good as spaces, and within they cannot be.
            let value = value.map(|value| value.replace(|c: char| c.is_ascii_control(), " "));
            let value = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
            if let Some(value) = value {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }

    /// Writes the end of the log and makes the outcome.
    async fn close(
        &self,
        invocation: &Invocation,
        result: Result<Bytes, Failure>,
        report: Report,
    ) -> Outcome {
        let request = &invocation.id;
        let failure = result.as_ref().err();
        let lines = self.platform_log().end(&Ended {
            request,
            failure,
            report: &report,
            produced: result.as_ref().map_or(0, Bytes::len),
        });
        Outcome {
            is_error: failure.is_some(),
            log_tail: self.output.end(lines).await,
            payload: result.unwrap_or_else(|failure| failure.payload(request)),
            report,
        }
    }

    fn platform_log(&self) -> PlatformLog<'_> {
        PlatformLog {
            function: &self.function,
            now_millis: self.machine.now_millis(),
        }
    }

    /// Waits for something to happen to a worker without work.
    ///
    /// # Returns
    ///
    /// When it is of no more use. Calls of the runtime are answered until then.
    pub(crate) async fn spoiled(&mut self) {
        let Some(process) = &self.process else {
            return;
        };
        loop {
            tokio::select! {
                () = process.ended() => return,
                call = self.api.calls.recv() => match call {
                    Some(Call::Next(ready)) => self.ready = Some(ready),
                    Some(
                        Call::Response { answer, .. }
                        | Call::Error { answer, .. }
                        | Call::InitError { answer, .. },
                    ) => refuse(answer, "there is no invocation"),
                    None => return,
                },
            }
        }
    }

    /// Whether the process has ended by now.
    pub(crate) fn has_ended(&self) -> bool {
        self.process.as_ref().is_none_or(Process::has_ended)
    }

    /// Kills it and removes what it leaves behind.
    pub(crate) async fn end(mut self) {
        self.watched.end();
        let process = self.process.take();
        let directory = self.directory;
        // Waiting for the kernel to end a process may take its time, as removing files does.
        let removed = tokio::task::spawn_blocking(move || {
            process.map(Process::reap);
            directory.remove()
        });
        if let Ok(Err(error)) = removed.await {
            tracing::warn!(%error, "failed to remove the directory of a worker");
        }
    }

    async fn event(&mut self, deadline: Instant) -> Event {
        let Some(process) = &self.process else {
            return Event::Ended;
        };
        tokio::select! {
            biased;
            Some(call) = self.api.calls.recv() => {
                self.has_called = true;
                Event::Call(call)
            }
            () = process.ended() => Event::Ended,
            () = sleep_until(deadline) => Event::Deadline,
        }
    }

    /// What the process ended of.
    async fn ended(&mut self) -> Failure {
        self.watched.end();
        self.ready = None;
        let status = self.process.take().and_then(Process::reap);
        if let Some(excess) = self.watched.excess() {
            return Failure::Killed(excess);
        }
        let status = status.unwrap_or_default();
        let stage = [NOT_RUN, NOT_CONFINED].into_iter();
        let ended = stage
            .map(i32::from)
            .find(|code| status.code() == Some(*code));
        let Some(code) = ended.filter(|_| !self.has_called) else {
            return Failure::Exited(status);
        };
        let said = self.output.last_line().await;
        let why = match said.is_empty() {
            true => "not run".to_owned(),
            false => String::from_utf8_lossy(&said).into_owned(),
        };
        if code == i32::from(NOT_RUN) {
            Failure::NotRun(why)
        } else {
            Failure::NotConfined(why)
        }
    }

    fn time_out(&mut self, limit: Duration) -> Failure {
        self.ready = None;
        if let Some(process) = &self.process {
            process.signal(Signal::KILL);
        }
        Failure::TimedOut(limit)
    }

    /// Between invocations a worker stands still, as AWS's do: whatever it started waits with it.
    fn rest(&self) {
        self.watched.set_busy(false);
        if let Some(process) = &self.process {
            process.signal(Signal::STOP);
        }
    }

    fn wake(&self) {
        self.watched.set_busy(true);
        if let Some(process) = &self.process {
            process.signal(Signal::CONT);
        }
    }
}

fn refuse(answer: oneshot::Sender<Answer>, text: &str) {
    // A runtime that went away needs no answer.
    let _ = answer.send(runtime_api::invalid_transition(text));
}
