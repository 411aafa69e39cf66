//! `strongroom:ImportParameterCatalogue`: replaces the imported catalogue of public parameters. A
//! service of its own beside Parameter Store, so that the call is signed, authorized and on record.

use std::io::Read as _;

use flate2::read::GzDecoder;
use platform::{CallerKind, Ctx, Derived, Everything, Result, Service, access_denied};
use wire::shape::{Kind, Member, OperationTable, Range, ServiceTable, Shape, Structure};
use wire::{FromValue, IntoValue, Members, Operation, Protocol, Value};
use zeroize::Zeroizing;

use super::Catalogue;
use super::record::CatalogueRecord;
use crate::refusals::invalid;

/// The most bytes of a catalogue.
const MOST: u64 = 16 * 1024 * 1024;
const ACTION: &str = "strongroom:ImportParameterCatalogue";

/// The service with its operation.
pub(crate) fn service() -> Service {
    Service::new(&SERVICE)
        .global()
        .op::<ImportParameterCatalogue>(import)
}

/// All accounts read the public parameters: only the root user of the account that the first start
/// made may say what they are.
async fn import(ctx: &Ctx, request: ImportRequest) -> Result<ImportResponse> {
    let account = ctx.account().to_owned();
    let everything = Everything { account };
    ctx.authorize(ACTION, everything).decide().await?;
    let is_home = {
        let (directory, mut txn) = ctx.directory().await;
        directory.is_home(&mut txn, ctx.account()).await?
    };
    let is_root = ctx.caller.kind == CallerKind::Root && ctx.caller.session.is_none();
    if !is_home || !is_root {
        let because = "because only the root user of the home account may";
        return Err(access_denied(&ctx.caller.arn, ACTION, "*", because));
    }
    let mut text = String::new();
    let unpacked = GzDecoder::new(request.catalogue.as_slice()).take(MOST + 1);
    let mut unpacked = std::io::BufReader::new(unpacked);
    let size = unpacked
        .read_to_string(&mut text)
        .map_err(|error| invalid(format!("the catalogue is no gzip of a text: {error}")))?;
    if u64::try_from(size).is_ok_and(|size| size > MOST) {
        let said = format!("the catalogue has more than {MOST} bytes");
        return Err(invalid(said).into());
    }
    let read = Catalogue::parse(&text);
    let count = read.map_err(invalid)?.len();
    let record = CatalogueRecord {
        text,
        parsed: Derived::default(),
    };
    ctx.put(CatalogueRecord::key(), record).await;
    Ok(ImportResponse { count })
}

/// The service. Clients name its operation in `X-Amz-Target`, as those of JSON services of AWS.
static SERVICE: ServiceTable = ServiceTable {
    name: "strongroom-ssm",
    service_id: "Strongroom Parameter Store",
    signing_name: "strongroom",
    api_version: "2026-01-01",
    target_prefix: Some("StrongroomParameterStore"),
    xml_namespace: None,
    protocols: &[Protocol::Json11],
    operations: &[ImportParameterCatalogue::TABLE],
    unbuilt: &[],
    recording: wire::Recording::PLAIN,
};

static CATALOGUE: Shape = Shape {
    name: "Catalogue",
    kind: Kind::Blob(Range {
        min: Some(1),
        max: None,
    }),
    sensitive: true,
};

static COUNT: Shape = Shape {
    name: "Count",
    kind: Kind::Integer(Range::ANY),
    sensitive: false,
};

static REQUEST: Shape = Shape {
    name: "ImportParameterCatalogueRequest",
    kind: Kind::Structure(Structure {
        members: &[Member {
            required: true,
            ..Member::new("Catalogue", &CATALOGUE)
        }],
        union: false,
    }),
    sensitive: false,
};

static RESPONSE: Shape = Shape {
    name: "ImportParameterCatalogueResponse",
    kind: Kind::Structure(Structure {
        members: &[Member::new("Count", &COUNT)],
        union: false,
    }),
    sensitive: false,
};

/// Replaces the imported catalogue.
struct ImportParameterCatalogue;

impl Operation for ImportParameterCatalogue {
    type Input = ImportRequest;
    type Output = ImportResponse;
    const TABLE: &'static OperationTable = &OperationTable {
        name: "ImportParameterCatalogue",
        event_name: "ImportParameterCatalogue",
        http: None,
        input: &REQUEST,
        output: &RESPONSE,
        result_wrapper: None,
        errors: &[],
        read_only: false,
        unsigned: false,
        answer_on_record: true,
        lists_resources: true,
    };
}

/// A catalogue file, compressed.
struct ImportRequest {
    catalogue: Zeroizing<Vec<u8>>,
}

impl FromValue for ImportRequest {
    fn from_value(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            catalogue: members.required()?,
        })
    }
}

/// How many parameters there are in it.
struct ImportResponse {
    count: usize,
}

impl IntoValue for ImportResponse {
    fn into_value(self) -> Value {
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        Value::Structure(vec![Some(count.into_value())])
    }
}
