//! What the file system under the data folder is, and how much room it has.

use std::{
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::Path,
};

use crate::error::OpenError;

/// Kinds of file system whose locks and shared memory do not hold across machines, by the magic
/// number of `statfs(2)`.
#[cfg(target_os = "linux")]
const NETWORK: [(u32, &str); 8] = [
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "SMB (CIFS)"),
    (0xfe53_4d42, "SMB2"),
    (0x0000_564c, "NCP"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x0102_1997, "9p"),
];

#[cfg(target_os = "linux")]
pub(crate) fn refuse_network(folder: &Path) -> Result<(), OpenError> {
    let found = rustix::fs::statfs(folder)
        .map_err(|source| OpenError::File { path: folder.to_owned(), source: source.into() })?;
    #[expect(clippy::cast_possible_truncation, reason = "the magic numbers have 32 bits")]
    #[allow(clippy::unnecessary_cast, reason = "the type differs between processors")]
    let magic = found.f_type as u32;
    match NETWORK.iter().find(|(it, _)| *it == magic) {
        Some((_, kind)) => Err(OpenError::NetworkFileSystem { folder: folder.to_owned(), kind }),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn refuse_network(_: &Path) -> Result<(), OpenError> {
    // Elsewhere the refusal of WAL is the only guard.
    Ok(())
}

/// Bytes that this user may still write, and the size of the file system in bytes.
pub fn space(path: &Path) -> io::Result<(u64, u64)> {
    let found = rustix::fs::statvfs(path)?;
    Ok((found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize))
}

/// A folder only its owner can enter; an existing one keeps its mode.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes a rename or a removal inside the folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
