//! `strongroom serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crypto::{Keyring, Random, Secret};
use iam::Bootstrapped;
use platform::{Clock, Pipeline, PipelineParts, ShiftedClock, SystemClock, SystemRandom};
use store::{Config, OpenError, Place, Store};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::dev::{Dev, Restore};
use super::{print, say};
use crate::admin::Admin;
use crate::cli::ServeOptions;
use crate::exit::Failure;
use crate::http::Front;
use crate::listen;
use crate::logging::{self, Reload};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::{process, registry, unlock};

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

async fn serve(
    mut settings: Settings,
    reload: &Reload,
    options: &ServeOptions,
) -> Result<(), Failure> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let shifted = settings.dev.then(|| Arc::new(ShiftedClock::default()));
    let clock: Arc<dyn Clock> = match &shifted {
        Some(shifted) => Arc::clone(shifted) as _,
        None => Arc::new(SystemClock),
    };
    let keyring = Arc::new(match &settings.storage {
        Some(storage) => unlock::open_or_create(storage, &*random)?,
        None => Keyring::generate(&*random)
            .map_err(|error| Failure::failed(format!("cannot make the keyring: {error}")))?,
    });
    let store = open(&settings, &keyring, &random).await?;
    let founder = Founder {
        store: store.clone(),
        keyring: Arc::clone(&keyring),
        random: Arc::clone(&random),
        clock: Arc::clone(&clock),
        account: settings.account_id.clone(),
        root_key: settings.root_key.take(),
    };
    let founder = Arc::new(founder);
    let founded = founder.found().await.map_err(Failure::failed)?;
    let identities = Arc::new(iam::Identities::new(Arc::clone(&keyring)));
    let pipeline = Arc::new(Pipeline::new(PipelineParts {
        services: registry::services(),
        store: store.clone(),
        keyring,
        clock: Arc::clone(&clock),
        random,
        credentials: Arc::clone(&identities) as _,
        policies: identities,
        auth: settings.auth,
    }));
    let listener = bind(settings.listen).await?;
    let admin_listener = bind(settings.admin_listen).await?;
    let metrics = Arc::new(Metrics::new(pipeline.services()));
    let dev = shifted.map(|clock| Dev {
        clock,
        store: store.clone(),
        restore: restore(&founder),
    });
    let front = Front {
        pipeline,
        metrics: Arc::clone(&metrics),
        region: settings.region.clone(),
        auth: settings.auth,
        dev,
    };
    let admin = Admin {
        metrics,
        store: store.clone(),
    };
    announce(&settings, &founded, &listener, &admin_listener)?;

    let (stop, stopping) = watch::channel(false);
    let serving = tokio::spawn(listen::serve(listener, Arc::new(front), stopping.clone()));
    let probing = tokio::spawn(listen::serve(
        admin_listener,
        Arc::new(admin),
        stopping.clone(),
    ));
    let jobs = tokio::spawn(run_jobs(store.clone(), clock, stopping));
    let ended = until_stopped(&store, reload, options).await;
    let _ = stop.send(true);
    for task in [serving, probing, jobs] {
        let _ = task.await;
    }
    let closed = store.close().await;
    ended?;
    closed.map_err(|error| Failure::failed(format!("the store did not close cleanly: {error}")))
}

async fn open(
    settings: &Settings,
    keyring: &Arc<Keyring>,
    random: &Arc<dyn Random>,
) -> Result<Store, Failure> {
    let place = match &settings.storage {
        Some(storage) => Place::Directory(storage.data_dir.clone()),
        None => Place::Memory,
    };
    let opened = Store::open(Config::new(place), Arc::clone(keyring), Arc::clone(random)).await;
    opened
        .map_err(|error: OpenError| Failure::unavailable(format!("cannot open the store: {error}")))
}

/// Makes the account and its root access key on first start.
struct Founder {
    store: Store,
    keyring: Arc<Keyring>,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    account: Option<String>,
    root_key: Option<(String, Secret<String>)>,
}

impl Founder {
    async fn found(&self) -> Result<Bootstrapped, String> {
        let root_key = self.root_key.as_ref();
        let root_key =
            root_key.map(|(id, secret)| (id.clone(), Secret::new(secret.expose().clone())));
        let (store, keyring, now) = (&self.store, &self.keyring, self.clock.now());
        iam::bootstrap(
            store,
            keyring,
            &*self.random,
            now,
            self.account.as_deref(),
            root_key,
        )
        .await
        .map_err(|error| format!("cannot make the account: {error}"))
    }
}

fn restore(founder: &Arc<Founder>) -> Restore {
    let founder = Arc::clone(founder);
    Box::new(move || {
        let founder = Arc::clone(&founder);
        Box::pin(async move { founder.found().await.map(|_| ()) })
    })
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::failed(format!(
            "cannot listen on {address}: {error}; choose another address or stop \
             what listens there"
        ))
    })
}

/// Prints where the server is, and on first start the root access key: once, and never again.
fn announce(
    settings: &Settings,
    founded: &Bootstrapped,
    listener: &TcpListener,
    admin_listener: &TcpListener,
) -> Result<(), Failure> {
    let bound = |listener: &TcpListener| {
        listener
            .local_addr()
            .map_err(|error| Failure::failed(format!("a listener has no address: {error}")))
    };
    let (address, admin) = (bound(listener)?, bound(admin_listener)?);
    let mut lines = String::new();
    if let (Some(id), Some(secret)) = (&founded.access_key_id, &founded.secret) {
        lines.push_str(&format!(
            "export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={}\n\
             export AWS_DEFAULT_REGION={}\nexport AWS_ENDPOINT_URL=http://{address}\n",
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
    lines.push_str(&format!("strongroom is ready at http://{address}\n"));
    print(lines.as_bytes())
}

/// Looks for what has expired, once a minute.
async fn run_jobs(store: Store, clock: Arc<dyn Clock>, mut stop: watch::Receiver<bool>) {
    loop {
        match kms::delete_expired(&store, clock.now()).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "keys whose waiting period is over are deleted"),
            Err(error) => tracing::error!(error = %error, "expired keys could not be deleted"),
        }
        tokio::select! {
            () = tokio::time::sleep(JOB_INTERVAL) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Waits for SIGTERM or SIGINT, or for the store to fail. SIGHUP reads the log filter again.
async fn until_stopped(
    store: &Store,
    reload: &Reload,
    options: &ServeOptions,
) -> Result<(), Failure> {
    let listen = |kind| {
        signal(kind).map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))
    };
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut hangup = listen(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            () = store.failed() => {
                return Err(Failure::failed(
                    "the disk refused a write; nothing is served until the server starts again",
                ));
            }
            _ = hangup.recv() => reread(reload, options),
        }
    }
}

fn reread(reload: &Reload, options: &ServeOptions) {
    let outcome = Settings::resolve(options.clone()).map_err(|failure| failure.to_string());
    match outcome.and_then(|settings| reload(&settings.log)) {
        Ok(()) => tracing::info!("the configuration has been read again"),
        Err(error) => tracing::error!(error, "the configuration could not be read again"),
    }
}
