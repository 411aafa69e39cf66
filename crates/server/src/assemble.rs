//! From settings to a pipeline: keyring, store, account, services.

use std::sync::Arc;

use crypto::{Keyring, Random, Secret};
use iam::Bootstrapped;
use lambda::Running;
use organizations::MembershipDirectory;
use platform::{Clock, Pipeline, PipelineParts, ShiftedClock, SystemClock, SystemRandom};
use store::{Config, OpenError, Place, Store};
use tokio::sync::Notify;

use crate::commands::dev::{Dev, Restore};
use crate::databases::Passwords;
use crate::exit::Failure;
use crate::key_sets::Issuers;
use crate::outbound::{Opening, Reach, Sender, roots};
use crate::settings::{Settings, TrailSettings};
use crate::trail_directory::TrailDirectory;
use crate::trail_endpoint::TrailEndpoint;
use crate::{attestation, registry, unlock};

/// Everything that serves, before it listens.
pub struct Assembled {
    /// Where state and journal live.
    pub store: Store,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The account, and its root access key if this is the first start.
    pub founded: Bootstrapped,
    /// Serves AWS requests.
    pub pipeline: Arc<Pipeline>,
    /// What runs functions, once somebody says how.
    pub running: Running,
    /// The development endpoints, under `--dev`.
    pub dev: Option<Dev>,
    /// Tells whoever does what is due that the clock was moved.
    pub moved: Arc<Notify>,
}

/// Opens or makes what `settings` name.
pub async fn assemble(settings: &Settings) -> Result<Assembled, Failure> {
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
    let store = open(settings, &keyring, &random).await?;
    let root_key = settings.root_key.as_ref();
    let founder = Arc::new(Founder {
        store: store.clone(),
        keyring: Arc::clone(&keyring),
        random: Arc::clone(&random),
        clock: Arc::clone(&clock),
        account: settings.account_id.clone(),
        root_key: root_key.map(|(id, secret)| (id.clone(), copy(secret))),
    });
    let founded = founder.found().await.map_err(Failure::failed)?;
    let directory = Arc::new(iam::IdentityDirectory::new(Arc::clone(&keyring)));
    let shared_random = Arc::clone(&random);
    let running = Running::default();
    let pipeline = Arc::new(Pipeline::new(PipelineParts {
        services: if settings.dev {
            registry::development_services(&running)
        } else {
            registry::services_running(&running)
        },
        store: store.clone(),
        keyring,
        clock: Arc::clone(&clock),
        random,
        directory,
        organizations: Arc::new(MembershipDirectory),
        key_sets: Arc::new(issuers(settings)?),
        attestation_roots: Arc::new(attestation::roots(settings.attestation_root.as_deref())?),
        auth: settings.auth,
    }));
    pipeline.answer_for(settings.regions.clone());
    pipeline.send_through(Arc::new(Sender::new(&settings.outbound)?));
    let passwords = Passwords::new(&settings.outbound, Arc::clone(&shared_random))?;
    pipeline.change_passwords_through(Arc::new(passwords));
    deliver_trails(settings, &pipeline, &clock)?;
    if settings.limits_rates {
        pipeline.limit_rates();
    }
    let restore = restore(&founder, &pipeline);
    let moved = Arc::new(Notify::new());
    let dev = shifted.map(|clock| Dev {
        clock,
        moved: Arc::clone(&moved),
        store: store.clone(),
        restore,
    });
    Ok(Assembled {
        store,
        clock,
        founded,
        pipeline,
        running,
        dev,
        moved,
    })
}

/// Where trails deliver to. Whoever names an endpoint opens the way to it, wherever it is.
fn deliver_trails(
    settings: &Settings,
    pipeline: &Pipeline,
    clock: &Arc<dyn Clock>,
) -> Result<(), Failure> {
    match &settings.trails {
        TrailSettings::Nowhere => {}
        TrailSettings::Directory(directory) => {
            pipeline.deliver_to(Arc::new(TrailDirectory(directory.clone())));
        }
        TrailSettings::Endpoint {
            url,
            access_key_id,
            secret,
        } => {
            let mut outbound = settings.outbound.clone();
            outbound.allow.push(opening(url)?);
            outbound.http = url.starts_with("http://");
            pipeline.deliver_to(Arc::new(TrailEndpoint {
                url: url.clone(),
                region: settings.region.clone(),
                access_key_id: access_key_id.clone(),
                secret: copy(secret),
                outbound: Arc::new(Sender::new(&outbound)?),
                clock: Arc::clone(clock),
            }));
        }
    }
    Ok(())
}

/// The host of an endpoint.
fn opening(url: &str) -> Result<Opening, Failure> {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|it| it.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_matches(['[', ']']);
    host.parse().map_err(|error| {
        Failure::usage(format!(
            "`{host}` is no host for the option `trail-endpoint`: {error}"
        ))
    })
}

/// Issuers are where others may be, and in the networks that are opened to them alone.
fn issuers(settings: &Settings) -> Result<Issuers, Failure> {
    let networks = settings.issuer_networks.iter().copied();
    let mut openings = settings.outbound.allow.clone();
    openings.extend(networks.map(Opening::Network));
    let roots = roots::roots(settings.outbound.ca.as_deref())?;
    Ok(Issuers::new(
        settings.key_set_files.clone(),
        Reach::new(openings),
        roots,
    ))
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
        let root_key = root_key.map(|(id, secret)| (id.clone(), copy(secret)));
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

fn restore(founder: &Arc<Founder>, pipeline: &Arc<Pipeline>) -> Restore {
    let (founder, pipeline) = (Arc::clone(founder), Arc::clone(pipeline));
    Box::new(move || {
        pipeline.forget();
        let founder = Arc::clone(&founder);
        Box::pin(async move { founder.found().await.map(|_| ()) })
    })
}

fn copy(secret: &Secret<String>) -> Secret<String> {
    Secret::new(secret.expose().clone())
}
