//! Step 8: what goes back to the caller, and what it hears when a call cannot be served.

use wire::codec::{self, Reply};
use wire::shape::{OperationTable, ServiceTable};
use wire::{Common, Fault, Protocol, Value};

use crate::fault::Error;
use crate::pipeline::BodyError;
use crate::route::Route;

/// The largest body of most requests, in bytes.
pub const USUAL_BODY: usize = 1024 * 1024;

/// An answer, with what metrics want to know about it.
pub struct Served {
    /// What goes to the caller.
    pub reply: Reply,
    /// The service and operation, where the request got that far.
    pub operation: Option<(&'static str, &'static str)>,
    /// The error's code; none for success.
    pub code: Option<&'static str>,
}

/// What answers of one request need to know of it.
pub(crate) struct Context {
    table: &'static ServiceTable,
    protocol: Protocol,
    once_spoke_query: bool,
    /// The operation, where the request got that far.
    pub(crate) operation: Option<&'static OperationTable>,
    pub(crate) request_id: String,
}

impl Context {
    pub(crate) fn new(
        route: &Route<'_>,
        operation: Option<&'static OperationTable>,
        request_id: String,
    ) -> Self {
        Self {
            table: route.service.table,
            protocol: route.protocol,
            once_spoke_query: route.service.once_spoke_query,
            operation,
            request_id,
        }
    }

    /// The answer to a call that succeeded.
    pub(crate) fn success(&self, operation: &'static OperationTable, output: &Value) -> Served {
        let table = self.table;
        let reply = codec::encode(self.protocol, table, operation, output, &self.request_id);
        Served {
            reply,
            operation: Some((table.name, operation.name)),
            code: None,
        }
    }

    /// The answer to a call that failed, at whatever step.
    pub(crate) fn failure(&self, fault: &Fault) -> Served {
        let (table, protocol) = (self.table, self.protocol);
        let mut reply = codec::encode_fault(protocol, table.xml_namespace, fault, &self.request_id);
        if let Some(error) = self.query_error(fault) {
            reply.headers.push(("x-amzn-query-error".into(), error));
        }
        let name = self.operation.map_or("", |operation| operation.name);
        Served {
            reply,
            operation: Some((table.name, name)),
            code: Some(fault.code(protocol)),
        }
    }

    /// The code of a shared error in the query protocol, and whose fault it is, for callers that
    /// know it by that.
    fn query_error(&self, fault: &Fault) -> Option<String> {
        fault.as_common().filter(|_| self.once_spoke_query)?;
        let side = match fault.is_sender_fault() {
            true => "Sender",
            false => "Receiver",
        };
        Some(format!("{};{side}", fault.code(Protocol::Query)))
    }
}

impl Served {
    /// The answer to a request that is for no service.
    pub(crate) fn nowhere(protocol: Protocol, fault: &Fault, request_id: &str) -> Self {
        let reply = codec::encode_fault(protocol, None, fault, request_id);
        Self {
            reply,
            operation: None,
            code: Some(fault.code(protocol)),
        }
    }
}

/// What the caller hears of an error; what failed inside goes to the log alone.
pub(crate) fn fault(error: Error) -> Fault {
    match error {
        Error::Fault(fault) => fault,
        Error::Internal(source) => {
            tracing::error!(error = %source, "a call failed inside");
            internal()
        }
    }
}

/// The Region of the call is none of those that are answered for.
pub(crate) fn no_endpoint(service: &str, region: &str) -> Fault {
    Fault::common(
        Common::UnknownEndpoint,
        format!(
            "Inaccessible endpoint: `{service}` is not available in the `{region}` Region. This \
             server does not answer for it (option `--regions`)."
        ),
    )
}

/// Something failed inside.
pub(crate) fn internal() -> Fault {
    Fault::common(Common::InternalFailure, "An internal failure occurred.")
}

/// What goes on record of a call whose writes were dropped with those of the call that made it.
pub(crate) fn undone() -> Fault {
    let text = "The call was undone because the call that made it failed.";
    Fault::common(Common::InternalFailure, text)
}

/// A call that cannot be committed or recorded is refused.
pub(crate) fn unavailable(error: &(dyn std::error::Error + 'static), request_id: &str) -> Fault {
    tracing::error!(error = %error, request_id, "a call could not be recorded");
    Fault::common(
        Common::ServiceUnavailable,
        "The call could not be recorded and was refused.",
    )
}

/// The body could not be read.
pub(crate) fn unreadable(error: &BodyError, route: &Route<'_>) -> Fault {
    match error {
        BodyError::TooLarge => {
            let most = route.largest_body().unwrap_or(USUAL_BODY);
            let text = match route.operation_name() {
                Some(name) if route.protocol.is_rest() => {
                    format!("Request must be smaller than {most} bytes for the {name} operation")
                }
                _ => format!("The request body exceeds {most} bytes."),
            };
            Fault::common(Common::RequestTooLarge, text)
        }
        BodyError::Broken => {
            Fault::common(Common::Serialization, "The request body is incomplete.")
        }
    }
}
