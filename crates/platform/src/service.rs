//! A service: its table, and the handler of each operation.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use foldhash::fast::FixedState;
use wire::validate::{Elements, Wording, validate_as};
use wire::{
    Common, Fault, FromValue as _, IntoValue as _, Operation, OperationTable, ServiceTable, Value,
};

use crate::ctx::Ctx;
use crate::deliveries::Deliverer;
use crate::fault::{Error, Result};
use crate::quotas::{Draws, QuotaTable};
use crate::regions::is_region;
use crate::resource::Resource;

/// A boxed future of a handler.
pub(crate) type Handled<'a> = Pin<Box<dyn Future<Output = Result<Value>> + Send + 'a>>;

/// A handler from value to value.
type Handler = Box<dyn for<'a> Fn(&'a Ctx, Value) -> Handled<'a> + Send + Sync>;

/// What is looked up with every call: by the name of its operation.
pub(crate) type ByOperation<T> = HashMap<&'static str, T, FixedState>;

/// One AWS service: the generated table and a handler per built operation.
pub struct Service {
    /// The generated table.
    pub table: &'static ServiceTable,
    operations: ByOperation<&'static OperationTable>,
    handlers: ByOperation<Handler>,
    pub(crate) finder: Option<Finder>,
    uses: &'static [&'static str],
    on_record: ByOperation<fn(&mut Value)>,
    pub(crate) draws: Option<Draws>,
    pub(crate) throttled: Option<fn() -> Fault>,
    is_global: bool,
    invalid: Option<fn(String) -> Fault>,
    bodies: BTreeMap<&'static str, usize>,
    pub(crate) once_spoke_query: bool,
    links: &'static [&'static str],
    pub(crate) deliverer: Option<Arc<dyn Deliverer>>,
}

/// What explains decisions about a resource: the service's own resource behind an ARN.
pub(crate) type Finder = Box<dyn for<'a> Fn(&'a Ctx, &'a str) -> FoundResource<'a> + Send + Sync>;

/// The resource behind an ARN; none if the service has no such resource.
pub type FoundResource<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Box<dyn Resource>>>> + Send + 'a>>;

impl Service {
    /// A service without handlers yet.
    pub fn new(table: &'static ServiceTable) -> Self {
        Self {
            table,
            operations: table.operations.iter().map(|it| (it.name, *it)).collect(),
            handlers: ByOperation::default(),
            finder: None,
            uses: &[],
            on_record: ByOperation::default(),
            draws: None,
            throttled: None,
            is_global: false,
            invalid: None,
            bodies: BTreeMap::new(),
            once_spoke_query: false,
            links: &[],
            deliverer: None,
        }
    }

    /// Registers the function that handles the operation `O`.
    #[must_use]
    pub fn op<O: Operation + 'static>(
        mut self,
        handler: impl for<'a> Handle<'a, O::Input, O::Output> + Clone + 'static,
    ) -> Self
    where
        O::Input: 'static,
        O::Output: 'static,
    {
        let erased: Handler = Box::new(move |ctx, value| {
            let handler = handler.clone();
            // Into its place at once: what a handler's future has room for is not worth moving.
            let future = Box::write(Box::new_uninit(), async move {
                let input = O::Input::from_value(value)
                    .ok_or_else(|| Error::internal("a validated value does not fit its struct"))?;
                Ok(handler.handle(ctx, input).await?.into_value())
            });
            Box::into_pin(future)
        });
        self.handlers.insert(O::TABLE.name, erased);
        self
    }

    /// Registers what changes the parameters of `O` before they go on record, where that is more
    /// than the table says: takes secrets out, or puts in what follows from other parameters.
    #[must_use]
    pub fn on_record<O: Operation>(mut self, change: fn(&mut Value)) -> Self {
        self.on_record.insert(O::TABLE.name, change);
        self
    }

    /// The parameters that go on record.
    pub(crate) fn recorded<'v>(
        &self,
        operation: &OperationTable,
        value: &'v Value,
    ) -> Cow<'v, Value> {
        match self.on_record.get(operation.name) {
            None => Cow::Borrowed(value),
            Some(change) => {
                let mut value = value.clone();
                change(&mut value);
                Cow::Owned(value)
            }
        }
    }

    /// Registers what finds the service's resources by ARN, for explanations of decisions. It
    /// checks no permission: whoever asks has done so.
    #[must_use]
    pub fn resources(
        mut self,
        find: impl for<'a> Fn(&'a Ctx, &'a str) -> FoundResource<'a> + Send + Sync + 'static,
    ) -> Self {
        self.finder = Some(Box::new(find));
        self
    }

    /// Names the operations that use a resource, of which the last one is remembered by the
    /// resource's ARN ([`Activity::last_use`](crate::Activity::last_use)).
    #[must_use]
    pub fn remembers_uses(mut self, operations: &'static [&'static str]) -> Self {
        self.uses = operations;
        self
    }

    /// Declares the service's quotas. Its request rates are taken from in the pipeline, before any
    /// work is done.
    #[must_use]
    pub fn quotas(mut self, table: &'static QuotaTable) -> Self {
        self.draws = Some(Draws::new(table, self.table));
        self
    }

    /// Names the error of this service for calls over a request rate, where it is not the
    /// `ThrottlingException` that most services have.
    #[must_use]
    pub fn throttled(mut self, fault: fn() -> Fault) -> Self {
        self.throttled = Some(fault);
        self
    }

    /// Registers what makes the service's deliveries.
    #[must_use]
    pub fn delivers(mut self, deliverer: impl Deliverer + 'static) -> Self {
        self.deliverer = Some(Arc::new(deliverer));
        self
    }

    /// Says that what the service keeps is in no Region: it answers, whatever Regions are served.
    #[must_use]
    pub fn global(mut self) -> Self {
        self.is_global = true;
        self
    }

    /// Names the error of this service for input that does not meet a constraint, where it is not
    /// the `ValidationException` that most services have.
    #[must_use]
    pub fn invalid_input(mut self, fault: fn(String) -> Fault) -> Self {
        self.invalid = Some(fault);
        self
    }

    /// Says that the service once spoke the query protocol: callers know all of its errors by the
    /// codes that they had there (Smithy, "AWS query compatible").
    #[must_use]
    pub fn once_spoke_query(mut self) -> Self {
        self.once_spoke_query = true;
        self
    }

    /// Says that links in messages of the service lead to its operations without signature. They
    /// name no version of the API, and the Region only in an ARN: the parameter of one of these
    /// names.
    #[must_use]
    pub fn links(mut self, arns: &'static [&'static str]) -> Self {
        self.links = arns;
        self
    }

    /// Whether a link leads to the operation of this name.
    pub(crate) fn is_linked(&self, operation: &str) -> bool {
        let named = self.table.operation(operation);
        !self.links.is_empty() && named.is_some_and(|named| named.unsigned)
    }

    /// The Region that an unsigned call with these parameters, a form, is for.
    pub(crate) fn linked_region(&self, form: &[u8]) -> Option<String> {
        let mut arns = self.links.iter();
        let arn = arns.find_map(|name| wire::query::find(form, name))?;
        let region = arn.split(':').nth(3)?;
        is_region(region).then(|| region.to_owned())
    }

    /// Step 5: the input against the constraints of the operation.
    pub(crate) fn validate(&self, operation: &OperationTable, value: &Value) -> Result<(), Fault> {
        let refused = match validate_as(self.wording(), operation.input, value) {
            Ok(()) => return Ok(()),
            Err(refused) => refused,
        };
        match (self.invalid, refused.as_common()) {
            (Some(invalid), Some(Common::Validation)) => {
                let message = refused.message().unwrap_or_default().to_owned();
                Err(invalid(message).recorded_as(refused.into_recorded()))
            }
            _ => Err(refused),
        }
    }

    /// How texts of the service differ from those of the others, as recordings of AWS show.
    fn wording(&self) -> Wording {
        match self.table.signing_name {
            "iam" => Wording {
                elements: Elements::PresentOf("tagKeyType"),
                hides_values: true,
                hashed: true,
                ..Wording::default()
            },
            "lambda" => Wording {
                elements: Elements::Present,
                ..Wording::default()
            },
            "sts" => Wording {
                pattern_first: "arnType",
                shows_structures: true,
                ..Wording::default()
            },
            _ => Wording::default(),
        }
    }

    /// Lets requests of `O` have bodies of up to `bytes`, where the largest that AWS documents does
    /// not fit into what others may send.
    #[must_use]
    pub fn bodies_of<O: Operation>(mut self, bytes: usize) -> Self {
        self.bodies.insert(O::TABLE.name, bytes);
        self
    }

    /// The largest body of the operation of this name, in bytes, where it is not the usual.
    pub(crate) fn largest_body(&self, operation: &str) -> Option<usize> {
        self.bodies.get(operation).copied()
    }

    /// The largest body of any of its operations, in bytes, where one may be larger than usual.
    pub(crate) fn largest_of_bodies(&self) -> Option<usize> {
        self.bodies.values().copied().max()
    }

    pub(crate) fn is_global(&self) -> bool {
        self.is_global
    }

    /// The operations that use a resource, each with the source of its events.
    pub(crate) fn uses(&self) -> impl Iterator<Item = (String, &'static str)> {
        let source = self.table.event_source();
        self.uses.iter().map(move |name| (source.clone(), *name))
    }

    /// The table of the operation called `name`, if it is built.
    pub(crate) fn operation(&self, name: &str) -> Option<&'static OperationTable> {
        self.operations.get(name).copied()
    }

    /// Runs the operation.
    pub(crate) fn run<'a>(
        &self,
        operation: &OperationTable,
        ctx: &'a Ctx,
        value: Value,
    ) -> Handled<'a> {
        match self.handlers.get(operation.name) {
            Some(handler) => handler(ctx, value),
            None => {
                let missing = format!("no handler for `{}`", operation.name);
                Box::pin(std::future::ready(Err(Error::internal(missing))))
            }
        }
    }

    /// The operations that the table calls built and that have no handler: a mistake, which the
    /// server's start and a test refuse.
    pub fn missing(&self) -> Vec<&'static str> {
        let names = self.table.operations.iter().map(|operation| operation.name);
        names
            .filter(|name| !self.handlers.contains_key(name))
            .collect()
    }
}

/// An `async fn(&Ctx, Input) -> Result<Output>`.
pub trait Handle<'a, Input, Output>: Send + Sync {
    /// The future it returns.
    type Future: Future<Output = Result<Output>> + Send + 'a;

    /// Calls it.
    fn handle(&self, ctx: &'a Ctx, input: Input) -> Self::Future;
}

impl<'a, Input, Output, Function, Returned> Handle<'a, Input, Output> for Function
where
    Function: Fn(&'a Ctx, Input) -> Returned + Send + Sync,
    Returned: Future<Output = Result<Output>> + Send + 'a,
{
    type Future = Returned;

    fn handle(&self, ctx: &'a Ctx, input: Input) -> Returned {
        self(ctx, input)
    }
}
