//! Public parameters about Regions and services ("Calling public parameters for AWS services,
//! Regions, endpoints, Availability Zones, local zones, and Wavelength Zones", Systems Manager user
//! guide), from what `cargo xtask codegen` takes from botocore's endpoints and models.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::file::Public;
use crate::parameter::Kind;

/// When these values were taken from botocore 1.44.5: 22 November 2026.
const TAKEN_MILLIS: i64 = 1_795_305_600_000;

#[derive(Deserialize)]
struct Infrastructure {
    regions: BTreeMap<String, Region>,
    services: BTreeMap<String, Service>,
}

#[derive(Deserialize)]
struct Region {
    name: String,
    partition: String,
    domain: String,
}

#[derive(Deserialize)]
struct Service {
    name: String,
    /// What its hosts begin with.
    prefix: String,
    /// Parted by blanks.
    #[serde(default)]
    regions: String,
    /// The hosts that have other names, by Region.
    #[serde(default)]
    hosts: BTreeMap<String, String>,
}

/// All parameters that follow from the file.
pub(super) fn read(text: &str) -> Result<Vec<(String, Public)>, String> {
    let known: Infrastructure = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    let mut add = |path: String, value: &str| {
        all.push((
            format!("/aws/service/global-infrastructure/{path}"),
            public(value),
        ));
    };
    for (id, region) in &known.regions {
        add(format!("regions/{id}"), id);
        add(format!("regions/{id}/longName"), &region.name);
        add(format!("regions/{id}/domain"), &region.domain);
        add(format!("regions/{id}/partition"), &region.partition);
    }
    for (id, service) in &known.services {
        add(format!("services/{id}"), id);
        add(format!("services/{id}/longName"), &service.name);
        for region in service.regions.split_whitespace() {
            add(format!("services/{id}/regions/{region}"), region);
            add(format!("regions/{region}/services/{id}"), id);
            let Some(about) = known.regions.get(region) else {
                return Err(format!("`{id}` is in `{region}`, which is no Region"));
            };
            let usual = || format!("{}.{region}.{}", service.prefix, about.domain);
            let host = service.hosts.get(region).cloned().unwrap_or_else(usual);
            add(format!("regions/{region}/services/{id}/endpoint"), &host);
        }
    }
    Ok(all)
}

fn public(value: &str) -> Public {
    Public {
        region: None,
        value: value.to_owned(),
        kind: Kind::String,
        data_type: "text".to_owned(),
        version: 1,
        modified_millis: TAKEN_MILLIS,
    }
}
