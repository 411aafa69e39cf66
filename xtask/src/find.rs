//! `cargo xtask find <needles> <place>..`: which of many texts are in the files under some places.
//!
//! The tests from outside look for thousands of secrets, each in many forms, in everything that a
//! server leaves behind. One pass finds them all.

use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use anyhow::{Context as _, Result, ensure};

/// How many findings are told: a leak shows in far fewer.
const MOST: usize = 10_000;

/// Prints a line for every needle of a file that is found: name, path and offset, parted by tabs;
/// last, how many files and bytes were searched. The name of a file is searched too, at offset -1.
/// `needles` has a line for each: hexadecimal bytes, a tab, and a name.
pub(crate) fn run(needles: &str, places: &[&str]) -> Result<()> {
    let needles = Needles::read(needles)?;
    let (mut files, mut bytes, mut found) = (0, 0, Vec::new());
    for place in places {
        for path in files_under(Path::new(place))? {
            let content = fs::read(&path).with_context(|| path.display().to_string())?;
            files += 1;
            bytes += content.len();
            needles.find(&content, &path, &mut found)?;
        }
    }
    for line in found.iter().take(MOST) {
        println!("{line}");
    }
    println!("searched\t{files}\t{bytes}");
    Ok(())
}

struct Needles {
    names: Vec<String>,
    automaton: AhoCorasick,
}

impl Needles {
    fn read(path: &str) -> Result<Self> {
        let (mut names, mut patterns) = (Vec::new(), Vec::new());
        for line in fs::read_to_string(path).context(path.to_owned())?.lines() {
            let (hex, name) = line.split_once('\t').context("a needle without a name")?;
            let pattern = unhex(hex).context("a needle that is not hexadecimal")?;
            // Less than this is found by chance.
            ensure!(pattern.len() >= 6, "the needle `{name}` is too short");
            patterns.push(pattern);
            names.push(name.to_owned());
        }
        ensure!(!names.is_empty(), "no needles");
        let automaton = AhoCorasick::new(&patterns)?;
        Ok(Self { names, automaton })
    }

    /// Adds a line for each needle in the content of a file or in its name; the first of each.
    fn find(&self, content: &[u8], path: &Path, found: &mut Vec<String>) -> Result<()> {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let mut seen = vec![false; self.names.len()];
        for (haystack, is_name) in [(content, false), (name, true)] {
            for hit in self.automaton.try_find_overlapping_iter(haystack)? {
                let index = hit.pattern().as_usize();
                let (Some(seen), Some(name)) = (seen.get_mut(index), self.names.get(index)) else {
                    continue;
                };
                if !std::mem::replace(seen, true) {
                    let offset = if is_name { -1 } else { hit.start() as i64 };
                    found.push(format!("{name}\t{}\t{offset}", path.display()));
                }
            }
        }
        Ok(())
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then_some(())?;
    let byte = |pair: &[u32]| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok();
    pairs.map(byte).collect()
}

/// All files under a place, or the file that it is.
fn files_under(place: &Path) -> Result<Vec<PathBuf>> {
    if fs::metadata(place)
        .with_context(|| place.display().to_string())?
        .is_file()
    {
        return Ok(vec![place.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files.extend(files_under(&entry.path())?);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}
