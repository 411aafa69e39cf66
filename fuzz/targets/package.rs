//! Deployment packages: the input is an archive.
//!
//! Checking and unpacking must agree, and what was unpacked must lie inside, as large as was said.
#![no_main]

use std::fs;

use functions::package::{self, EntryKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let checked = package::check(input);
    // Large ones cost time on disk and show nothing more.
    if checked
        .as_ref()
        .is_ok_and(|package| package.unzipped_size > 1_000_000)
    {
        return;
    }
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("inside");
    fs::create_dir(&folder).unwrap();
    let unpacked = package::unpack(input, &folder);
    assert_eq!(
        fs::read_dir(outside.path()).unwrap().count(),
        1,
        "something lies outside"
    );
    assert_eq!(checked.is_ok(), unpacked.is_ok());
    for entry in unpacked.iter().flat_map(|package| &package.entries) {
        let metadata = fs::symlink_metadata(folder.join(&entry.path)).unwrap();
        match &entry.kind {
            EntryKind::File { size } => assert!(metadata.is_file() && metadata.len() == *size),
            EntryKind::Directory => assert!(metadata.is_dir()),
            EntryKind::Link { .. } => assert!(metadata.is_symlink()),
        }
    }
});
