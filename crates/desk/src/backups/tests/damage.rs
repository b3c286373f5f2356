//! Archives that were cut or altered are refused.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;

#[test]
fn a_truncated_archive_is_refused_wherever_it_ends() {
    let place = Place::new();
    place.back_up();
    let whole = fs::read(place.archive()).unwrap();
    let cut = place.folder.path().join("cut.tar");
    // The last two blocks of a tar are empty: losing them loses nothing.
    let content = whole.len() - 1_024;
    for length in [0, 1, 511, 512, 513, content / 3, content / 2, content - 700, content - 513] {
        fs::write(&cut, &whole[..length]).unwrap();
        let target = place.folder.path().join(format!("cut-{length}"));
        let error = restore(&cut, &target).unwrap_err();
        assert!(matches!(error, BackupError::Damaged(_)), "{length}: {error}");
        assert_eq!(fs::read_dir(&target).unwrap().count(), 0, "{length}");
    }
}

#[test]
fn an_altered_archive_is_refused() {
    let place = Place::new();
    place.back_up();
    let file = names_in(&place.archive()).into_iter().find(|it| it.starts_with("files/")).unwrap();
    type Change = Box<dyn FnMut(&str, Vec<u8>) -> Option<(String, Vec<u8>)>>;
    let flip = |target: String| -> Change {
        Box::new(move |name, mut bytes| {
            if name == target {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
            }
            Some((name.to_owned(), bytes))
        })
    };
    let leave_out = |target: String| -> Change {
        Box::new(move |name, bytes| (name != target).then(|| (name.to_owned(), bytes)))
    };
    let rename = |to: &'static str| -> Change {
        Box::new(move |name, bytes| {
            let name = if name.starts_with("keys/") { to } else { name };
            Some((name.to_owned(), bytes))
        })
    };
    let cases: Vec<(&str, Change)> = vec![
        ("a byte of the database", flip("deskbell.db".to_owned())),
        ("a byte of a file", flip(file.clone())),
        ("a byte of the key", flip("keys/master.key".to_owned())),
        ("a byte of the manifest", flip("manifest.json".to_owned())),
        ("a byte of the seal", flip("manifest.sha256".to_owned())),
        ("no database", leave_out("deskbell.db".to_owned())),
        ("no file", leave_out(file)),
        ("no manifest", leave_out("manifest.json".to_owned())),
        ("no seal", leave_out("manifest.sha256".to_owned())),
        ("a path that climbs", rename("../outside")),
        ("a path from the root", rename("/tmp/outside")),
        ("a log", rename("deskbell.db-wal")),
        ("the database twice", rename("deskbell.db")),
    ];
    for (number, (what, change)) in cases.into_iter().enumerate() {
        let changed = rewrite(&place.archive(), change);
        let target = place.folder.path().join(format!("altered-{number}"));
        let error = restore(&changed, &target).unwrap_err();
        assert!(matches!(error, BackupError::Damaged(_)), "{what}: {error}");
        assert_eq!(fs::read_dir(&target).unwrap().count(), 0, "{what}");
    }
    assert!(!place.folder.path().join("outside").exists());
}

#[test]
fn links_and_extra_entries_are_refused() {
    let place = Place::new();
    place.back_up();
    let kinds = [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Directory,
        tar::EntryType::Fifo,
    ];
    for kind in kinds {
        let path = place.folder.path().join("links.tar");
        let mut to = tar::Builder::new(fs::File::create(&path).unwrap());
        append(&mut to, "deskbell.db", kind, b"");
        to.finish().unwrap();
        drop(to);
        let error = restore(&path, &place.folder.path().join("links")).unwrap_err();
        assert!(matches!(error, BackupError::Damaged(_)), "{kind:?}: {error}");
    }
    let mut again = None;
    let extra = rewrite(&place.archive(), |name, bytes| {
        if name == "keys/master.key" {
            again = Some(bytes.clone());
        }
        let name = if name == "manifest.sha256" { "keys/other.key" } else { name };
        Some((name.to_owned(), bytes))
    });
    assert!(again.is_some());
    let error = restore(&extra, &place.folder.path().join("extra")).unwrap_err();
    assert!(matches!(error, BackupError::Damaged(_)), "{error}");
}

/// The archive again, with each entry passed through `change`: none drops it.
fn rewrite(
    archive: &Path,
    mut change: impl FnMut(&str, Vec<u8>) -> Option<(String, Vec<u8>)>,
) -> PathBuf {
    use std::io::Read;
    let target = archive.with_extension("changed");
    let mut to = tar::Builder::new(fs::File::create(&target).unwrap());
    for entry in tar::Archive::new(fs::File::open(archive).unwrap()).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if let Some((name, bytes)) = change(&name, bytes) {
            append(&mut to, &name, tar::EntryType::Regular, &bytes);
        }
    }
    to.finish().unwrap();
    target
}

/// Writes the name as it is: the library would refuse the odd ones.
fn append(to: &mut tar::Builder<fs::File>, name: &str, kind: tar::EntryType, bytes: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o600);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    to.append(&header, bytes).unwrap();
}
