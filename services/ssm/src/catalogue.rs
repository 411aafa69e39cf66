//! AWS's own parameters below /aws/service, which nobody can change through the API: those that this
//! program knows, each with its source, and over them those of a catalogue that the operator imports.

mod file;
mod import;
mod infrastructure;
mod record;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::LazyLock;

use platform::{Ctx, Derived, Error, Result};

use self::file::Public;
pub(crate) use self::import::service;
use self::record::CatalogueRecord;
use crate::names::PUBLIC;
use crate::parameter::ParameterRecord;

/// What the program knows; the error of a test build that a test shows.
static SHIPPED: LazyLock<std::result::Result<Catalogue, String>> =
    LazyLock::new(Catalogue::shipped);

/// Parameters by name, of one name by Region.
#[derive(Clone, Default)]
pub struct Catalogue {
    by_name: BTreeMap<String, Vec<Public>>,
}

impl Catalogue {
    /// The catalogue that a file holds. The error is for people.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let mut catalogue = Self::default();
        for (name, public) in file::read(text)? {
            catalogue.add(&name, public)?;
        }
        Ok(catalogue)
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.by_name.values().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    fn shipped() -> std::result::Result<Self, String> {
        let mut catalogue = Self::parse(include_str!("../catalogue/shipped.json"))?;
        let known = include_str!("../catalogue/global-infrastructure.json");
        for (name, public) in infrastructure::read(known)? {
            catalogue.add(&name, public)?;
        }
        Ok(catalogue)
    }

    fn add(&mut self, name: &str, public: Public) -> std::result::Result<(), String> {
        let known = self.by_name.entry(name.to_owned()).or_default();
        if known.iter().any(|known| known.region == public.region) {
            let place = public.region.as_deref().unwrap_or("every Region");
            return Err(format!("`{name}` is there twice for {place}"));
        }
        known.push(public);
        Ok(())
    }

    /// This catalogue over another one, whose parameters it replaces name by name.
    fn over(&self, other: &Self) -> Self {
        let mut both = other.clone();
        let own = self.by_name.iter();
        both.by_name
            .extend(own.map(|(name, known)| (name.clone(), known.clone())));
        both
    }

    /// The parameter of this name in a Region.
    fn find(&self, region: &str, name: &str) -> Option<&Public> {
        let known = self.by_name.get(name)?;
        known.iter().find(|public| public.is_in(region))
    }

    /// The first parameter below a path that comes behind a name.
    fn next(
        &self,
        region: &str,
        path: &str,
        recursive: bool,
        behind: Option<&str>,
    ) -> Option<(&str, &Public)> {
        let mut from = match behind {
            Some(name) => Bound::Excluded(name.to_owned()),
            None => Bound::Excluded(path.to_owned()),
        };
        loop {
            let mut rest = self.by_name.range((from, Bound::Unbounded));
            let (name, known) = rest.next()?;
            let below = name.strip_prefix(path)?;
            if let Some((level, _)) = below.split_once('/')
                && !recursive
            {
                // `0` comes next to `/`: behind everything that is deeper.
                from = Bound::Included(format!("{path}{level}0"));
                continue;
            }
            match known.iter().find(|public| public.is_in(region)) {
                Some(public) => return Some((name, public)),
                None => from = Bound::Excluded(name.clone()),
            }
        }
    }
}

/// Calls `with` with the catalogue that holds now.
async fn present<T>(ctx: &Ctx, with: impl FnOnce(&Catalogue) -> T) -> Result<T> {
    let shipped = SHIPPED.as_ref();
    let shipped = shipped.map_err(|wrong| Error::internal(format!("the catalogue: {wrong}")))?;
    let Some(record) = ctx.get::<CatalogueRecord>(&CatalogueRecord::key()).await? else {
        return Ok(with(shipped));
    };
    let both: &Derived<Catalogue> = &record.parsed;
    let both = both.get_or_make(|| {
        let own = Catalogue::parse(&record.text);
        let own = own.map_err(|wrong| Error::internal(format!("a stored catalogue: {wrong}")))?;
        Ok::<_, Error>(own.over(shipped))
    })?;
    Ok(with(both))
}

/// Whether a path is one of AWS's own parameters.
pub(crate) fn is_public_path(path: &str) -> bool {
    format!("{}/", path.trim_end_matches('/')).starts_with(PUBLIC)
}

/// The public parameter of this name.
pub(crate) async fn find(ctx: &Ctx, name: &str) -> Result<Option<ParameterRecord>> {
    present(ctx, |catalogue| {
        let public = catalogue.find(&ctx.region, name);
        public.map(|public| public.record(name))
    })
    .await
}

/// A page of public parameters, and the name that it ends with if there are more.
pub(crate) struct Page {
    pub(crate) records: Vec<ParameterRecord>,
    pub(crate) next: Option<String>,
}

/// Up to `limit` public parameters below a path that are `wanted`, behind a name.
pub(crate) async fn page(
    ctx: &Ctx,
    (path, recursive): (&str, bool),
    (behind, limit): (Option<&str>, usize),
    wanted: impl Fn(&ParameterRecord) -> bool,
) -> Result<Page> {
    let path = format!("{}/", path.trim_end_matches('/'));
    present(ctx, |catalogue| {
        let (mut behind, mut records) = (behind.map(str::to_owned), Vec::new());
        loop {
            let next = catalogue.next(&ctx.region, &path, recursive, behind.as_deref());
            let Some((name, public)) = next else {
                return Page {
                    records,
                    next: None,
                };
            };
            let record = public.record(name);
            if wanted(&record) {
                if records.len() == limit {
                    return Page {
                        records,
                        next: behind,
                    };
                }
                records.push(record);
            }
            behind = Some(name.to_owned());
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(catalogue: &Catalogue, region: &str, path: &str, recursive: bool) -> Vec<String> {
        let (mut names, mut behind): (Vec<String>, Option<String>) = (Vec::new(), None);
        while let Some((name, _)) = catalogue.next(region, path, recursive, behind.as_deref()) {
            names.push(name.strip_prefix(path).unwrap().to_owned());
            behind = Some(name.to_owned());
        }
        names
    }

    #[test]
    fn the_shipped_catalogue_is_read_and_knows_the_infrastructure() {
        let shipped = SHIPPED.as_ref().unwrap();
        let value = |region: &str, name: &str| {
            let public = shipped.find(region, &format!("/aws/service/{name}"));
            public.map(|public| public.value.clone())
        };
        let endpoint = "global-infrastructure/regions/us-west-1/services/ssm/endpoint";
        assert_eq!(
            value("eu-west-2", endpoint).unwrap(),
            "ssm.us-west-1.amazonaws.com"
        );
        let name = "global-infrastructure/regions/eu-west-2/longName";
        assert_eq!(value("us-east-1", name).unwrap(), "Europe (London)");
        let image = "ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2";
        assert_eq!(value("us-east-2", image).unwrap(), "ami-074cce78125f09d61");
        for (region, name, image) in [
            (
                "us-east-2",
                "ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64",
                "ami-0b1b8b24a6c8e5d8b",
            ),
            (
                "us-east-1",
                "ami-windows-latest/Windows_Server-2022-English-Full-Base",
                "ami-0d86c69530d0a048e",
            ),
            (
                "ca-central-1",
                "eks/optimized-ami/1.30/amazon-linux-2/recommended/image_id",
                "ami-009749b44be7aa9fa",
            ),
        ] {
            assert_eq!(value(region, name).as_deref(), Some(image), "{name}");
        }
        // What nobody has said is not known.
        assert_eq!(value("us-east-1", image), None);
        let regions = names(
            shipped,
            "us-east-1",
            "/aws/service/global-infrastructure/regions/",
            false,
        );
        assert!(regions.contains(&"cn-north-1".to_owned()) && regions.len() > 30);
        let services = "/aws/service/global-infrastructure/services/";
        let services = names(shipped, "us-east-1", services, false);
        for service in ["acm", "acm-pca", "appstream", "cloudwatch", "kms", "ssm"] {
            assert!(services.contains(&service.to_owned()), "{service}");
        }
    }

    #[test]
    fn levels_and_regions_are_told_apart() {
        let text = r#"{"sources":{"x":"y"},"parameters":[
            {"name":"/aws/service/a","value":"1","source":"x"},
            {"name":"/aws/service/a/b","value":"2","source":"x"},
            {"name":"/aws/service/a-b/c/d","value":"3","source":"x"},
            {"name":"/aws/service/a0","region":"eu-west-2","value":"4","source":"x"},
            {"name":"/aws/service/a0","region":"eu-west-1","value":"5","source":"x"},
            {"name":"/aws/service/b","region":"eu-west-1","value":"6","source":"x"}]}"#;
        let catalogue = Catalogue::parse(text).unwrap();
        assert_eq!(catalogue.len(), 6);
        let path = "/aws/service/";
        assert_eq!(
            names(&catalogue, "eu-west-2", path, true),
            ["a", "a-b/c/d", "a/b", "a0"]
        );
        assert_eq!(names(&catalogue, "eu-west-2", path, false), ["a", "a0"]);
        assert_eq!(
            names(&catalogue, "eu-west-1", path, false),
            ["a", "a0", "b"]
        );
        assert_eq!(
            catalogue
                .find("eu-west-1", "/aws/service/a0")
                .unwrap()
                .value,
            "5"
        );
        assert!(catalogue.find("us-east-1", "/aws/service/a0").is_none());
        let twice = text.replace("eu-west-1\",\"value\":\"5", "eu-west-2\",\"value\":\"5");
        assert!(Catalogue::parse(&twice).is_err());
    }

    #[test]
    fn an_imported_catalogue_replaces_names() {
        let one = |value: &str| {
            let text = format!(
                r#"{{"sources":{{"x":"y"}},"parameters":[{{"name":"/aws/service/{value}","value":"{value}","source":"x"}},
                {{"name":"/aws/service/both","value":"{value}","source":"x"}}]}}"#
            );
            Catalogue::parse(&text).unwrap()
        };
        let both = one("own").over(&one("shipped"));
        assert_eq!(both.len(), 3);
        assert_eq!(
            both.find("eu-west-2", "/aws/service/both").unwrap().value,
            "own"
        );
    }
}
