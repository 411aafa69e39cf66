//! `strongroom serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use iam::Bootstrapped;
use platform::{Clock, Error, Pipeline, Upkeep, UsageWriter};
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};
use wire::Timestamp;

use super::keep_journal::JournalKeeper;
use super::{event_sources, print, say};
use crate::admin::Admin;
use crate::assemble::{Assembled, assemble};
use crate::cli::ServeOptions;
use crate::exit::Failure;
use crate::forward::{self, Forwarder, Unconfirmed};
use crate::http::Front;
use crate::listen::{self, Door};
use crate::logging::{self, Reload};
use crate::metrics::Metrics;
use crate::process;
use crate::running::Hosting;
use crate::settings::Settings;
use crate::tls::Tls;

/// How often expired things are looked for.
const JOB_INTERVAL: Duration = Duration::from_secs(60);

/// Serves until it is told to stop.
pub(super) fn run(options: ServeOptions) -> Result<(), Failure> {
    let again = options.clone();
    let settings = Settings::resolve(options)?;
    let reload = logging::start(&settings.log, settings.log_format)?;
    for missing in process::harden() {
        tracing::info!(missing, "not everything that protects memory could be had");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start the runtime: {error}")))?;
    runtime.block_on(serve(settings, &reload, &again))
}

async fn serve(settings: Settings, reload: &Reload, options: &ServeOptions) -> Result<(), Failure> {
    let Assembled {
        store,
        clock,
        founded,
        pipeline,
        running,
        dev,
        moved,
    } = assemble(&settings).await?;
    let tls = tls_of(&settings)?;
    let (listener, admin_listener) = bind_both(&settings).await?;
    pipeline.lead_to(public_url(&settings, &listener)?);
    let hosting = Hosting::start(
        &settings,
        &pipeline,
        running,
        own_url(&settings, &listener)?,
    )?;
    let delivery = Delivery::new(&pipeline, &clock);
    let jobs = Jobs::new(&pipeline, (clock, moved), &delivery);
    let usage = Arc::clone(&jobs.usage);
    let deliveries = pipeline.deliveries();
    let work = pipeline.own_work();
    let forwarders = forward::forwarders(&settings.forward, &jobs.upkeep, &jobs.clock)?;
    let kept = (settings.journal_days, Unconfirmed::of(&forwarders));
    let keeper = JournalKeeper::start(&pipeline, Arc::clone(&jobs.clock), kept)?;
    let progress = forwarders.iter().map(Forwarder::progress).collect();
    let metrics = Arc::new(Metrics::new(pipeline.services(), progress));
    let admin = Admin {
        metrics: Arc::clone(&metrics),
        store: store.clone(),
        upkeep: pipeline.upkeep(),
        deliveries: deliveries.clone(),
        damaged: keeper.damaged(),
    };
    let front = Front::new(pipeline, metrics, &settings, dev);
    // Whoever reads the ready line may send a signal at once.
    let signals = Signals::listen()?;
    announce(&settings, &founded, &listener, &admin_listener)?;

    let (stop, stopping) = watch::channel(false);
    let door = Door::new(listener, tls.clone());
    let admin_door = Door::new(admin_listener, None);
    let mut tasks = vec![
        tokio::spawn(listen::serve(door, Arc::new(front), stopping.clone())),
        tokio::spawn(listen::serve(admin_door, Arc::new(admin), stopping.clone())),
        tokio::spawn(delivery.run(stopping.clone())),
        tokio::spawn(jobs.run(stopping.clone())),
        tokio::spawn(event_sources::run(work, stopping.clone())),
        tokio::spawn(deliveries.run(stopping.clone())),
    ];
    for forwarder in forwarders {
        tasks.push(tokio::spawn(forwarder.run(stopping.clone())));
    }
    let rereading = Rereading {
        log: reload,
        tls,
        options,
    };
    let ended = until_stopped(&store, signals, &rereading).await;
    let _ = stop.send(true);
    for task in tasks {
        let _ = task.await;
    }
    hosting.close().await;
    // Before the store ends, and off the threads that serve: it is at a segment for a moment more.
    let _ = tokio::task::spawn_blocking(move || drop(keeper)).await;
    write_usage(&usage).await;
    let closed = store.close().await;
    ended?;
    closed.map_err(|error| Failure::failed(format!("the store did not close cleanly: {error}")))
}

fn tls_of(settings: &Settings) -> Result<Option<Arc<Tls>>, Failure> {
    let loaded = settings.tls.clone().map(Tls::load).transpose()?;
    Ok(loaded.map(Arc::new))
}

async fn bind_both(settings: &Settings) -> Result<(TcpListener, TcpListener), Failure> {
    let listener = bind(settings.listen).await?;
    Ok((listener, bind(settings.admin_listen).await?))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::failed(format!(
            "cannot listen on {address}: {error}; choose another address or stop \
             what listens there"
        ))
    })
}

fn bound(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    let address = listener.local_addr();
    address.map_err(|error| Failure::failed(format!("a listener has no address: {error}")))
}

fn scheme(settings: &Settings) -> &'static str {
    match settings.tls.is_some() {
        true => "https",
        false => "http",
    }
}

/// Where links lead that others are given: where the operator says, and otherwise where the server
/// listens. Of an address that stands for all of them only this machine knows that it is meant.
fn public_url(settings: &Settings, listener: &TcpListener) -> Result<String, Failure> {
    if let Some(url) = &settings.public_url {
        return Ok(url.to_string());
    }
    let (address, scheme) = (bound(listener)?, scheme(settings));
    Ok(match address.ip().is_unspecified() {
        true => format!("{scheme}://localhost:{}", address.port()),
        false => format!("{scheme}://{address}"),
    })
}

/// Where functions find this server: where it listens, or with TLS where its certificate says.
fn own_url(settings: &Settings, listener: &TcpListener) -> Result<String, Failure> {
    let (address, scheme) = (bound(listener)?, scheme(settings));
    match (settings.tls.is_some(), address.ip().is_unspecified()) {
        (true, _) => public_url(settings, listener),
        (false, true) => Ok(format!("{scheme}://127.0.0.1:{}", address.port())),
        (false, false) => Ok(format!("{scheme}://{address}")),
    }
}

/// Prints where the server is, and on first start the root access key: once, and never again.
fn announce(
    settings: &Settings,
    founded: &Bootstrapped,
    listener: &TcpListener,
    admin_listener: &TcpListener,
) -> Result<(), Failure> {
    let (address, admin) = (bound(listener)?, bound(admin_listener)?);
    let scheme = scheme(settings);
    let mut lines = String::new();
    if let (Some(id), Some(secret)) = (&founded.access_key_id, &founded.secret) {
        lines.push_str(&format!(
            "export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={}\n\
             export AWS_DEFAULT_REGION={}\nexport AWS_ENDPOINT_URL={scheme}://{address}\n",
            secret.expose(),
            settings.region,
        ));
        say("This is the root access key of the new account. It is shown this once: keep it safe.");
    }
    if settings.auth == platform::AuthMode::Off {
        say("Authorization is off: every call is allowed. For development only.");
    }
    say(&format!(
        "account {}, metrics and probes at http://{admin}",
        founded.account
    ));
    lines.push_str(&format!("strongroom is ready at {scheme}://{address}\n"));
    print(lines.as_bytes())
}

/// What is done once a minute, and whenever a development server's clock is moved.
struct Jobs {
    upkeep: Upkeep,
    clock: Arc<dyn Clock>,
    usage: Arc<UsageWriter>,
    pipeline: Arc<Pipeline>,
    /// The clock was moved.
    moved: Arc<Notify>,
    /// Is told so in turn.
    delivery: Arc<Notify>,
}

impl Jobs {
    fn new(
        pipeline: &Arc<Pipeline>,
        (clock, moved): (Arc<dyn Clock>, Arc<Notify>),
        delivery: &Delivery,
    ) -> Self {
        Self {
            usage: Arc::new(pipeline.usage_writer()),
            upkeep: pipeline.upkeep(),
            pipeline: Arc::clone(pipeline),
            clock,
            moved,
            delivery: Arc::clone(&delivery.moved),
        }
    }

    /// Looks for what is due, writes when access keys were last used, and reads into the event
    /// history what is new.
    async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            write_usage(&self.usage).await;
            look_after_keys(&self.upkeep, self.clock.now()).await;
            look_after_logs(&self.upkeep, self.clock.now()).await;
            look_after_queues(&self.upkeep, self.clock.now()).await;
            look_after_parameters(&self.upkeep, self.clock.now()).await;
            look_after_secrets(&self.upkeep, self.clock.now()).await;
            if let Err(Error::Internal(error)) = self.pipeline.catch_up_history().await {
                tracing::error!(%error, "the event history could not be read");
            }
            tokio::select! {
                () = tokio::time::sleep(JOB_INTERVAL) => {}
                () = self.moved.notified() => {
                    self.delivery.notify_one();
                    self.pipeline.deliveries().look();
                }
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }
}

/// The delivery of trails. It gives way to all that serves, so that it may take long: no other job
/// waits for it.
struct Delivery {
    upkeep: Upkeep,
    clock: Arc<dyn Clock>,
    pipeline: Arc<Pipeline>,
    /// The clock was moved.
    moved: Arc<Notify>,
}

impl Delivery {
    fn new(pipeline: &Arc<Pipeline>, clock: &Arc<dyn Clock>) -> Self {
        Self {
            upkeep: pipeline.upkeep(),
            clock: Arc::clone(clock),
            pipeline: Arc::clone(pipeline),
            moved: Arc::default(),
        }
    }

    /// Delivers once a minute. A file that is half way when the program ends is delivered again.
    async fn run(self, mut stop: watch::Receiver<bool>) {
        let delivering = async {
            loop {
                self.deliver().await;
                tokio::select! {
                    () = tokio::time::sleep(JOB_INTERVAL) => {}
                    () = self.moved.notified() => {}
                }
            }
        };
        tokio::select! {
            () = delivering => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Delivers what trails have to deliver, if there is a place for it.
    async fn deliver(&self) {
        let Some(buckets) = self.pipeline.buckets() else {
            return;
        };
        match cloudtrail::deliver(&self.upkeep, &buckets, self.clock.now()).await {
            Ok(0) | Err(Error::Fault(_)) => {}
            Ok(files) => tracing::debug!(files, "trails delivered log files"),
            Err(Error::Internal(error)) => tracing::error!(%error, "trails could not deliver"),
        }
    }
}

/// Deletes, erases and rotates the keys that are due, and deletes the material that has expired. What
/// cannot be done now is done the next time.
async fn look_after_keys(upkeep: &Upkeep, now: Timestamp) {
    match kms::delete_expired(upkeep, now).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(deleted) => tracing::info!(deleted, "keys whose waiting period is over are deleted"),
        Err(Error::Internal(error)) => tracing::error!(%error, "expired keys could not be deleted"),
    }
    match kms::erase_deleted(upkeep, now).await {
        Ok(false) | Err(Error::Fault(_)) => {}
        Ok(true) => tracing::info!("the material of deleted keys is gone from the disk"),
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "the material of deleted keys is still on the disk");
        }
    }
    match kms::rotate_due(upkeep, now).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(rotated) => tracing::info!(rotated, "keys whose rotation was due are rotated"),
        Err(Error::Internal(error)) => tracing::error!(%error, "due keys could not be rotated"),
    }
    match kms::delete_expired_material(upkeep, now).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(deleted) => tracing::info!(deleted, "imported key material that expired is deleted"),
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "expired key material could not be deleted");
        }
    }
}

/// Takes log events from the disk whose time is over, and what deleted groups and streams left. What
/// cannot be done now is done the next time.
async fn look_after_logs(upkeep: &Upkeep, now: Timestamp) {
    match logs::expire(upkeep, now).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(batches) => tracing::info!(batches, "log events that expired are deleted"),
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "expired log events could not be deleted");
        }
    }
    match logs::sweep(upkeep).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(swept) => tracing::info!(swept, "what deleted log groups and streams had is gone"),
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "what deleted log groups had is still on the disk");
        }
    }
}

/// Takes messages from the disk that nobody can receive any more. What cannot be done now is done
/// the next time.
async fn look_after_queues(upkeep: &Upkeep, now: Timestamp) {
    match sqs::sweep(upkeep, now).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(swept) => tracing::info!(swept, "messages that expired or were purged are gone"),
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "messages that expired could not be deleted");
        }
    }
}

/// Carries out the policies of parameters whose time has come. What cannot be done now is done the
/// next time.
async fn look_after_parameters(upkeep: &Upkeep, now: Timestamp) {
    match ssm::carry_out(upkeep, now).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(parameters) => tracing::info!(parameters, "policies of parameters are carried out"),
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "policies of parameters could not be carried out");
        }
    }
}

/// Deletes the secrets whose recovery window is over, and begins the rotations whose window has
/// opened. What cannot be done now is done the next time.
async fn look_after_secrets(upkeep: &Upkeep, now: Timestamp) {
    match secretsmanager::carry_out(upkeep, now).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(secrets) => tracing::info!(secrets, "secrets are deleted"),
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "secrets could not be deleted");
        }
    }
    match secretsmanager::rotate_due(upkeep, now).await {
        Ok(0) | Err(Error::Fault(_)) => {}
        Ok(secrets) => tracing::info!(secrets, "secrets are being rotated"),
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "secrets could not be rotated");
        }
    }
}

/// Writes when access keys were last used. That it cannot be written is no reason to stop: it is
/// tried again.
async fn write_usage(usage: &UsageWriter) {
    if let Err(Error::Internal(error)) = usage.flush().await {
        tracing::error!(%error, "the last uses of access keys could not be written");
    }
}

/// The signals that the program acts on.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }
}

/// Waits for SIGTERM or SIGINT, or for the store to fail.
async fn until_stopped(
    store: &Store,
    mut signals: Signals,
    rereading: &Rereading<'_>,
) -> Result<(), Failure> {
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return Ok(()),
            _ = signals.interrupt.recv() => return Ok(()),
            () = store.failed() => {
                return Err(Failure::failed(
                    "the disk refused a write; nothing is served until the server starts again",
                ));
            }
            _ = signals.hangup.recv() => rereading.run(),
        }
    }
}

/// What SIGHUP reads again: the log filter and the certificate.
struct Rereading<'a> {
    log: &'a Reload,
    tls: Option<Arc<Tls>>,
    options: &'a ServeOptions,
}

impl Rereading<'_> {
    fn run(&self) {
        let settings =
            Settings::resolve(self.options.clone()).map_err(|failure| failure.to_string());
        let log = settings.and_then(|settings| (self.log)(&settings.log));
        let tls = self.tls.as_ref().map_or(Ok(()), |tls| tls.reload());
        match log.and(tls.map_err(|failure| failure.to_string())) {
            Ok(()) => tracing::info!("the configuration has been read again"),
            Err(error) => tracing::error!(error, "the configuration could not be read again"),
        }
    }
}
