//! Writing an archive: first the database, then the files it refers to, then the keys.
//!
//! In that order, because a file that is there when the snapshot is taken stays for a day after its
//! last reference, while a file that comes later is not in the snapshot.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use domain::Timestamp;
use sha2::{Digest, Sha256};
use storage::{FileHash, Store, failpoints};
use tempfile::TempDir;

use super::{
    BackupError, DATABASE, FILES, KEYS, MANIFEST, MARGIN, SEAL, Summary, at,
    manifest::{self, Entry, Manifest},
};

/// How the names of the folders begin that backups are put together in.
const WORKING: &str = ".deskbell-backup-";

/// Writes everything in the data folder to the new file `target`, readable by its owner alone. The
/// server may go on working. `target` appears when the backup is complete and durable.
///
/// # Errors
/// Nothing is left at `target` then.
pub fn write(
    store: &Store,
    data: &Path,
    target: &Path,
    now: Timestamp,
) -> Result<Summary, BackupError> {
    let _turn = take_turn(data)?;
    if target.try_exists().map_err(at(target))? {
        return Err(BackupError::Exists(target.to_owned()));
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (working, _working) = workplace(store, folder)?;
    let unfinished = working.path().join("archive.tar");
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(at(&unfinished))?;
    let mut archive = Archive::new(file, unfinished.clone(), now);
    fill(&mut archive, store, data, working.path())?;
    let (_, schema) = store.versions();
    let manifest = archive.finish(store.versions().0, schema)?;

    failpoints::reach("backup: written, not named");
    let bytes = fs::metadata(&unfinished).map_err(at(&unfinished))?.len();
    // A hard link fails where the name was taken meanwhile; a rename would replace it.
    fs::hard_link(&unfinished, target).or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Err(BackupError::Exists(target.to_owned())),
        // Not every file system has hard links.
        _ => fs::rename(&unfinished, target).map_err(at(target)),
    })?;
    File::open(folder).and_then(|it| it.sync_all()).map_err(at(folder))?;
    Ok(Summary { manifest, bytes, held_jobs: 0 })
}

/// One backup of a folder at a time, whichever process writes it. The folder itself is locked: a file
/// made by root for this would keep the server, which is not root, from its own backups.
pub(crate) fn take_turn(data: &Path) -> Result<File, BackupError> {
    let folder = File::open(data).map_err(at(data))?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(BackupError::Running),
        Err(TryLockError::Error(source)) => Err(at(data)(source)),
    }
}

/// A folder beside the target to work in, and the lock that says it is in use. Whatever an interrupted
/// backup left there goes first: it may be as large as this one.
fn workplace(store: &Store, folder: &Path) -> Result<(TempDir, File), BackupError> {
    // Held until ours is locked, so that nobody takes it for an abandoned one. Where others hold it, or
    // the file system has no locks, leftovers stay.
    let gate = File::open(folder).map_err(at(folder))?;
    if gate.try_lock().is_ok() {
        remove_abandoned(folder);
    }
    require_space(store, folder)?;
    let working =
        tempfile::Builder::new().prefix(WORKING).tempdir_in(folder).map_err(at(folder))?;
    let lock = File::open(working.path()).map_err(at(working.path()))?;
    // As above.
    let _ = lock.lock();
    Ok((working, lock))
}

/// What cannot be removed is no reason to write no backup.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        // Who works in it holds its lock.
        let abandoned = name.to_string_lossy().starts_with(WORKING)
            && File::open(&path).is_ok_and(|it| it.try_lock().is_ok());
        if abandoned {
            match fs::remove_dir_all(&path) {
                Ok(()) => tracing::info!(path = %path.display(), "Removed half a backup"),
                Err(error) => tracing::warn!(%error, "Half a backup cannot be removed"),
            }
        }
    }
}

/// The snapshot and its copy in the archive are both there for a while, then the files come.
fn require_space(store: &Store, folder: &Path) -> Result<(), BackupError> {
    let files = store.files();
    let list = files.list().map_err(at(files.folder()))?;
    let in_files: u64 = list.iter().map(|(_, size, _)| size).sum();
    let database = store.metrics().database_bytes;
    let needed = (2 * database).max(database + in_files) + MARGIN;
    let (free, _) = storage::space(folder).map_err(at(folder))?;
    if free < needed {
        return Err(BackupError::NoSpace { folder: folder.to_owned(), needed, free });
    }
    Ok(())
}

fn fill(
    archive: &mut Archive,
    store: &Store,
    data: &Path,
    working: &Path,
) -> Result<(), BackupError> {
    let snapshot = working.join(DATABASE);
    store.snapshot_to(&snapshot)?;
    failpoints::reach("backup: snapshot taken");
    archive.add(DATABASE, File::open(&snapshot).map_err(at(&snapshot))?)?;
    let referenced = {
        let snapshot = Store::open_read_only(working)?;
        let list = snapshot.read_blocking(storage::attachments::referenced_files);
        snapshot.close_blocking();
        list?
    };
    storage::backup::remove_database(&snapshot).map_err(at(&snapshot))?;

    for name in referenced {
        let Ok(hash) = name.parse::<FileHash>() else {
            archive.missing.push(name);
            continue;
        };
        match open_sound(store, hash).map_err(at(store.files().path(hash)))? {
            Some(file) => archive.add(&format!("{FILES}/{}", manifest::file_path(&name)), file)?,
            None => archive.missing.push(name),
        }
    }

    let keys = data.join(KEYS);
    let mut paths = Vec::new();
    match fs::read_dir(&keys) {
        Ok(entries) => {
            for entry in entries {
                paths.push(entry.map_err(at(&keys))?.path());
            }
        }
        // A desk that never sealed anything has none.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(at(keys)(error)),
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|it| it.to_str()).map(|it| format!("{KEYS}/{it}"));
        if let Some(name) = name.filter(|it| path.is_file() && manifest::is_known(it)) {
            archive.add(&name, File::open(&path).map_err(at(&path))?)?;
        }
    }
    Ok(())
}

/// The file, if it is there and still what its name says.
fn open_sound(store: &Store, hash: FileHash) -> io::Result<Option<File>> {
    let mut file = match store.files().open_file(hash) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut digest = Sha256::new();
    copy_into(&mut file, &mut digest)?;
    if FileHash(digest.finalize().into()) != hash {
        return Ok(None);
    }
    file.rewind()?;
    Ok(Some(file))
}

fn copy_into(from: &mut impl Read, digest: &mut Sha256) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            read => digest.update(&buffer[..read]),
        }
    }
}

/// A tar in the making that remembers what it holds.
struct Archive {
    tar: tar::Builder<io::BufWriter<File>>,
    path: PathBuf,
    now: Timestamp,
    entries: Vec<Entry>,
    missing: Vec<String>,
}

impl Archive {
    fn new(file: File, path: PathBuf, now: Timestamp) -> Self {
        let tar = tar::Builder::new(io::BufWriter::with_capacity(256 << 10, file));
        Self { tar, path, now, entries: Vec::new(), missing: Vec::new() }
    }

    fn add(&mut self, name: &str, file: File) -> Result<(), BackupError> {
        let size = file.metadata().map_err(at(name))?.len();
        let mut content = Hashing { inner: file, digest: Sha256::new(), read: 0 };
        self.append(name, size, &mut content)?;
        if content.read != size {
            let changed = io::Error::other("changed while it was read");
            return Err(BackupError::File { path: name.into(), source: changed });
        }
        let sha256 = FileHash(content.digest.finalize().into()).to_string();
        self.entries.push(Entry { name: name.to_owned(), size, sha256 });
        Ok(())
    }

    fn append(&mut self, name: &str, size: u64, content: impl Read) -> Result<(), BackupError> {
        let mut header = tar::Header::new_ustar();
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.now.0 / 1_000).unwrap_or_default());
        let limited = content.take(size);
        self.tar.append_data(&mut header, name, limited).map_err(at(&self.path))
    }

    fn finish(mut self, sqlite: &str, schema: i32) -> Result<Manifest, BackupError> {
        let manifest = Manifest {
            format: manifest::FORMAT,
            created_at: self.now.to_string(),
            deskbell: env!("CARGO_PKG_VERSION").to_owned(),
            sqlite: sqlite.to_owned(),
            schema,
            entries: std::mem::take(&mut self.entries),
            missing_files: std::mem::take(&mut self.missing),
        };
        let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
        let seal = FileHash::of(&text).to_string();
        self.append(MANIFEST, text.len() as u64, text.as_slice())?;
        self.append(SEAL, seal.len() as u64, seal.as_bytes())?;
        let path = self.path;
        let file = self.tar.into_inner().map_err(at(&path))?;
        let file = file.into_inner().map_err(|it| at(&path)(it.into_error()))?;
        file.sync_all().map_err(at(&path))?;
        Ok(manifest)
    }
}

/// Hashes what is read through it.
struct Hashing {
    inner: File,
    digest: Sha256,
    read: u64,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.digest.update(&buffer[..read]);
        self.read += read as u64;
        Ok(read)
    }
}
