//! Functions that run ("How Lambda works", Lambda developer guide).
//!
//! Whoever asks has been authorized. What a version needs to run is made once (`prepared`): its
//! package unpacked, its environment decrypted, a session of its role. The crate `functions` runs it;
//! what it prints goes to CloudWatch Logs with the permissions of its role (`sink`).

mod claims;
mod port;
mod prepared;
mod sink;

use std::io;
use std::mem;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::lambda::{InvocationRequest, InvocationResponse, InvokeAsyncRequest, InvokeAsyncResponse};
use bytes::Bytes;
use functions::{Executor, InvokeError, Machine, NoLogs, Outcome, Packages};
use platform::{Ctx, Error, Handle, OwnWork, Result};

pub use port::LambdaFunctions;

use crate::function::VersionRecord;
use crate::names::FunctionPlace;
use crate::{invoke, invoke_async, refusals};
use claims::Claims;
use prepared::Versions;

/// What runs functions, from when the server says how; until then none runs.
#[derive(Clone, Default)]
pub struct Running(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    #[default]
    Off,
    Prepared(Box<RunningParts>),
    Started(Arc<Runner>),
    /// Why not.
    Failed(String),
}

/// How functions run here.
pub struct RunningParts {
    /// What functions need of the program.
    pub work: OwnWork,
    /// How they are confined.
    pub settings: functions::Settings,
    /// The machine's own clock and randomness.
    pub machine: Arc<dyn Machine>,
    /// Where functions find AWS's APIs: here.
    pub endpoint_url: String,
    /// The certificates to believe there, a PEM file, where it speaks TLS. Functions may read it.
    pub endpoint_ca: Option<PathBuf>,
}

/// What runs functions.
pub(crate) struct Runner {
    work: OwnWork,
    machine: Arc<dyn Machine>,
    executor: Executor,
    endpoint_url: String,
    /// Below the directory that all workers may read.
    endpoint_ca: Option<PathBuf>,
    versions: Mutex<Versions>,
    packages: Packages,
    claims: Arc<Claims>,
}

/// A version to run, with what it is run with.
pub(crate) struct Run {
    pub(crate) place: FunctionPlace,
    pub(crate) version: Arc<VersionRecord>,
    pub(crate) limits: Limits,
    /// As the caller named it.
    pub(crate) invoked_arn: String,
    /// A UUID.
    pub(crate) request_id: String,
    /// JSON.
    pub(crate) payload: Bytes,
    /// JSON.
    pub(crate) client_context: Option<String>,
}

/// How many invocations may run at once.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Of the function, if that is reserved.
    pub(crate) reserved: Option<u32>,
    /// Of the account in the Region.
    pub(crate) account: u32,
}

impl Running {
    /// Functions run in this way from now on. What they need is made when the first one runs.
    pub fn prepare(&self, parts: RunningParts) {
        *self.state() = State::Prepared(Box::new(parts));
    }

    /// Makes what functions need, now.
    ///
    /// # Errors
    ///
    /// Where they cannot be confined, or the directory cannot be made.
    pub fn start(&self) -> Result<(), String> {
        match self.runner() {
            Ok(_) => Ok(()),
            Err(Error::Internal(error)) => Err(error.to_string()),
            Err(Error::Fault(fault)) => Err(fault.message().unwrap_or_default().to_owned()),
        }
    }

    /// Ends all functions, and lets none run any more.
    pub async fn close(&self) {
        let state = mem::take(&mut *self.state());
        if let State::Started(runner) = state {
            runner.executor.close().await;
        }
    }

    /// What runs functions, if any may run.
    pub(crate) fn runner(&self) -> Result<Arc<Runner>> {
        let mut state = self.state();
        if let State::Prepared(_) = &*state
            && let State::Prepared(parts) = mem::take(&mut *state)
        {
            *state = match Runner::new(*parts) {
                Ok(runner) => State::Started(Arc::new(runner)),
                Err(error) => State::Failed(error.to_string()),
            };
        }
        match &*state {
            State::Started(runner) => Ok(Arc::clone(runner)),
            State::Failed(because) => Err(Error::internal(because.clone())),
            State::Off | State::Prepared(_) => {
                Err(refusals::invalid("This server does not run functions.").into())
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runner {
    fn new(parts: RunningParts) -> io::Result<Self> {
        let directory = parts.settings.directory.clone();
        let machine = Arc::clone(&parts.machine);
        let executor = Executor::new(parts.settings, machine, Arc::new(NoLogs))?;
        let endpoint_ca = parts.endpoint_ca;
        let endpoint_ca = endpoint_ca.map(|file| executor.show("endpoint.pem", &file));
        Ok(Self {
            work: parts.work,
            machine: parts.machine,
            executor,
            endpoint_url: parts.endpoint_url,
            endpoint_ca: endpoint_ca.transpose()?,
            versions: Mutex::default(),
            packages: Packages::new(directory.join("packages"))?,
            claims: Arc::default(),
        })
    }

    /// Runs a version once and waits for what comes of it.
    pub(crate) async fn run(&self, run: Run) -> Result<Outcome> {
        let claim = Claims::take(&self.claims, &run.place, run.limits)?;
        let (prepared, credentials) = self.prepared(&run).await?;
        let invocation = functions::Invocation {
            id: run.request_id,
            payload: run.payload,
            invoked_arn: run.invoked_arn,
            client_context: run.client_context,
            trace_id: None,
            credentials,
            claim: Some(Box::new((claim, Arc::clone(&prepared)))),
        };
        let ran = self.executor.invoke(&prepared, invocation).await;
        ran.map_err(|error| match error {
            InvokeError::Busy => claims::throttled("ConcurrentInvocationLimitExceeded").into(),
            other => Error::internal(other),
        })
    }
}

/// The operation Invoke, with what runs functions.
#[derive(Clone)]
pub(crate) struct Invoking(pub(crate) Running);

impl<'a> Handle<'a, InvocationRequest, InvocationResponse> for Invoking {
    type Future = Pin<Box<dyn Future<Output = Result<InvocationResponse>> + Send + 'a>>;

    fn handle(&self, ctx: &'a Ctx, request: InvocationRequest) -> Self::Future {
        let running = self.0.clone();
        Box::pin(async move { invoke::invoke(ctx, &running, request).await })
    }
}

/// The operation InvokeAsync, with what runs functions.
#[derive(Clone)]
pub(crate) struct InvokingAsync(pub(crate) Running);

impl<'a> Handle<'a, InvokeAsyncRequest, InvokeAsyncResponse> for InvokingAsync {
    type Future = Pin<Box<dyn Future<Output = Result<InvokeAsyncResponse>> + Send + 'a>>;

    fn handle(&self, ctx: &'a Ctx, request: InvokeAsyncRequest) -> Self::Future {
        let running = self.0.clone();
        Box::pin(async move { invoke_async::invoke_async(ctx, &running, request).await })
    }
}
