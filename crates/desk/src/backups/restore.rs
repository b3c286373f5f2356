//! The way back: into an empty folder, checked before anything takes its place.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use sha2::{Digest, Sha256};
use storage::{FileHash, Store};

use super::{
    BackupError, DATABASE, FILES, KEYS, MANIFEST, MARGIN, SEAL, Summary, at,
    manifest::{self, Entry, Manifest},
};

/// Where an archive is unpacked and checked, inside the folder it is for.
const STAGE: &str = "restoring";
/// A manifest larger than this is none of ours (bytes; a line for each file).
const LARGEST_MANIFEST: u64 = 1 << 30;

/// Unpacks the backup `archive` into the empty folder `data` (made when missing), checks it, brings
/// it to this program's schema and holds every job that can be noticed outside: what was sent since
/// the backup must not go out a second time.
///
/// # Errors
/// The folder holds no database then; after a crash it holds `restoring`, see [`is_interrupted`].
pub fn restore(archive: &Path, data: &Path) -> Result<Summary, BackupError> {
    let file = File::open(archive).map_err(at(archive))?;
    let bytes = file.metadata().map_err(at(archive))?.len();
    create_private(data).map_err(at(data))?;
    require_empty(data)?;
    let (free, _) = storage::space(data).map_err(at(data))?;
    if free < bytes + MARGIN {
        let needed = bytes + MARGIN;
        return Err(BackupError::NoSpace { folder: data.to_owned(), needed, free });
    }

    let stage = data.join(STAGE);
    DirBuilder::new().mode(0o700).create(&stage).map_err(at(&stage))?;
    let result = unpack(file, &stage)
        .and_then(|manifest| Ok((prepare(&stage)?, manifest)))
        .and_then(|done| move_in(&stage, data).map(|()| done));
    if result.is_err() {
        // The first error says more than a failed tidying up.
        let _ = fs::remove_dir_all(&stage);
    }
    let (held_jobs, manifest) = result?;
    fs::remove_dir_all(&stage).map_err(at(&stage))?;
    sync_folder(data)?;
    Ok(Summary { manifest, bytes, held_jobs })
}

/// Whether a restore into this folder was cut off. Serving it would begin with an empty database.
pub fn is_interrupted(data: &Path) -> bool {
    data.join(STAGE).exists() && !data.join(DATABASE).exists()
}

fn require_empty(data: &Path) -> Result<(), BackupError> {
    for entry in fs::read_dir(data).map_err(at(data))? {
        // The root of a fresh volume often has this.
        if entry.map_err(at(data))?.file_name() != "lost+found" {
            return Err(BackupError::NotEmpty(data.to_owned()));
        }
    }
    Ok(())
}

fn unpack(file: File, stage: &Path) -> Result<Manifest, BackupError> {
    let mut archive = tar::Archive::new(io::BufReader::with_capacity(256 << 10, file));
    let mut found = BTreeMap::new();
    let mut manifest = None;
    let mut seal = None;
    for entry in archive.entries().map_err(not_whole)? {
        let mut entry = entry.map_err(not_whole)?;
        let name = std::str::from_utf8(&entry.path_bytes())
            .map_err(|_| damaged("a name is not text"))?
            .to_owned();
        // Links, sparse files and the like are never written, so never unpacked.
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(damaged(format!("{name:?} is not a plain file")));
        }
        let is_end = name == MANIFEST || name == SEAL;
        if seal.is_some() || (manifest.is_some() && name != SEAL) {
            return Err(damaged(format!("{name:?} stands behind the end")));
        }
        if is_end {
            let limit = if name == SEAL { 64 } else { LARGEST_MANIFEST };
            let mut text = Vec::new();
            entry.by_ref().take(limit).read_to_end(&mut text).map_err(not_whole)?;
            *(if name == SEAL { &mut seal } else { &mut manifest }) = Some(text);
            continue;
        }
        if !manifest::is_known(&name) {
            return Err(damaged(format!("{name:?} does not belong in a backup")));
        }
        let unpacked = unpack_entry(&mut entry, &name, stage)?;
        if found.insert(name.clone(), unpacked).is_some() {
            return Err(damaged(format!("{name:?} is there twice")));
        }
    }
    let (Some(text), Some(seal)) = (manifest, seal) else {
        return Err(damaged("the end is missing"));
    };
    check(&text, &seal, found)
}

fn unpack_entry(from: &mut impl Read, name: &str, stage: &Path) -> Result<Entry, BackupError> {
    let path = stage.join(name);
    let folder = path.parent().expect("the path begins with the stage");
    create_private(folder).map_err(at(folder))?;
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(damaged(format!("{name:?} is there twice")));
        }
        Err(error) => return Err(at(path)(error)),
    };
    let mut digest = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).map_err(not_whole)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(at(&path))?;
        size += read as u64;
    }
    file.sync_all().map_err(at(&path))?;
    sync_folder(folder)?;
    let sha256 = FileHash(digest.finalize().into()).to_string();
    Ok(Entry { name: name.to_owned(), size, sha256 })
}

/// Compares what was unpacked with what the manifest says was packed.
fn check(
    text: &[u8],
    seal: &[u8],
    found: BTreeMap<String, Entry>,
) -> Result<Manifest, BackupError> {
    if FileHash::of(text).to_string().as_bytes() != seal {
        return Err(damaged("the manifest was changed"));
    }
    let manifest: Manifest = serde_json::from_slice(text)
        .map_err(|error| damaged(format!("the manifest cannot be read: {error}")))?;
    if manifest.format > manifest::FORMAT {
        return Err(BackupError::Newer { found: manifest.format, known: manifest::FORMAT });
    }
    for entry in &manifest.entries {
        if found.get(&entry.name) != Some(entry) {
            return Err(damaged(format!("{:?} is missing or was changed", entry.name)));
        }
    }
    if found.len() != manifest.entries.len() {
        return Err(damaged("it holds more than its manifest says"));
    }
    if !found.contains_key(DATABASE) {
        return Err(damaged("it holds no database"));
    }
    Ok(manifest)
}

/// Upgrades and checks the database where nobody uses it yet; answers how many jobs wait.
fn prepare(stage: &Path) -> Result<u64, BackupError> {
    let store = Store::open(storage::Options::new(stage))?;
    let held = hold(&store);
    store.close_blocking();
    let held = held?;
    // Closing emptied the log; what SQLite kept beside the file has nothing to say any more.
    let database = stage.join(DATABASE);
    storage::backup::remove_sidecars(&database).map_err(at(database))?;
    Ok(held)
}

fn hold(store: &Store) -> Result<u64, BackupError> {
    let problems = store.integrity(true)?;
    if let Some(first) = problems.first() {
        return Err(damaged(format!("the database is not sound: {first}")));
    }
    let prepare = |tx: &storage::Tx<'_>| {
        storage::events::leap(tx)?;
        storage::jobs::hold_outside_facing(tx)
    };
    Ok(store.write_blocking(prepare)?)
}

/// The database comes last: without it the folder serves nothing.
fn move_in(stage: &Path, data: &Path) -> Result<(), BackupError> {
    for part in [KEYS, FILES, DATABASE] {
        let from = stage.join(part);
        if from.exists() {
            fs::rename(&from, data.join(part)).map_err(at(from))?;
            sync_folder(data)?;
        }
    }
    Ok(())
}

fn create_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    File::open(folder).and_then(|it| it.sync_all()).map_err(at(folder))
}

fn damaged(reason: impl Into<String>) -> BackupError {
    BackupError::Damaged(reason.into())
}

/// Reading the archive failed: it ends early, or is no archive.
fn not_whole(error: io::Error) -> BackupError {
    damaged(error.to_string())
}
