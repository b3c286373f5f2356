//! Sealing, signing, and the file of the master key.

use std::{fs, os::unix::fs::PermissionsExt};

use super::{files::FILE, *};

#[test]
fn the_key_is_made_once_with_a_private_mode_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let keys_folder = folder.path().join("keys");
    let first = Keys::open(&keys_folder, false).unwrap();
    let mode = fs::metadata(keys_folder.join(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let second = Keys::open(&keys_folder, true).unwrap();
    assert_eq!(first.id(), second.id());
    assert_eq!(format!("{first:?}"), "Keys([secret])");
}

#[test]
fn a_missing_or_short_key_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Keys::open(folder.path(), true), Err(KeyError::Missing(_))));
    for bad in ["", "c2hvcnQ=", "no base64 at all!"] {
        fs::write(folder.path().join(FILE), bad).unwrap();
        let got = Keys::open(folder.path(), false);
        assert!(matches!(got, Err(KeyError::Damaged(_))), "{bad:?}");
    }
}

#[test]
fn a_sealed_secret_opens_only_in_its_own_place() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(folder.path(), false).unwrap();
    let owner = Uuid::from_u128(7);
    let sealed = keys.seal(owner, "imap.password", b"hunter2");
    assert_eq!(keys.open_sealed(owner, "imap.password", &sealed).unwrap(), b"hunter2");
    assert_eq!(keys.open_sealed(owner, "smtp.password", &sealed), Err(CannotOpen));
    let elsewhere = Uuid::from_u128(8);
    assert_eq!(keys.open_sealed(elsewhere, "imap.password", &sealed), Err(CannotOpen));
    let mut changed = sealed.clone();
    changed.ciphertext[0] ^= 1;
    assert_eq!(keys.open_sealed(owner, "imap.password", &changed), Err(CannotOpen));
    assert_ne!(keys.seal(owner, "imap.password", b"hunter2"), sealed);
}

#[test]
fn a_signature_holds_for_its_purpose_and_parts_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(folder.path(), false).unwrap();
    let signature = keys.sign(Purpose::AttachmentLink, &[b"ab", b"c"]);
    assert!(keys.verify(Purpose::AttachmentLink, &[b"ab", b"c"], &signature));
    assert!(!keys.verify(Purpose::AttachmentLink, &[b"a", b"bc"], &signature));
    assert!(!keys.verify(Purpose::ReplyAddress, &[b"ab", b"c"], &signature));
    assert!(!keys.verify(Purpose::AttachmentLink, &[b"ab", b"c"], &signature[..31]));
    assert!(!keys.verify(Purpose::AttachmentLink, &[b"ab", b"c"], b""));
}
