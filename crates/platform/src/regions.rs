//! Regions: which there are, which partition each belongs to, and which of them this program
//! answers for.

use std::collections::HashSet;

use foldhash::fast::FixedState;

/// AWS's partitions: how the names of their Regions begin, and which there are (partitions metadata
/// of AWS's SDKs). Whatever begins otherwise counts to the last one.
const PARTITIONS: [(&str, &str, &[&str]); 8] = [
    ("aws-cn", "cn-", &["cn-north-1", "cn-northwest-1"]),
    ("aws-eusc", "eusc-", &["eusc-de-east-1"]),
    ("aws-iso", "us-iso-", &["us-iso-east-1", "us-iso-west-1"]),
    (
        "aws-iso-b",
        "us-isob-",
        &["us-isob-east-1", "us-isob-west-1"],
    ),
    ("aws-iso-e", "eu-isoe-", &["eu-isoe-west-1"]),
    (
        "aws-iso-f",
        "us-isof-",
        &["us-isof-east-1", "us-isof-south-1"],
    ),
    ("aws-us-gov", "us-gov-", &["us-gov-east-1", "us-gov-west-1"]),
    (
        "aws",
        "",
        &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "me-west-1",
            "mx-central-1",
            "sa-east-1",
            "sa-west-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    ),
];

/// The partition that a Region belongs to, as in the second part of an ARN.
pub fn partition(region: &str) -> &'static str {
    let mut partitions = PARTITIONS.iter();
    let found = partitions.find(|(_, prefix, _)| region.starts_with(prefix));
    found.map_or("aws", |(partition, ..)| partition)
}

/// The Regions that a program answers for. To every call for another one it is an endpoint that
/// does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regions(HashSet<String, FixedState>);

impl Default for Regions {
    /// All of AWS's.
    fn default() -> Self {
        let all = PARTITIONS.iter().flat_map(|(_, _, regions)| regions.iter());
        all.map(|region| (*region).to_owned()).collect()
    }
}

impl FromIterator<String> for Regions {
    fn from_iter<T: IntoIterator<Item = String>>(regions: T) -> Self {
        Self(regions.into_iter().collect())
    }
}

impl Regions {
    /// Whether `region` is one of them.
    pub fn contains(&self, region: &str) -> bool {
        self.0.contains(region)
    }

    /// The same, with `region`.
    #[must_use]
    pub fn and(mut self, region: &str) -> Self {
        self.0.insert(region.to_owned());
        self
    }

    /// Their names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        names.sort_unstable();
        names.into_iter()
    }
}

/// Whether `region` has the form of a Region: `eu-west-2`, `us-gov-east-1`.
pub fn is_region(region: &str) -> bool {
    let (mut hyphens, mut last) = (0, b'-');
    for byte in region.bytes() {
        match byte {
            b'-' if last == b'-' => return false,
            b'-' => hyphens += 1,
            b'a'..=b'z' | b'0'..=b'9' => {}
            _ => return false,
        }
        last = byte;
    }
    let digits = region.bytes().rev().take_while(u8::is_ascii_digit).count();
    let before = region.len().checked_sub(digits + 1);
    let ends_in_number = before.is_some_and(|at| region.as_bytes().get(at) == Some(&b'-'));
    region.len() <= 32 && hyphens >= 2 && digits > 0 && ends_in_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_a_form() {
        for region in [
            "us-east-1",
            "eu-west-2",
            "us-gov-east-1",
            "ap-southeast-12",
            "on-prem-1",
        ] {
            assert!(is_region(region), "{region}");
        }
        for region in [
            "",
            "*",
            "us-east",
            "us_east_1",
            "US-EAST-1",
            "us--1",
            "../../etc",
            "a-b-c",
            "a-b-",
            "a-1b-c1",
            "-a-b-1",
            "1",
        ] {
            assert!(!is_region(region), "{region}");
        }
    }

    #[test]
    fn regions_lie_in_their_partitions() {
        for (partition_name, _, regions) in PARTITIONS {
            for region in regions {
                assert_eq!(partition(region), partition_name, "{region}");
                assert!(
                    is_region(region) && Regions::default().contains(region),
                    "{region}"
                );
            }
        }
        assert_eq!(partition("on-prem-1"), "aws");
        assert_eq!(partition("cn-new-1"), "aws-cn");
    }

    #[test]
    fn only_named_regions_are_served() {
        let served: Regions = ["eu-west-1".to_owned()].into_iter().collect();
        assert!(served.contains("eu-west-1") && !served.contains("us-east-1"));
        assert!(!Regions::default().contains("on-prem-1"));
        let more = served.and("on-prem-1");
        assert_eq!(more.names().collect::<Vec<_>>(), ["eu-west-1", "on-prem-1"]);
    }
}
