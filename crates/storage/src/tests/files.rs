//! Files: named by their bytes, complete or not there.

use std::{fs, io::Write, os::unix::fs::PermissionsExt};

use super::*;
use crate::FileHash;

#[test]
fn the_same_bytes_are_kept_once_under_their_hash() {
    let desk = Desk::open();
    let files = desk.store.files();
    let mut file = files.create().unwrap();
    file.write_all(b"hello ").unwrap();
    file.write_all(b"world").unwrap();
    let (hash, size) = file.finish().unwrap();
    assert_eq!(size, 11);
    let name = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    assert_eq!(hash.to_string(), name);
    let path = desk.folder.path().join("files/b9/4d").join(name);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(files.put(b"hello world").unwrap(), hash);
    assert_eq!(files.read(hash).unwrap(), b"hello world");
    let listed: Vec<_> =
        files.list().unwrap().into_iter().map(|(it, size, _)| (it, size)).collect();
    assert_eq!(listed, [(hash, 11)]);
    assert!(files.delete(hash).unwrap());
    assert!(!files.delete(hash).unwrap());
    assert_eq!(files.read(hash).unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn an_unfinished_file_leaves_nothing() {
    let desk = Desk::open();
    let mut file = desk.store.files().create().unwrap();
    file.write_all(b"half").unwrap();
    drop(file);
    let folder = desk.folder.path().join("files");
    assert!(fs::read_dir(&folder).unwrap().next().is_none());
    // What a crash left goes at the next start.
    let Desk { store, folder: data } = desk;
    fs::write(folder.join("new-0123"), b"half").unwrap();
    store.close_blocking();
    let store = Store::open(Options::new(data.path())).unwrap();
    assert!(fs::read_dir(&folder).unwrap().next().is_none());
    store.close_blocking();
}

#[test]
fn only_a_hash_is_a_name() {
    let name = FileHash::of(b"x").to_string();
    assert_eq!(name.parse(), Ok(FileHash::of(b"x")));
    let bad = [
        "",
        "../../etc/passwd",
        &name[1..],
        &format!("{name}0"),
        &name.to_uppercase(),
        &format!("/{}", &name[1..]),
        &format!("{}é", &name[2..]),
    ];
    for text in bad {
        assert_eq!(text.parse::<FileHash>(), Err(crate::UnknownName), "{text}");
    }
}
