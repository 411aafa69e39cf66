//! Records as they were once written. They decode for ever: a sample is added with every format,
//! and none is ever changed.

use platform::Derived;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::code::PieceRecord;
use crate::function::{
    AliasRecord, CodeUse, EventInvokeRecord, FunctionRecord, LayerUse, Logging, PolicyRecord,
    VersionRecord,
};
use crate::layer::{LayerRecord, LayerVersionRecord};
use crate::layer_uses::LayerUseRecord;

const FUNCTION_1: &[u8] = b"\x01f\x01i\x02\x01\x01k\x01v\x01\x05\x01\x01s\x01\x01t";
const VERSION_1: &[u8] = b"\x012\x01r\x02\x01d\x01p\x01a\x01h\x03\x80\x01\x80\x04\x01x\
    \x01\x01l\x07\x08\x01c\x01\x01\x09\x01\x01k\x01\x01q\x01P\x01T\x01\x01A\x01\x01S\x01\x01g\x01N\x01U\
    \x01\x01v\x01c\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\
    \x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x0a\x0b";
const POLICY_1: &[u8] = b"\x01\x02{}\x01r";
const ALIAS_1: &[u8] = b"\x01n\x011\x01d\x01\x012\0\0\0\0\0\0\xe0\x3f\x01r";
const EVENT_INVOKE_1: &[u8] = b"\x01q\x01\x02\x01<\x01\x01s\x01\x01f\x02";
const LAYER_1: &[u8] = b"\x01l\x02";
const LAYER_VERSION_1: &[u8] = b"\x01l\x02\x02\x01d\x01\x01i\x01\x01r\x01\x01a\x01c\
    \x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\x06\
    \x06\x06\x06\x06\x06\x06\x06\x06\x06\x0a\x0b\x01\x01\x02{}\x01v";
const LAYER_USE_1: &[u8] = b"\x01f";
const PIECE_1: &[u8] = b"\x02PK";

fn text(text: &str) -> String {
    text.to_owned()
}

#[test]
fn records_of_functions_of_format_1_decode() {
    let function = FunctionRecord {
        name: text("f"),
        id: text("i"),
        published: 2,
        tags: vec![(text("k"), text("v"))],
        reserved_concurrency: Some(5),
        code_signing: Some(text("s")),
        recursive_loop: Some(text("t")),
    };
    check(&function, FUNCTION_1);
    let version = VersionRecord {
        version: text("2"),
        revision_id: text("r"),
        modified_millis: 1,
        description: text("d"),
        runtime: text("p"),
        role: text("a"),
        handler: text("h"),
        timeout: 3,
        memory: 128,
        ephemeral_storage: 512,
        architecture: text("x"),
        layers: vec![LayerUse {
            arn: text("l"),
            code_size: 7,
            unzipped_size: 8,
            code: text("c"),
        }],
        environment: Some(vec![9]),
        kms_key: Some(text("k")),
        dead_letters: Some(text("q")),
        tracing: text("P"),
        logging: Logging {
            format: text("T"),
            application_level: Some(text("A")),
            system_level: Some(text("S")),
            group: Some(text("g")),
        },
        snap_start: text("N"),
        update_runtime_on: text("U"),
        runtime_version: Some(text("v")),
        code: CodeUse {
            id: text("c"),
            sha256: [6; 32],
            size: 10,
            unzipped_size: 11,
        },
    };
    check(&version, VERSION_1);
}

#[test]
fn records_around_functions_of_format_1_decode() {
    let policy = PolicyRecord {
        statements: vec![text("{}")],
        revision_id: text("r"),
        parsed: Derived::default(),
    };
    check(&policy, POLICY_1);
    let alias = AliasRecord {
        name: text("n"),
        version: text("1"),
        description: text("d"),
        additional: Some((text("2"), 0.5)),
        revision_id: text("r"),
    };
    check(&alias, ALIAS_1);
    let event_invoke = EventInvokeRecord {
        qualifier: text("q"),
        retries: Some(2),
        age_seconds: Some(60),
        on_success: Some(text("s")),
        on_failure: Some(text("f")),
        modified_millis: 1,
    };
    check(&event_invoke, EVENT_INVOKE_1);
    check(
        &PieceRecord {
            bytes: b"PK".to_vec(),
        },
        PIECE_1,
    );
}

#[test]
fn records_of_layers_of_format_1_decode() {
    let layer = LayerRecord {
        name: text("l"),
        published: 2,
    };
    check(&layer, LAYER_1);
    let version = LayerVersionRecord {
        layer: text("l"),
        version: 2,
        created_millis: 1,
        description: text("d"),
        license: Some(text("i")),
        runtimes: vec![text("r")],
        architectures: vec![text("a")],
        code: CodeUse {
            id: text("c"),
            sha256: [6; 32],
            size: 10,
            unzipped_size: 11,
        },
        is_used: true,
        statements: vec![text("{}")],
        revision_id: text("v"),
        parsed: Derived::default(),
    };
    check(&version, LAYER_VERSION_1);
    let function = text("f");
    check(&LayerUseRecord { function }, LAYER_USE_1);
}

fn check<R: Serialize + DeserializeOwned>(record: &R, sample: &[u8]) {
    assert_eq!(postcard::to_stdvec(record).expect("bytes"), sample);
    let decoded: R = postcard::from_bytes(sample).expect("a sample");
    assert_eq!(postcard::to_stdvec(&decoded).expect("bytes"), sample);
}
