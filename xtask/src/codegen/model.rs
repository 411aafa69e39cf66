//! An API model as `extract.py` prints it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A service's model.
#[derive(Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) endpoint_prefix: String,
    pub(crate) signing_name: Option<String>,
    pub(crate) service_id: String,
    pub(crate) target_prefix: Option<String>,
    pub(crate) json_version: Option<String>,
    pub(crate) xml_namespace: Option<String>,
    pub(crate) protocols: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
    #[serde(default)]
    pub(crate) errors: Vec<Reference>,
    /// `none` for operations that carry no signature.
    pub(crate) authtype: Option<String>,
    pub(crate) http: Option<Http>,
}

/// How an operation is called; the protocols that are not REST say `POST /` of all of theirs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    pub(crate) response_code: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) result_wrapper: Option<String>,
    pub(crate) location_name: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) xml_attribute: bool,
    pub(crate) timestamp_format: Option<String>,
    /// Where the REST protocols put the member, if it is not in the document.
    pub(crate) location: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) pattern: Option<String>,
    #[serde(default, rename = "enum")]
    pub(crate) values: Vec<String>,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) document: bool,
    #[serde(default)]
    pub(crate) union: bool,
    #[serde(default)]
    pub(crate) fault: bool,
    pub(crate) error: Option<ErrorTrait>,
    pub(crate) member: Option<Reference>,
    pub(crate) key: Option<Reference>,
    pub(crate) value: Option<Reference>,
    #[serde(default)]
    pub(crate) members: Vec<Reference>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) timestamp_format: Option<String>,
    /// The member that is the body, in the REST protocols.
    pub(crate) payload: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorTrait {
    pub(crate) code: Option<String>,
    pub(crate) http_status_code: Option<u16>,
}

/// `crates/api/services.toml`.
#[derive(Deserialize)]
pub(crate) struct Services {
    pub(crate) models: Package,
    pub(crate) actions: Actions,
    pub(crate) service: Vec<Service>,
}

/// What the policy crate knows of actions, and where from.
#[derive(Deserialize)]
pub(crate) struct Actions {
    /// Prefixes of the services whose actions get a table.
    pub(crate) services: Vec<String>,
    /// What the service authorization reference says, less dependent actions.
    pub(crate) reference: Package,
    /// Dependent actions.
    pub(crate) dependents: Package,
    /// Actions that the reference does not have yet.
    pub(crate) added: Vec<AddedAction>,
}

/// An action that AWS documents elsewhere.
#[derive(Deserialize)]
pub(crate) struct AddedAction {
    /// The service's prefix.
    pub(crate) service: String,
    pub(crate) name: String,
    pub(crate) access_level: String,
    /// The type of the resource that it is about.
    pub(crate) resource: String,
    pub(crate) condition_keys: Vec<String>,
    #[serde(default)]
    pub(crate) dependents: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) package: String,
    pub(crate) version: String,
    pub sha256: String,
}

#[derive(Deserialize)]
pub(crate) struct Service {
    pub(crate) name: String,
    /// The models' name for it, where that is no name of a module.
    model: Option<String>,
    pub(crate) operations: Vec<String>,
    /// Those of the operations that other services call.
    #[serde(default)]
    pub(crate) calls: Vec<String>,
}

impl Service {
    /// The models' name for it.
    pub(crate) fn model(&self) -> &str {
        self.model.as_ref().unwrap_or(&self.name)
    }
}

/// `crates/api/overrides/<service>.toml`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Overrides {
    /// Operations that CloudTrail calls read-only beyond those named Get, List and Describe.
    pub(crate) read_only: Vec<String>,
    /// Operations so named that it does not call read-only.
    pub(crate) not_read_only: Vec<String>,
    /// Read-only operations whose answers go on record all the same.
    pub(crate) answer_on_record: Vec<String>,
    /// Operations that change something whose answers do not.
    pub(crate) answer_off_record: Vec<String>,
    /// Members that never go on record.
    pub(crate) hidden: Vec<String>,
    /// Mask -> members (`Member`, or `Structure.Member`) that go on record as this text, or as this
    /// JSON where it is a list or an object.
    pub(crate) masked: BTreeMap<String, Vec<String>>,
    /// `Structure.Member` -> what goes on record where it is not set.
    pub(crate) unset: BTreeMap<String, OnRecord>,
    /// Operation -> its name in CloudTrail, where that is another one.
    pub(crate) event_names: BTreeMap<String, String>,
    /// Operation -> the media type of an answer whose body is a blob or a text.
    pub(crate) media_types: BTreeMap<String, String>,
    /// `apiVersion` of the service's events.
    pub(crate) event_api_version: Option<String>,
    /// `awsRegion` of the service's events, if it is not that of the call.
    pub(crate) event_region: Option<String>,
    /// Whether its management events list no resources.
    pub(crate) resources_in_data_events_only: bool,
    /// Operations whose events list none.
    pub(crate) resources_unlisted: Vec<String>,
    /// Whether its events say which key exchange their connection began with.
    pub(crate) key_exchange: bool,
    /// Whether its events say, of calls that succeed, at which endpoint they were served.
    pub(crate) serving_details: bool,
    /// The member of `responseElements` that names what was changed, and a part of its ARN.
    pub(crate) changed: Option<(String, String)>,
    /// Operations whose events are data events.
    pub(crate) data: Vec<String>,
    /// Shape -> its values in the order in which AWS prints them.
    pub(crate) enum_order: BTreeMap<String, Vec<String>>,
    /// Shape -> the values that the service sends where its model names others.
    pub(crate) enum_values: BTreeMap<String, Vec<String>>,
    /// Pattern -> what the service says of a text that does not match, in words of its own.
    pub(crate) sentences: BTreeMap<String, String>,
    /// Operations that may come without a signature, where the model does not say it.
    pub(crate) unsigned: Vec<String>,
    /// Error -> its code, where the model does not say it.
    pub(crate) error_codes: BTreeMap<String, String>,
    /// Optional booleans (`Structure.Member`) whose absence differs from `false`.
    pub(crate) boxed: Vec<String>,
}

/// A value that goes on record.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum OnRecord {
    Boolean(bool),
    Text(String),
    /// A structure, written `{}`.
    Structure(BTreeMap<String, String>),
}

/// One service with everything needed to write its file.
pub(crate) struct Input<'a> {
    pub(crate) service: &'a Service,
    pub(crate) model: Model,
    pub(crate) overrides: Overrides,
}

impl Input<'_> {
    /// The shapes reachable from `roots`, themselves included.
    pub(crate) fn reachable<'s>(
        &'s self,
        roots: impl IntoIterator<Item = &'s str>,
    ) -> Vec<&'s str> {
        let mut found = std::collections::BTreeSet::new();
        let mut waiting: Vec<&str> = roots.into_iter().collect();
        while let Some(name) = waiting.pop() {
            if found.insert(name)
                && let Some(shape) = self.model.shapes.get(name)
            {
                let single = [&shape.member, &shape.key, &shape.value];
                let references = single.into_iter().flatten().chain(&shape.members);
                waiting.extend(references.map(|reference| reference.shape.as_str()));
            }
        }
        found.into_iter().collect()
    }

    /// The operations that get built, with their names, sorted.
    pub(crate) fn built(&self) -> impl Iterator<Item = (&str, &Operation)> {
        let built = |name: &str| {
            self.service
                .operations
                .iter()
                .any(|operation| operation == name)
        };
        let operations = self.model.operations.iter();
        operations
            .map(|(name, operation)| (name.as_str(), operation))
            .filter(move |(name, _)| built(name))
    }

    /// Whether methods and paths tell the operations apart.
    pub(crate) fn is_rest(&self) -> bool {
        let mut protocols = self.model.metadata.protocols.iter();
        protocols.any(|protocol| protocol == "rest-json")
    }

    /// Whether the REST protocols put members of this shape outside the body: it is that of a
    /// request, an answer or an error.
    pub(crate) fn is_bound(&self, shape: &str) -> bool {
        let bound = [self.inputs(), self.outputs(), self.errors()].concat();
        self.is_rest() && bound.contains(&shape)
    }

    /// The shapes that built operations take in.
    pub(crate) fn inputs(&self) -> Vec<&str> {
        self.built()
            .filter_map(|(_, operation)| Some(operation.input.as_ref()?.shape.as_str()))
            .collect()
    }

    /// The operations that other services call, with their names, sorted.
    pub(crate) fn called(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.built()
            .filter(|(name, _)| self.service.calls.iter().any(|called| called == name))
    }

    /// The shapes that built operations give out.
    pub(crate) fn outputs(&self) -> Vec<&str> {
        self.built()
            .filter_map(|(_, operation)| Some(operation.output.as_ref()?.shape.as_str()))
            .collect()
    }

    /// The errors of built operations.
    pub(crate) fn errors(&self) -> Vec<&str> {
        let errors = self.built().flat_map(|(_, operation)| &operation.errors);
        let names: std::collections::BTreeSet<_> =
            errors.map(|error| error.shape.as_str()).collect();
        names.into_iter().collect()
    }
}
