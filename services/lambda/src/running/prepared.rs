//! What a version needs to run, made when it runs first and kept while it is used: its package, its
//! environment in plaintext, a session of its role ("Lambda execution environment lifecycle").
//!
//! Whether its role may still decrypt its environment is asked before each invocation: a version does
//! not run on once its key is disabled or denied. That its role can still be assumed is asked again from
//! time to time, and before a session ends.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use api::kms::{Decrypt, DecryptRequest};
use api::lambda::{
    InvalidRuntimeException, KMSAccessDeniedException, KMSDisabledException,
    KMSInvalidStateException, KMSNotFoundException,
};
use functions::{Archives, Credentials, Function, Level, Runtime, Unpacked};
use platform::{Ctx, Error, Result, RoleSession};
use wire::{Common, Fault, Protocol, Timestamp};
use zeroize::Zeroizing;

use super::sink::Sink;
use super::{Run, Runner};
use crate::environment::{self, Variables};
use crate::function::Logging;
use crate::roles::{PRINCIPAL, session_name};
use crate::{code, layers};

/// How long what was found out holds, in milliseconds.
const HOLDS: i64 = 5 * 60 * 1000;
/// How long a session lasts at least behind the longest that an invocation may take, in milliseconds.
const SPARE: i64 = 60 * 1000;
/// How long a version is kept that does not run, in milliseconds.
const UNUSED: i64 = 15 * 60 * 1000;
/// How often what was done is committed anew because another call committed first.
const ATTEMPTS: usize = 16;

/// The versions that have run, by their keys.
#[derive(Default)]
pub(super) struct Versions(BTreeMap<String, Known>);

/// A version that can run.
struct Known {
    function: Arc<Function>,
    sink: Arc<Sink>,
    unpacked: Arc<Unpacked>,
    credentials: Credentials,
    /// When the session ends, by the clock of the program.
    ends_millis: i64,
    /// When all of it was found out.
    made_millis: i64,
    used_millis: i64,
}

/// What calls of other services gave.
struct Gathered {
    session: RoleSession,
    variables: Variables,
    /// None where the package is there already.
    archives: Option<Archives>,
}

impl Known {
    fn holds(&self, run: &Run, now: Timestamp) -> bool {
        let longest = i64::from(run.version.timeout) * 1000 + SPARE;
        let age = now.millis.saturating_sub(self.made_millis);
        (0..HOLDS).contains(&age) && now.millis.saturating_add(longest) < self.ends_millis
    }
}

impl Run {
    /// Tells versions apart by all that they run with.
    fn key(&self) -> String {
        format!("{}{}", self.prefix(), self.version.revision_id)
    }

    /// What all keys of the version begin with, as it changes.
    fn prefix(&self) -> String {
        let place = &self.place;
        format!(
            "{}/{}/{}/{}/",
            place.account, place.region, place.name, self.version.version
        )
    }

    /// Tells packages apart, with their layers.
    fn codes(&self) -> String {
        let layers = self.version.layers.iter().map(|layer| layer.code.as_str());
        let codes = std::iter::once(self.version.code.id.as_str()).chain(layers);
        codes.collect::<Vec<_>>().join("/")
    }
}

impl Runner {
    /// The version, ready to run, and credentials for a worker that has to be started.
    pub(super) async fn prepared(&self, run: &Run) -> Result<(Arc<Function>, Credentials)> {
        if let Some(known) = self.known(run).await? {
            return Ok(known);
        }
        // Of first calls at once one prepares, and the others find what it made.
        let _turn = self.packages.turn(&run.codes()).await;
        if let Some(known) = self.known(run).await? {
            return Ok(known);
        }
        match self.prepare(run).await {
            Ok(prepared) => Ok(prepared),
            Err(refused) => {
                self.forget(&run.key());
                Err(refused)
            }
        }
    }

    /// The version, if all that was found out about it holds.
    async fn known(&self, run: &Run) -> Result<Option<(Arc<Function>, Credentials)>> {
        let now = self.work.now();
        let (found, session) = match self.versions().0.get_mut(&run.key()) {
            Some(known) if known.holds(run, now) => {
                known.used_millis = now.millis;
                let found = (Arc::clone(&known.function), known.credentials.clone());
                (found, known.sink.session())
            }
            _ => return Ok(None),
        };
        let opens = self.still_opens(run, &session).await?;
        Ok(opens.then_some(found))
    }

    /// Whether the role may still decrypt the environment. The question is on no record: a version that
    /// runs on decrypts nothing.
    async fn still_opens(&self, run: &Run, session: &RoleSession) -> Result<bool> {
        let Some(sealed) = &run.version.environment else {
            return Ok(true);
        };
        let ctx = self.work.begin(PRINCIPAL, &run.place.region)?;
        let request = DecryptRequest {
            dry_run: true,
            ..environment::decrypt_request(&run.place, sealed)
        };
        match ctx
            .on_behalf_of_session(session)
            .call::<Decrypt>(request)
            .await
        {
            Ok(_) => Ok(true),
            Err(Error::Fault(fault)) => {
                Ok(fault.code(Protocol::Json11) == "DryRunOperationException")
            }
            Err(internal) => Err(internal),
        }
    }

    async fn prepare(&self, run: &Run) -> Result<(Arc<Function>, Credentials)> {
        let runtime = Runtime::parse(&run.version.runtime).ok_or_else(|| {
            let text = format!("The runtime {} is not supported.", run.version.runtime);
            InvalidRuntimeException::new(text)
        })?;
        let found = self.packages.find(&run.codes());
        let gathered = self.gather(run, found.is_none()).await?;
        let unpacked = match (found, gathered.archives) {
            (Some(found), _) => found,
            (None, Some(archives)) => self.unpack(run, archives).await?,
            (None, None) => return Err(Error::internal("a package was not read")),
        };
        let (credentials, ends_millis) = self.credentials(&gathered.session)?;
        let sink = Arc::new(Sink::new(&self.work, &self.machine, run, gathered.session));
        let known = Known {
            function: Arc::new(self.function(run, runtime, (&unpacked, &sink), gathered.variables)),
            sink,
            unpacked,
            credentials: credentials.clone(),
            ends_millis,
            made_millis: self.work.now().millis,
            used_millis: self.work.now().millis,
        };
        Ok((self.keep(run, known), credentials))
    }

    /// Remembers a version, and lets go of what it was before and of what nobody uses.
    fn keep(&self, run: &Run, mut known: Known) -> Arc<Function> {
        let (key, prefix, now) = (run.key(), run.prefix(), known.used_millis);
        let mut versions = self.versions();
        let is_over = |(other, version): (&String, &Known)| {
            let age = now.saturating_sub(version.used_millis);
            let is_replaced = other.starts_with(&prefix) && *other != key;
            (is_replaced || age > UNUSED).then(|| other.clone())
        };
        let over: Vec<_> = versions.0.iter().filter_map(is_over).collect();
        for other in over {
            versions.0.remove(&other);
            self.executor.retire(&other);
        }
        if let Some(before) = versions.0.remove(&key) {
            // Workers that run go on with the session they have, unless the clock was moved past it.
            if before.ends_millis <= now {
                self.executor.retire(&key);
            }
            before.sink.renew(&known.sink);
            known.sink = before.sink;
            known.unpacked = before.unpacked;
            known.function = before.function;
        }
        let function = Arc::clone(&known.function);
        versions.0.insert(key, known);
        function
    }

    fn forget(&self, key: &str) {
        if self.versions().0.remove(key).is_some() {
            self.executor.retire(key);
        }
    }

    /// Asks the other services, and puts on record what they were asked.
    async fn gather(&self, run: &Run, reads: bool) -> Result<Gathered> {
        for _ in 0..ATTEMPTS {
            let ctx = self.work.begin(PRINCIPAL, &run.place.region)?;
            let gathered = gather(&ctx, run, reads).await;
            if self.work.commit(ctx).await? {
                return gathered;
            }
        }
        Err(Error::internal("others always committed first"))
    }

    async fn unpack(&self, run: &Run, archives: Archives) -> Result<Arc<Unpacked>> {
        let mut name = [0; 16];
        self.machine.random(&mut name).map_err(Error::internal)?;
        let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let place = self.packages.place(&name);
        let work = move || Unpacked::make(place, &archives);
        let unpacked = self.work.upkeep().blocking(work).await?;
        let unpacked = Arc::new(unpacked.map_err(Error::internal)?);
        self.packages.keep(&run.codes(), &unpacked);
        Ok(unpacked)
    }

    /// The session's credentials, and when it ends by the clock of the program.
    fn credentials(&self, session: &RoleSession) -> Result<(Credentials, i64)> {
        let given = session.credentials();
        let missing = || Error::internal("a session has no credentials");
        let secret = given.secret_access_key.clone().ok_or_else(missing)?;
        let ends_millis = given.expiration.ok_or_else(missing)?.millis;
        let left = ends_millis.saturating_sub(self.work.now().millis);
        let credentials = Credentials {
            access_key_id: given.access_key_id.clone().ok_or_else(missing)?,
            secret_access_key: secret,
            session_token: Zeroizing::new(given.session_token.clone().ok_or_else(missing)?),
            expires_at_millis: self.machine.now_millis().saturating_add(left),
        };
        Ok((credentials, ends_millis))
    }

    fn function(
        &self,
        run: &Run,
        runtime: Runtime,
        (unpacked, sink): (&Arc<Unpacked>, &Arc<Sink>),
        variables: Variables,
    ) -> Function {
        let version = &run.version;
        let mut variables: Vec<_> = variables.into_iter().collect();
        let is_set = variables.iter().any(|(name, _)| name == "AWS_CA_BUNDLE");
        if let Some(file) = self.endpoint_ca.as_ref().filter(|_| !is_set) {
            let file = Zeroizing::new(file.display().to_string());
            variables.push(("AWS_CA_BUNDLE".to_owned(), file.clone()));
            variables.push(("NODE_EXTRA_CA_CERTS".to_owned(), file));
        }
        Function {
            key: run.key(),
            name: run.place.name.clone(),
            arn: run.place.arn(),
            version: version.version.clone(),
            runtime,
            handler: version.handler.clone(),
            package: unpacked.package(),
            layers: unpacked.layers(),
            memory_mb: version.memory,
            storage_mb: version.ephemeral_storage,
            timeout: Duration::from_secs(u64::from(version.timeout)),
            // Counted for all versions of a function together.
            concurrency: usize::MAX,
            region: run.place.region.clone(),
            log_group: version.logging.group_of(&run.place.name),
            logging: logging(&version.logging),
            endpoint_url: Some(self.endpoint_url.clone()),
            variables,
            logs: Some(Arc::clone(sink) as _),
            keeps: Some(Arc::clone(unpacked) as _),
        }
    }

    fn versions(&self) -> MutexGuard<'_, Versions> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a version logs.
fn logging(known: &Logging) -> functions::Logging {
    let level = |name: &Option<String>| {
        let level = name.as_deref().and_then(Level::parse);
        level.unwrap_or(Level::Info)
    };
    match known.format.as_str() {
        "JSON" => functions::Logging::Json {
            application: level(&known.application_level),
            system: level(&known.system_level),
        },
        _ => functions::Logging::Text,
    }
}

async fn gather(ctx: &Ctx, run: &Run, reads: bool) -> Result<Gathered> {
    let (place, version) = (&run.place, &run.version);
    let name = session_name(&place.name);
    let role = (version.role.as_str(), name.as_str());
    let session = ctx.as_role(PRINCIPAL, role, &place.arn()).await;
    let session = session.map_err(|error| match error {
        Error::Fault(_) => Error::Fault(Fault::common(
            Common::AccessDenied,
            "The role defined for the function cannot be assumed by Lambda.",
        )),
        internal @ Error::Internal(_) => internal,
    })?;
    let variables = variables(ctx, run, &session).await?;
    let archives = match reads {
        false => None,
        true => Some(Archives {
            package: code::read(ctx, place, &version.code).await?,
            layers: layers::read(ctx, &version.layers).await?,
        }),
    };
    Ok(Gathered {
        session,
        variables,
        archives,
    })
}

/// What the environment says, decrypted with the permissions of the role.
async fn variables(ctx: &Ctx, run: &Run, session: &RoleSession) -> Result<Variables> {
    let Some(sealed) = &run.version.environment else {
        return Ok(Variables::new());
    };
    let request = environment::decrypt_request(&run.place, sealed);
    let call = ctx.on_behalf_of_session(session);
    match call.call::<Decrypt>(request).await {
        Ok(opened) => environment::read(&opened.plaintext.unwrap_or_default()),
        Err(Error::Fault(fault)) => Err(not_decrypted(&fault)),
        Err(internal) => Err(internal),
    }
}

/// What Lambda says where KMS does not decrypt an environment (Invoke, "Errors").
fn not_decrypted(fault: &Fault) -> Error {
    let code = fault.code(Protocol::Json11);
    let message = fault.message().unwrap_or_default();
    let (made, because): (fn(String) -> Fault, &str) = match code {
        "DisabledException" => (KMSDisabledException::new, "the KMS key used is disabled"),
        "NotFoundException" => (KMSNotFoundException::new, "the KMS key was not found"),
        "KMSInvalidStateException" => (
            KMSInvalidStateException::new,
            "the state of the KMS key used is not valid for Decrypt",
        ),
        _ => (KMSAccessDeniedException::new, "KMS access was denied"),
    };
    let text = format!(
        "Lambda was unable to decrypt the environment variables because {because}. Please check the \
         function's KMS key settings. KMS Exception: {code} KMS Message: {message}"
    );
    made(text).into()
}
