//! Step 1: which service, operation and protocol a request is for.

use std::borrow::Cow;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use wire::shape::OperationTable;
use wire::{Common, Fault, Protocol};

use crate::service::Service;

const X_AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// Where a request goes.
pub(crate) struct Route<'a> {
    pub(crate) service: &'a Service,
    pub(crate) protocol: Protocol,
    operation: Named<'a>,
    /// The version that the query string names, for query services.
    version: Option<Cow<'a, str>>,
}

enum Named<'a> {
    /// The headers or the path name it.
    Here(Cow<'a, str>),
    /// A form in the body names it.
    InForm,
}

/// Why a request goes nowhere.
pub(crate) struct Nowhere {
    /// The protocol to answer in.
    pub(crate) protocol: Protocol,
    /// The status and error.
    pub(crate) fault: Fault,
}

/// Finds the route from the headers. `signed_for` is the service of the credential scope, which
/// tells apart the query services that share a path; without a signature `form`, where it is
/// given, does so by its version.
pub(crate) fn route<'a>(
    services: &'a [Service],
    parts: &'a Parts,
    signed_for: Option<&str>,
    form: Option<&[u8]>,
) -> Result<Route<'a>, Nowhere> {
    if let Some(target) = header(&parts.headers, &X_AMZ_TARGET) {
        return by_target(services, parts, target);
    }
    if let Some(rest) = parts.uri.path().strip_prefix("/service/") {
        return by_path(services, parts, rest);
    }
    if let Some(route) = by_method_and_path(services, parts, signed_for) {
        return route;
    }
    by_form(services, parts, signed_for, form)
}

/// Whether a request may be for an operation that carries no signature: such are forms, which only
/// their contents tell apart.
pub(crate) fn may_be_unsigned(parts: &Parts) -> bool {
    // What most requests have comes first.
    !parts.headers.contains_key(http::header::AUTHORIZATION)
        && parts.uri.path() == "/"
        && content_type(&parts.headers) == Some("application/x-www-form-urlencoded")
        && !parts.headers.contains_key(&X_AMZ_TARGET)
}

fn by_target<'a>(
    services: &'a [Service],
    parts: &'a Parts,
    target: &'a str,
) -> Result<Route<'a>, Nowhere> {
    let content_type = content_type(&parts.headers);
    let json = match content_type {
        Some("application/x-amz-json-1.0") => Protocol::Json10,
        _ => Protocol::Json11,
    };
    let unknown = || nowhere(json, Common::UnknownOperation, String::new());
    let dot = target.bytes().rposition(|byte| byte == b'.');
    let split = dot.and_then(|dot| Some((target.get(..dot)?, target.get(dot + 1..)?)));
    let (prefix, operation) = split.ok_or_else(unknown)?;
    let service = services
        .iter()
        .find(|service| is_called(service, prefix))
        .ok_or_else(unknown)?;
    let is_json = |protocol: &&Protocol| matches!(protocol, Protocol::Json10 | Protocol::Json11);
    let protocol = *service
        .table
        .protocols
        .iter()
        .find(is_json)
        .ok_or_else(unknown)?;
    if !matches!(
        content_type,
        Some("application/x-amz-json-1.1" | "application/x-amz-json-1.0" | "application/json")
    ) {
        return Err(nowhere(protocol, Common::UnknownOperation, String::new()));
    }
    Ok(Route {
        service,
        protocol,
        operation: Named::Here(Cow::Borrowed(operation)),
        version: None,
    })
}

/// Whether a request means `service` by `name`: the prefix of its targets or, as SDKs made from
/// Smithy models call it, the last part of that (`CloudTrail_20131101`).
fn is_called(service: &Service, name: &str) -> bool {
    let prefix = service.table.target_prefix;
    prefix.is_some_and(|prefix| {
        let rest = prefix.strip_suffix(name);
        rest.is_some_and(|rest| !name.is_empty() && (rest.is_empty() || rest.ends_with('.')))
    })
}

/// Smithy RPC v2 CBOR: `/service/<Name>/operation/<Operation>`.
fn by_path<'a>(
    services: &'a [Service],
    parts: &'a Parts,
    rest: &'a str,
) -> Result<Route<'a>, Nowhere> {
    let protocol = Protocol::RpcV2Cbor;
    let unknown = || nowhere(protocol, Common::UnknownOperation, String::new());
    let (name, operation) = rest.split_once("/operation/").ok_or_else(unknown)?;
    let speaks = header(&parts.headers, &SMITHY_PROTOCOL) == Some("rpc-v2-cbor");
    let is_cbor = matches!(
        content_type(&parts.headers),
        None | Some("application/cbor")
    );
    let service = services
        .iter()
        .find(|service| is_called(service, name) && service.table.protocols.contains(&protocol));
    match service {
        Some(service) if speaks && is_cbor && parts.method == http::Method::POST => Ok(Route {
            service,
            protocol,
            operation: Named::Here(Cow::Borrowed(operation)),
            version: None,
        }),
        _ => Err(unknown()),
    }
}

/// The REST protocols: `GET /2015-03-31/functions`. A signature tells whose path it is; without one,
/// the first service that has such a path is as good as any to refuse the request.
fn by_method_and_path<'a>(
    services: &'a [Service],
    parts: &'a Parts,
    signed_for: Option<&str>,
) -> Option<Result<Route<'a>, Nowhere>> {
    let query = parts.uri.query().unwrap_or_default();
    let asked = (parts.method.as_str(), parts.uri.path(), query);
    let mut unknown = None;
    for service in services {
        let table = service.table;
        let protocol = table.protocols.iter().find(|protocol| protocol.is_rest());
        let Some(&protocol) = protocol else { continue };
        if signed_for.is_some_and(|name| name != table.signing_name) {
            continue;
        }
        if let Some(operation) = wire::rest::operation(table.operations, asked) {
            return Some(Ok(Route {
                service,
                protocol,
                operation: Named::Here(Cow::Borrowed(operation.name)),
                version: None,
            }));
        }
        if signed_for.is_some() {
            let nowhere = nowhere(protocol, Common::UnknownOperation, String::new());
            unknown = Some(Err(nowhere));
        }
    }
    unknown
}

fn by_form<'a>(
    services: &'a [Service],
    parts: &'a Parts,
    signed_for: Option<&str>,
    form: Option<&[u8]>,
) -> Result<Route<'a>, Nowhere> {
    let protocol = Protocol::Query;
    let unknown = || nowhere(protocol, Common::UnknownOperation, String::new());
    if parts.uri.path() != "/" {
        return Err(unknown());
    }
    let query = parts.uri.query().unwrap_or_default();
    let version = wire::query::find(query.as_bytes(), "Version");
    let in_form = form.and_then(|form| wire::query::find(form, "Version"));
    let meant = version.as_deref().or(in_form.as_deref());
    if let Some(route) = by_link(services, parts, signed_for, meant) {
        return Ok(route);
    }
    let service = services
        .iter()
        .filter(|service| service.table.protocols.contains(&protocol))
        .find(|service| match signed_for {
            Some(name) => service.table.signing_name == name,
            None => meant == Some(service.table.api_version),
        })
        .ok_or_else(|| match signed_for {
            Some(_) => unknown(),
            // Only a signature tells which service a form is for.
            None => {
                let text = "Request is missing Authentication Token".to_owned();
                nowhere(protocol, Common::MissingAuthenticationToken, text)
            }
        })?;
    let operation = match wire::query::find(query.as_bytes(), "Action") {
        Some(action) => Named::Here(action),
        None => Named::InForm,
    };
    let is_form = content_type(&parts.headers) == Some("application/x-www-form-urlencoded");
    if matches!(operation, Named::InForm) && !is_form {
        return Err(nowhere(
            protocol,
            Common::MissingAction,
            "Missing Action".to_owned(),
        ));
    }
    Ok(Route {
        service,
        protocol,
        operation,
        version,
    })
}

/// A link in a message: an unsigned `GET` whose query names an operation, and no version.
fn by_link<'a>(
    services: &'a [Service],
    parts: &'a Parts,
    signed_for: Option<&str>,
    version: Option<&str>,
) -> Option<Route<'a>> {
    if signed_for.is_some() || version.is_some() || parts.method != http::Method::GET {
        return None;
    }
    let query = parts.uri.query().unwrap_or_default();
    let action = wire::query::find(query.as_bytes(), "Action")?;
    let service = services.iter().find(|service| service.is_linked(&action))?;
    Some(Route {
        service,
        protocol: Protocol::Query,
        operation: Named::Here(action),
        version: Some(Cow::Borrowed(service.table.api_version)),
    })
}

impl Route<'_> {
    /// The name of the operation, where it is not in the body.
    pub(crate) fn operation_name(&self) -> Option<&str> {
        match &self.operation {
            Named::Here(name) => Some(name),
            Named::InForm => None,
        }
    }

    /// The largest body that the operation may have, in bytes, where it is not the usual. Where a form
    /// names the operation, that of any operation of the service.
    pub(crate) fn largest_body(&self) -> Option<usize> {
        match &self.operation {
            Named::Here(name) => self.service.largest_body(name),
            Named::InForm => self.service.largest_of_bodies(),
        }
    }

    /// The operation, once the body is there.
    pub(crate) fn operation(&self, body: &[u8]) -> Result<&'static OperationTable, Fault> {
        let name = match &self.operation {
            Named::Here(name) => Cow::Borrowed(&**name),
            Named::InForm => match wire::query::find(body, "Action") {
                Some(name) => name,
                None => return Err(Fault::common(Common::MissingAction, "Missing Action")),
            },
        };
        if self.protocol.is_query() && matches!(self.operation, Named::Here(_)) && !body.is_empty()
        {
            // Parameters of the body would be passed over without a word.
            let text = "Parameters must be either in the URL or in the body.";
            return Err(Fault::common(Common::Serialization, text));
        }
        let version = self.version(body);
        let table = self.service.table;
        if version != table.api_version {
            return Err(no_such_version(&name, &version));
        }
        let found = self.service.operation(&name);
        found.ok_or_else(|| self.unknown(&name))
    }

    /// The version of the API that the request is for. Only forms say so.
    fn version<'v>(&'v self, body: &'v [u8]) -> Cow<'v, str> {
        if !self.protocol.is_query() {
            return Cow::Borrowed(self.service.table.api_version);
        }
        let named = match &self.operation {
            Named::Here(_) => self.version.as_deref().map(Cow::Borrowed),
            Named::InForm => wire::query::find(body, "Version"),
        };
        named.unwrap_or(Cow::Borrowed("NO_VERSION_SPECIFIED"))
    }

    /// The bytes that hold the parameters: the body, or the query string of a query service.
    pub(crate) fn parameters<'b>(&self, parts: &'b Parts, body: &'b [u8]) -> &'b [u8] {
        match &self.operation {
            Named::Here(_) if self.protocol == Protocol::Query => {
                parts.uri.query().unwrap_or_default().as_bytes()
            }
            _ => body,
        }
    }

    fn unknown(&self, name: &str) -> Fault {
        let table = self.service.table;
        let text = if table.has_operation(name) {
            format!(
                "The operation {name} of {} is not built in this version of Strongroom.",
                table.service_id
            )
        } else if self.protocol.is_query() {
            return no_such_version(name, table.api_version);
        } else {
            return Fault::common_bare(Common::UnknownOperation);
        };
        Fault::common(Common::UnknownOperation, text)
    }
}

fn no_such_version(name: &str, version: &str) -> Fault {
    let text = format!("Could not find operation {name} for version {version}");
    Fault::common(Common::UnknownOperation, text)
}

fn nowhere(protocol: Protocol, common: Common, text: String) -> Nowhere {
    let fault = match text.is_empty() {
        true => Fault::common_bare(common),
        false => Fault::common(common, text),
    };
    Nowhere { protocol, fault }
}

/// The media type, without parameters. (Comparison is exact: every client writes lower case.)
fn content_type(headers: &HeaderMap) -> Option<&str> {
    /// What most requests say.
    const USUAL: &str = "application/x-amz-json-1.1";
    let value = headers.get(&CONTENT_TYPE)?;
    if value == USUAL {
        return Some(USUAL);
    }
    let value = value.to_str().ok()?;
    let end = value.bytes().position(|byte| byte == b';');
    // It is ASCII, as a header's text is.
    Some(value.get(..end.unwrap_or(value.len()))?.trim_ascii())
}

/// The header `name`, if it is visible ASCII.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
