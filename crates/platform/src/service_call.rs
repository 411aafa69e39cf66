//! Calls between services: typed, in process, and inside the transaction of the call that makes
//! them.
//!
//! Such a call enters the pipeline at step 5: its request is validated, its handler asks the same
//! decisions, and it goes on record as an event of its own, in the same commit. What policies
//! learn of the services in between is set here and nowhere else: no header and no parameter
//! reaches it.

use std::sync::Arc;

use api::sts::{AssumeRole, AssumeRoleRequest, Credentials};
use wire::shape::{OperationTable, ServiceTable};
use wire::{Callable, FromValue as _, IntoValue as _, Value};

use crate::answer;
use crate::authorize::Authorized;
use crate::caller::Caller;
use crate::conditions::ConditionKeys;
use crate::ctx::{Call, Connection, Ctx, Traces};
use crate::fault::{Error, Result};
use crate::pipeline::tripwire;
use crate::record::{self, Draft, Ending, Payload};
use crate::resource::Resource;
use crate::service::Service;
use crate::upkeep::ServiceEvent;

/// How deep calls may lie in each other. AWS's services are at most four deep.
const MAX_DEPTH: usize = 8;

/// What is known of a call that a service makes, beside its caller.
#[derive(Clone, Default)]
pub(crate) struct Through {
    /// The service that calls, as a service principal: `secretsmanager.amazonaws.com`. None for a
    /// call from outside.
    pub(crate) service: Option<String>,
    /// The services through which the caller's request came, first to last, as service principals.
    /// Empty where the service acts for itself.
    pub(crate) called_via: Vec<String>,
    /// `kms:ViaService`: the endpoint of the service that calls on behalf of its caller.
    pub(crate) via_service: Option<String>,
    /// The resource for which a service acts for itself.
    pub(crate) source: Source,
    depth: usize,
}

/// The resource for which a service acts for itself.
#[derive(Clone, Default)]
pub(crate) struct Source {
    pub(crate) arn: Option<String>,
    pub(crate) account: Option<String>,
}

impl Through {
    /// What a service does of its own accord for a caller.
    pub(crate) fn by(principal: String) -> Self {
        Self {
            service: Some(principal),
            ..Self::default()
        }
    }
}

/// The event of a call that another call made, until it is known how the other one ends.
pub(crate) struct NestedEvent {
    payload: Payload,
    undone: Undone,
}

/// What goes on record where the writes that an event tells of are dropped.
enum Undone {
    /// The same: nothing was written.
    Same,
    /// That the call failed.
    Failed(Payload),
    /// Nothing: it did not happen.
    Nothing,
}

impl NestedEvent {
    /// The events of something that was done, each with what goes on record if it is undone.
    pub(crate) fn all(done: Vec<Payload>, undone: Vec<Payload>) -> impl Iterator<Item = Self> {
        let pairs = done.into_iter().zip(undone);
        pairs.map(|(payload, undone)| Self {
            payload,
            undone: Undone::Failed(undone),
        })
    }

    /// The events of something that wrote nothing.
    fn same(events: Vec<Payload>) -> impl Iterator<Item = Self> {
        events.into_iter().map(|payload| Self {
            payload,
            undone: Undone::Same,
        })
    }

    /// The event of a call whose writes hold.
    pub(crate) fn kept(self) -> Payload {
        self.payload
    }

    /// The event of a call whose writes are dropped.
    pub(crate) fn dropped(self) -> Option<Payload> {
        match self.undone {
            Undone::Same => Some(self.payload),
            Undone::Failed(instead) => Some(instead),
            Undone::Nothing => None,
        }
    }
}

impl Traces {
    /// What these calls wrote is dropped.
    fn drop_nested(&mut self) {
        let nested = std::mem::take(&mut self.nested).into_iter();
        let dropped = nested.filter_map(NestedEvent::dropped);
        self.nested = dropped
            .map(|payload| NestedEvent {
                payload,
                undone: Undone::Same,
            })
            .collect();
    }
}

/// A session of a role that a service assumed.
pub struct RoleSession {
    caller: Arc<Caller>,
    /// Who assumed it, as a service principal.
    service: String,
    credentials: Credentials,
}

impl RoleSession {
    /// What somebody needs to call in the session from outside: a function of that role.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

/// A call to another service in the making.
pub struct ServiceCall<'a> {
    ctx: &'a Ctx,
    caller: Arc<Caller>,
    region: String,
    through: Through,
    /// One that the caller knows, or else one that is drawn.
    request_id: Option<String>,
}

impl Ctx {
    /// Calls another service with the caller's own identity and permissions, as AWS's services do
    /// (IAM user guide, "Forward access sessions"). `service` is what the calling service's
    /// endpoints begin with: `secretsmanager`; for volumes it is `ec2`.
    pub fn on_behalf_of_caller(&self, service: &str) -> ServiceCall<'_> {
        // In all partitions alike, though endpoints in China end otherwise ("kms:ViaService").
        let principal = [service, ".amazonaws.com"].concat();
        let mut called_via = self.through.called_via.clone();
        called_via.push(principal.clone());
        let through = Through {
            service: Some(principal),
            called_via,
            via_service: Some([service, ".", &self.region, ".amazonaws.com"].concat()),
            source: self.through.source.clone(),
            depth: self.through.depth + 1,
        };
        ServiceCall {
            ctx: self,
            region: self.region.clone(),
            caller: Arc::clone(&self.caller),
            through,
            request_id: None,
        }
    }

    /// Calls another service as the service principal `principal`, `logs.amazonaws.com`: with the
    /// permissions that resource-based policies and grants give it, and without those of the caller.
    pub fn as_service(&self, principal: &str) -> ServiceCall<'_> {
        let through = Through {
            service: Some(principal.to_owned()),
            depth: self.through.depth + 1,
            ..Through::default()
        };
        ServiceCall {
            ctx: self,
            region: self.region.clone(),
            caller: Arc::new(Caller::service(principal)),
            through,
            request_id: None,
        }
    }

    /// Begins a session of the role of this ARN for the service principal `service`,
    /// `events.amazonaws.com`, which acts for the resource `source`. The role's trust policy decides,
    /// and STS puts it on record.
    pub async fn as_role(
        &self,
        service: &str,
        (role_arn, session_name): (&str, &str),
        source: &str,
    ) -> Result<RoleSession> {
        let request = AssumeRoleRequest {
            role_arn: role_arn.to_owned(),
            role_session_name: session_name.to_owned(),
            ..AssumeRoleRequest::default()
        };
        let call = self.as_service(service).source(source);
        let begun = call.call::<AssumeRole>(request).await?;
        let credentials = begun.credentials.unwrap_or_default();
        let opened = {
            let id = credentials.access_key_id.as_deref().unwrap_or_default();
            let token = credentials.session_token.as_deref();
            self.house
                .sessions
                .open(id, token.map_or("", |token| token))
        };
        let opened = opened.ok_or_else(|| Error::internal("a session cannot be opened"))?;
        Ok(RoleSession {
            caller: Arc::clone(&opened.caller),
            service: service.to_owned(),
            credentials,
        })
    }

    /// Calls another service in a session of a role: with the permissions of the role.
    pub fn in_session(&self, session: &RoleSession) -> ServiceCall<'_> {
        let through = Through {
            service: Some(session.service.clone()),
            depth: self.through.depth + 1,
            ..Through::default()
        };
        ServiceCall {
            ctx: self,
            region: self.region.clone(),
            caller: Arc::clone(&session.caller),
            through,
            request_id: None,
        }
    }

    /// Calls another service in a session of a role through the service that began it, as a call on
    /// behalf of a caller: keys that may be used through that service alone can be used.
    pub fn on_behalf_of_session(&self, session: &RoleSession) -> ServiceCall<'_> {
        let mut call = self.in_session(session);
        let service = session.service.split('.').next().unwrap_or_default();
        call.through.called_via = vec![session.service.clone()];
        call.through.via_service = Some(format!("{service}.{}.amazonaws.com", self.region));
        call
    }

    /// Puts what the service does by itself within this call on record, if the call succeeds.
    pub fn note_service_event(&self, event: &ServiceEvent<'_>) -> Result<()> {
        let payload = event.payload(&self.new_uuid()?, self.now);
        let undone = Undone::Nothing;
        self.note_nested([NestedEvent { payload, undone }]);
        Ok(())
    }

    /// The endpoint of the service that makes this call on behalf of the caller, as
    /// `kms:ViaService` gives it: `secretsmanager.eu-west-2.amazonaws.com`.
    pub fn via_service(&self) -> Option<&str> {
        self.through.via_service.as_deref()
    }

    /// The service that makes this call, for itself, for its caller or in a session of a role, as a
    /// service principal: `events.amazonaws.com`. None for a call from outside.
    pub fn calling_service(&self) -> Option<&str> {
        self.through.service.as_deref()
    }

    /// The resource for which a service principal makes this call.
    pub fn source_arn(&self) -> Option<&str> {
        let source = self.through.source.arn.as_deref();
        source.filter(|_| self.caller.service_name().is_some())
    }
}

impl ServiceCall<'_> {
    /// Says that the call comes through the endpoint of `service`, `secretsmanager`, where that acts
    /// in a session of a role (`kms:ViaService`).
    #[must_use]
    pub fn via(mut self, service: &str) -> Self {
        self.through.via_service = Some(format!("{service}.{}.amazonaws.com", self.region));
        self
    }

    /// Makes the call in another Region than that of the calling one, where it goes on record: to
    /// the service of that Region, through the calling service's endpoint there.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        if region == self.region {
            return self;
        }
        if let Some(via) = &mut self.through.via_service {
            let service = via.split('.').next().unwrap_or_default();
            *via = format!("{service}.{region}.amazonaws.com");
        }
        region.clone_into(&mut self.region);
        self
    }

    /// Names the resource for which a service principal acts, for `aws:SourceArn` and, where the
    /// ARN names an account, `aws:SourceAccount`.
    #[must_use]
    pub fn source(mut self, arn: &str) -> Self {
        let account = arn.split(':').nth(4).unwrap_or_default();
        if !account.is_empty() {
            self.through.source.account = Some(account.to_owned());
        }
        self.through.source.arn = Some(arn.to_owned());
        self
    }

    /// Names the account of the resource, where its ARN does not: for a bucket.
    #[must_use]
    pub fn source_account(mut self, account: &str) -> Self {
        self.through.source.account = Some(account.to_owned());
        self
    }

    /// Sets the id that the call has on record, for a service that repeats it in its own answer.
    #[must_use]
    pub fn request_id(mut self, request_id: &str) -> Self {
        self.request_id = Some(request_id.to_owned());
        self
    }

    /// Makes the call. Its writes take effect with those of the call that makes it, or not at all;
    /// if it fails, they are dropped, and the calling handler may go on.
    pub async fn call<O: Callable>(self, request: O::Input) -> Result<O::Output> {
        let output = Box::pin(self.run(O::SERVICE, O::TABLE, request.into_value())).await?;
        O::Output::from_value(output)
            .ok_or_else(|| Error::internal("an answer does not fit its struct"))
    }

    /// Decides about a resource of the calling service itself, for whoever would make the call.
    pub async fn permits<R: Resource>(
        self,
        action: &'static str,
        resource: R,
        keys: &dyn ConditionKeys,
    ) -> Result<Authorized<R>> {
        let request_id = self.ctx.new_uuid()?;
        let mut lent = self.ctx.txn().await;
        let house = Arc::clone(&self.ctx.house);
        let nested = Ctx::new(self.as_call(&request_id), house, lent.lend());
        let decided = nested.authorize(action, resource).keys(keys).decide().await;
        let (txn, ..) = nested.finish();
        *lent = txn;
        decided
    }

    async fn run(
        self,
        table: &'static ServiceTable,
        operation: &'static OperationTable,
        value: Value,
    ) -> Result<Value> {
        if self.through.depth > MAX_DEPTH {
            return Err(Error::internal("services call each other without end"));
        }
        let event_id = self.ctx.new_uuid()?;
        let request_id = match &self.request_id {
            Some(known) => known.clone(),
            None => self.ctx.new_uuid()?,
        };
        let parameters = record::parameters(operation.input, &value);
        let draft = Draft {
            service: table,
            operation,
            caller: &self.caller,
            region: &self.region,
            connection: &Connection::default(),
            now: self.ctx.now,
            request_id: &request_id,
            event_id: &event_id,
            parameters: &parameters,
            through: &self.through,
        };
        let (outcome, mut traces, has_written) =
            self.handle((table, operation), &request_id, value).await?;
        let mut nested = std::mem::take(&mut traces.nested);
        self.ctx
            .note_deliveries(std::mem::take(&mut traces.deliveries));
        let outcome = match outcome {
            Ok(output) => {
                let done = draft.events(&Ending::Succeeded(&output), &traces);
                if has_written {
                    let undone = draft.events(&Ending::Failed(&answer::undone()), &traces);
                    nested.extend(NestedEvent::all(done, undone));
                } else {
                    nested.extend(NestedEvent::same(done));
                }
                Ok(output)
            }
            Err(error) => {
                let fault = answer::fault(error);
                let events = draft.events(&Ending::Failed(&fault), &traces);
                nested.extend(NestedEvent::same(events));
                Err(Error::Fault(fault))
            }
        };
        self.ctx.note_nested(nested);
        outcome
    }

    /// Validates the request and runs its handler in the transaction of the calling one, which is
    /// lent meanwhile: whoever else works for the calling handler waits. Also says whether the call
    /// staged anything.
    async fn handle(
        &self,
        (table, operation): (&'static ServiceTable, &'static OperationTable),
        request_id: &str,
        value: Value,
    ) -> Result<(Result<Value>, Traces, bool)> {
        let ctx = self.ctx;
        let mut services = ctx.house.services.iter();
        let service = services.find(|service| std::ptr::eq(service.table, table));
        let service =
            service.ok_or_else(|| Error::internal(format!("`{}` is not served", table.name)))?;
        if let Err(refused) = self.admit(service, operation, &value) {
            return Ok((Err(refused), Traces::default(), false));
        }

        let who = (&*self.caller.account, &*self.region, ctx.now);
        if let Err(exceeded) = ctx.house.take(service, (operation, &value), who).await {
            return Ok((Err(exceeded), Traces::default(), false));
        }

        let mut lent = ctx.txn().await;
        let savepoint = lent.savepoint();
        let nested = Ctx::new(
            self.as_call(request_id),
            Arc::clone(&ctx.house),
            lent.lend(),
        );
        let outcome = service.run(operation, &nested, value).await;
        let (mut txn, decisions, mut traces) = nested.finish();
        let outcome = tripwire(outcome, decisions, operation.name);
        let has_written = txn.has_staged_since(&savepoint);
        if outcome.is_err() {
            txn.roll_back(savepoint);
            traces.drop_nested();
            traces.deliveries.clear();
        }
        *lent = txn;
        Ok((outcome, traces, has_written))
    }

    /// Step 5, and what the caller's credentials cannot be used for at all.
    fn admit(&self, service: &Service, operation: &OperationTable, value: &Value) -> Result<()> {
        service.validate(operation, value)?;
        if self.ctx.enforce {
            let signing_name = service.table.signing_name;
            crate::restrictions::check(&self.caller, signing_name, operation.name)?;
        }
        Ok(())
    }

    /// The call as its handler sees it. What the first connection was like says nothing about this
    /// one, which never leaves the process: it has no address, and nobody can listen.
    fn as_call(&self, request_id: &str) -> Call {
        let connection = Arc::new(Connection {
            secure: true,
            user_agent: self.through.service.clone(),
            ..Connection::default()
        });
        Call {
            now: self.ctx.now,
            caller: Arc::clone(&self.caller),
            region: self.region.clone(),
            request_id: request_id.to_owned(),
            connection,
            enforce: self.ctx.enforce,
            through: self.through.clone(),
            standing: self.ctx.standing.clone(),
        }
    }
}
