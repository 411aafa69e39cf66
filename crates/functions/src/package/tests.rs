//! Archives as tools write them, and as attackers do.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use proptest::prelude::*;

use super::*;

/// An entry to be written, with what an attacker can lie about.
#[derive(Clone, Debug)]
struct Part {
    name: Vec<u8>,
    local_name: Option<Vec<u8>>,
    content: Vec<u8>,
    mode: u32,
    deflate: bool,
    flags: u16,
    method: Option<u16>,
    declared: Option<u32>,
    checksum: Option<u32>,
    wide: bool,
}

fn file(name: &str, content: &[u8]) -> Part {
    Part {
        name: name.into(),
        local_name: None,
        content: content.to_vec(),
        mode: 0o100_644,
        deflate: true,
        flags: 0,
        method: None,
        declared: None,
        checksum: None,
        wide: false,
    }
}

fn link(name: &str, target: &str) -> Part {
    Part {
        mode: 0o120_777,
        ..file(name, target.as_bytes())
    }
}

fn directory(name: &str) -> Part {
    Part {
        mode: 0o040_755,
        deflate: false,
        ..file(name, b"")
    }
}

fn written(parts: &[Part]) -> Vec<u8> {
    let mut zip = Vec::new();
    let mut central = Vec::new();
    for part in parts {
        let offset = u32::try_from(zip.len()).unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(&part.content);
        let checksum = part.checksum.unwrap_or(crc.sum());
        let packed = if part.deflate {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            io::Write::write_all(&mut encoder, &part.content).unwrap();
            encoder.finish().unwrap()
        } else {
            part.content.clone()
        };
        let method = part.method.unwrap_or(if part.deflate { 8 } else { 0 });
        let local_name = part.local_name.as_ref().unwrap_or(&part.name);
        let size = part
            .declared
            .unwrap_or(u32::try_from(part.content.len()).unwrap());
        let packed_size = u32::try_from(packed.len()).unwrap();
        zip.extend(b"PK\x03\x04\x14\x00");
        zip.extend(part.flags.to_le_bytes());
        zip.extend(method.to_le_bytes());
        zip.extend([0; 16]);
        zip.extend(u16::try_from(local_name.len()).unwrap().to_le_bytes());
        zip.extend([0; 2]);
        zip.extend(local_name);
        zip.extend(packed);
        central.extend(b"PK\x01\x02\x14\x03\x14\x00");
        central.extend(part.flags.to_le_bytes());
        central.extend(method.to_le_bytes());
        central.extend([0; 4]);
        central.extend(checksum.to_le_bytes());
        let narrow = if part.wide {
            [u32::MAX; 3]
        } else {
            [packed_size, size, offset]
        };
        let extra = if part.wide { 28_u16 } else { 0 };
        central.extend(narrow[0].to_le_bytes());
        central.extend(narrow[1].to_le_bytes());
        central.extend(u16::try_from(part.name.len()).unwrap().to_le_bytes());
        central.extend(extra.to_le_bytes());
        central.extend([0; 6]);
        central.extend((part.mode << 16).to_le_bytes());
        central.extend(narrow[2].to_le_bytes());
        central.extend(&part.name);
        if part.wide {
            central.extend([1, 0, 24, 0]);
            for value in [size, packed_size, offset] {
                central.extend(u64::from(value).to_le_bytes());
            }
        }
    }
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    let start = u32::try_from(zip.len()).unwrap();
    let length = u32::try_from(central.len()).unwrap();
    zip.extend(central);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([count, count].concat());
    zip.extend(length.to_le_bytes());
    zip.extend(start.to_le_bytes());
    zip.extend([0; 2]);
    zip
}

fn refusal(parts: &[Part]) -> String {
    let zip = written(parts);
    let folder = tempfile::tempdir().unwrap();
    let unpacked = unpack(&zip, folder.path()).unwrap_err().to_string();
    let checked = check(&zip).unwrap_err().to_string();
    assert_eq!(checked, unpacked);
    checked
}

#[test]
fn files_directories_and_links_are_unpacked_with_their_modes() {
    let zip = written(&[
        directory("./"),
        directory("bin/"),
        Part {
            mode: 0o106_777,
            ..file("bin/run", b"#!/bin/sh\n")
        },
        file("./lib/a/deep.py", &[7; 100_000]),
        Part {
            deflate: false,
            wide: true,
            ..file("ünïcode.txt", b"plain")
        },
        link("lib/a/run", "../../bin/run"),
        Part {
            mode: 0,
            ..file("modeless", b"")
        },
    ]);
    let folder = tempfile::tempdir().unwrap();
    let package = unpack(&zip, folder.path()).unwrap();
    assert_eq!(package, check(&zip).unwrap());
    assert_eq!(package.unzipped_size, 10 + 100_000 + 5);
    let read = |path: &str| fs::read(folder.path().join(path)).unwrap();
    let mode = |path: &str| {
        let metadata = fs::metadata(folder.path().join(path)).unwrap();
        metadata.permissions().mode() & 0o7777
    };
    assert_eq!(read("lib/a/run"), b"#!/bin/sh\n");
    assert_eq!(read("lib/a/deep.py"), [7; 100_000]);
    assert_eq!(read("ünïcode.txt"), b"plain");
    assert_eq!(mode("bin/run"), 0o555);
    assert_eq!(mode("modeless"), 0o444);
    assert_eq!(mode("lib/a"), 0o755);
}

#[test]
fn what_is_not_written_has_to_be_sound_too() {
    for name in ["lib/", "./"] {
        let unsound = Part {
            checksum: Some(9),
            ..directory(name)
        };
        let problem = refusal(&[file("a", b"a"), unsound]);
        assert!(
            problem.ends_with("does not have the checksum declared"),
            "{problem}"
        );
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for (name, problem) in [
        ("../x", "leads out of the package"),
        ("a/../../x", "leads out of the package"),
        ("a/..", "leads out of the package"),
        ("/etc/passwd", "has an absolute name"),
        ("a\\b", "has a backslash or NUL in its name"),
        ("a\0b", "has a backslash or NUL in its name"),
        ("a//b", "has an empty part in its name"),
        ("", "has no name"),
        (".", "has no name"),
    ] {
        let refusal = refusal(&[file(name, b"x")]);
        assert!(refusal.ends_with(problem), "{name:?}: {refusal}");
    }
    let long = "x".repeat(256);
    let deep = "d/".repeat(65) + "x";
    let latin = Part {
        name: b"caf\xe9".to_vec(),
        ..file("", b"x")
    };
    assert!(refusal(&[file(&long, b"")]).ends_with("has too long a name"));
    assert!(refusal(&[file(&"a/".repeat(600), b"")]).contains("has"));
    assert!(refusal(&[file(&deep, b"")]).ends_with("lies too deep"));
    assert!(refusal(&[latin]).ends_with("is not named in UTF-8"));
}

#[test]
fn links_stay_inside() {
    for target in [
        "/etc/passwd",
        "..",
        "../../x",
        "a/..",
        "b/../../../x",
        "",
        "a\\b",
    ] {
        let refusal = refusal(&[link("l", target), file("f", b"")]);
        assert!(refusal.contains("is a link out"), "{target}: {refusal}");
    }
    // Up from a place that a link leads to.
    let twice = [link("p/q/a", "../.."), link("p/q/b", "a/..")];
    assert!(refusal(&twice).contains("`p/q/b` is a link out"));
    check(&written(&[
        link("p/q/a", "../.."),
        link("dangling", "nowhere"),
    ]))
    .unwrap();
}

#[test]
fn an_entry_that_contradicts_another_is_refused() {
    for pair in [
        [file("a", b""), file("a", b"")],
        [file("a", b""), file("./a", b"")],
        [file("a", b""), directory("a/")],
    ] {
        assert!(refusal(&pair).ends_with("is there twice"));
    }
    for pair in [
        [file("a", b""), file("a/b", b"")],
        [link("a", "."), file("a/b", b"")],
        [file("x/a/b/c", b""), link("x/a", "b")],
    ] {
        assert!(refusal(&pair).ends_with("lies below a file or link"));
    }
    check(&written(&[
        directory("a/"),
        directory("a/"),
        file("a/b", b""),
    ]))
    .unwrap();
}

#[test]
fn what_is_no_file_is_refused() {
    for mode in [0o020_666, 0o060_666, 0o010_666, 0o140_666] {
        let device = Part {
            mode,
            ..file("dev", b"")
        };
        assert!(refusal(&[device]).contains("is neither file nor directory nor link"));
    }
    let full = Part {
        content: b"x".to_vec(),
        ..directory("d/")
    };
    assert!(refusal(&[full]).ends_with("is a directory with content"));
    assert!(refusal(&[link("l", &"x".repeat(5000))]).ends_with("is too long for a link"));
}

#[test]
fn lies_about_content_are_refused() {
    let base = file("a", &[1; 1000]);
    let lie = |part: Part| refusal(&[part]);
    let declared = |declared| Part {
        declared: Some(declared),
        ..base.clone()
    };
    assert!(lie(declared(999)).ends_with("holds more than it declares"));
    assert!(lie(declared(1001)).ends_with("holds less than it declares"));
    assert!(
        lie(Part {
            checksum: Some(1),
            ..base.clone()
        })
        .contains("checksum")
    );
    assert!(
        lie(Part {
            flags: 1,
            ..base.clone()
        })
        .contains("encryption")
    );
    assert!(
        lie(Part {
            method: Some(12),
            ..base.clone()
        })
        .contains("compression")
    );
    let garbage = Part {
        deflate: false,
        method: Some(8),
        ..file("a", b"\xff\xff\xff")
    };
    assert!(lie(garbage).contains("is not deflated data"));
    let renamed = Part {
        local_name: Some(b"b".to_vec()),
        ..base.clone()
    };
    assert!(lie(renamed).ends_with("has two names"));
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let large = |name: &str, declared| Part {
        declared: Some(declared),
        ..file(name, b"x")
    };
    let error = check(&written(&[large("a", 200_000_000), large("b", 62_144_001)]));
    assert!(matches!(error, Err(PackageError::TooLarge)));
    // Two headers for the same bytes.
    let mut zip = written(&[file("a", &[0; 5000]), file("b", &[0; 5000])]);
    let second = zip
        .windows(4)
        .rposition(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    zip[second + 42..second + 46].fill(0);
    zip[second + 46] = b'a';
    assert!(matches!(
        check(&zip),
        Err(PackageError::Malformed("entries share bytes"))
    ));
}

#[test]
fn what_is_no_archive_is_refused() {
    let sound = written(&[file("a", b"abc")]);
    let commented = [&sound[..sound.len() - 2], b"\x03\x00yes"].concat();
    check(&commented).unwrap();
    let with_prefix = [b"#!/bin/sh\n", sound.as_slice()].concat();
    let with_suffix = [sound.as_slice(), b"x"].concat();
    for wrong in [&b""[..], b"PK", &sound[..40], &with_prefix, &with_suffix] {
        assert!(matches!(check(wrong), Err(PackageError::Malformed(_))));
    }
    assert!(matches!(check(&written(&[])), Err(PackageError::Empty)));
    assert!(matches!(
        check(&written(&[directory("./")])),
        Err(PackageError::Empty)
    ));
}

#[test]
fn what_other_tools_wrote_is_read() {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/package");
    let names = |seed: &str| -> Vec<String> {
        let package = check(&fs::read(format!("{seeds}/{seed}")).unwrap()).unwrap();
        package
            .entries
            .into_iter()
            .map(|entry| entry.path)
            .collect()
    };
    assert_eq!(
        names("python"),
        ["handler.py", "bootstrap", "lib/link", "lib"]
    );
    assert_eq!(names("zip64"), ["index.mjs"]);
}

#[test]
fn only_an_empty_directory_is_unpacked_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine"), "").unwrap();
    let zip = written(&[file("a", b"abc")]);
    assert!(matches!(
        unpack(&zip, folder.path()),
        Err(PackageError::Io(_))
    ));
}

fn part() -> impl Strategy<Value = Part> {
    let name = "(\\./)?[a-c]{1,2}(/[a-c.]{1,2}){0,2}/?";
    let target = "(\\.\\./){0,3}[a-c]{1,2}(/[a-c.]{1,2}){0,2}";
    prop_oneof![
        4 => (name, any::<Vec<u8>>(), any::<bool>(), any::<bool>()).prop_map(|(name, content, deflate, wide)| {
            Part { deflate, wide, ..file(name.trim_end_matches('/'), &content) }
        }),
        1 => name.prop_map(|name| directory(&name)),
        2 => (name, target).prop_map(|(name, target)| link(name.trim_end_matches('/'), &target)),
    ]
}

/// Everything below `folder`, where all links lead inside.
fn all_inside(folder: &std::path::Path) -> usize {
    let root = folder.canonicalize().unwrap();
    let mut count = 0;
    let mut waiting = vec![root.clone()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            count += 1;
            if let Ok(leads) = entry.path().canonicalize() {
                assert!(leads.starts_with(&root), "{leads:?}");
            }
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    count
}

proptest! {
    #[test]
    fn what_is_unpacked_lies_inside(parts in prop::collection::vec(part(), 1..8)) {
        let zip = written(&parts);
        let folder = tempfile::tempdir().unwrap();
        let unpacked = unpack(&zip, folder.path());
        let found = all_inside(folder.path());
        match (check(&zip), unpacked) {
            (Ok(checked), Ok(unpacked)) => {
                prop_assert_eq!(&checked, &unpacked);
                for entry in &checked.entries {
                    let metadata = fs::symlink_metadata(folder.path().join(&entry.path)).unwrap();
                    prop_assert_eq!(metadata.is_symlink(), matches!(entry.kind, EntryKind::Link { .. }));
                }
                prop_assert!(found > 0);
            }
            (Err(checked), Err(unpacked)) => prop_assert_eq!(checked.to_string(), unpacked.to_string()),
            (checked, unpacked) => prop_assert!(false, "{:?} {:?}", checked, unpacked),
        }
    }

    #[test]
    fn changed_bytes_change_the_package_or_nothing(
        at in any::<prop::sample::Index>(),
        to in any::<u8>(),
    ) {
        let parts = [file("a.py", &[9; 300]), link("b", "a.py"), Part { wide: true, ..file("c/d", b"xyz") }];
        let sound = written(&parts);
        let mut zip = sound.clone();
        zip[at.index(sound.len())] = to;
        if let Ok(package) = check(&zip) {
            let sizes: u64 = package.entries.iter().map(Entry::size).sum();
            prop_assert!(package.unzipped_size == sizes && sizes <= MAX_UNZIPPED);
        }
    }
}
