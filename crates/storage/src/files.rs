//! Files beside the database (attachments, raw mail), named by what is in them.
//!
//! `files/aa/bb/<sha256>`: the same bytes are kept once, a name can hold nothing but a hash, and
//! a file is complete and durable before a row speaks of it.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::SystemTime,
};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::disk;

/// A file's name: the SHA-256 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileHash(pub [u8; 32]);

/// Not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a file")]
pub struct UnknownName;

impl FileHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for FileHash {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(UnknownName),
        };
        let mut hash = [0; 32];
        if text.len() != 64 {
            return Err(UnknownName);
        }
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(hash))
    }
}

/// The folder of files. Its calls block: async callers use `spawn_blocking`.
#[derive(Debug, Clone)]
pub struct Files {
    folder: Arc<Path>,
}

impl Files {
    /// Makes the folder and removes what an interrupted upload left.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        let files = Self::at(folder);
        disk::create_private(&files.folder)?;
        for entry in fs::read_dir(&files.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(files)
    }

    /// The folder as it is, for a process beside the serving one.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file to be written piece by piece.
    pub fn create(&self) -> io::Result<NewFile> {
        let path = self.folder.join(format!("{UNFINISHED}{}", Uuid::new_v4().simple()));
        let file = create_private(&path)?;
        Ok(NewFile { files: self.clone(), path: Some(path), file, hash: Sha256::new(), size: 0 })
    }

    /// Keeps these bytes; durable when it returns.
    pub fn put(&self, bytes: &[u8]) -> io::Result<FileHash> {
        let mut file = self.create()?;
        file.write_all(bytes)?;
        Ok(file.finish()?.0)
    }

    /// The file for reading, from its first byte. `NotFound` if it is not there.
    pub fn open_file(&self, hash: FileHash) -> io::Result<File> {
        File::open(self.path(hash))
    }

    /// The whole file. The caller knows from its row that it is small enough.
    pub fn read(&self, hash: FileHash) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open_file(hash)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether there was one to remove. No row may speak of it any more.
    pub fn delete(&self, hash: FileHash) -> io::Result<bool> {
        match fs::remove_file(self.path(hash)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes the file unless somebody put it again since `before`. Returns whether it is gone.
    ///
    /// Moved aside before its time is looked at: a put in between makes a new file of the same
    /// content, which stays.
    pub fn delete_older(&self, hash: FileHash, before: SystemTime) -> io::Result<bool> {
        let path = self.path(hash);
        let aside = self.folder.join(format!("{UNFINISHED}{}", Uuid::new_v4().simple()));
        match fs::rename(&path, &aside) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error),
        }
        if fs::metadata(&aside)?.modified()? < before {
            fs::remove_file(&aside)?;
            return Ok(true);
        }
        fs::rename(&aside, &path)?;
        Ok(false)
    }

    /// Every file with its size in bytes and the time it was last put, in no order. Foreign
    /// names are passed over.
    pub fn list(&self) -> io::Result<Vec<(FileHash, u64, SystemTime)>> {
        let mut found = Vec::new();
        for first in folders(&self.folder)? {
            list_in(&first, &mut found)?;
        }
        Ok(found)
    }

    /// As [`Self::list`], the files whose names begin with this byte: one part of 256.
    pub fn list_part(&self, first: u8) -> io::Result<Vec<(FileHash, u64, SystemTime)>> {
        let mut found = Vec::new();
        let folder = self.folder.join(format!("{first:02x}"));
        if folder.is_dir() {
            list_in(&folder, &mut found)?;
        }
        Ok(found)
    }

    /// Where the file lies or would lie.
    pub fn path(&self, hash: FileHash) -> PathBuf {
        let name = hash.to_string();
        self.folder.join(&name[0..2]).join(&name[2..4]).join(name)
    }
}

/// How the name of a file begins that is still being written. No hash begins like it.
const UNFINISHED: &str = "new-";

/// A file being written. Dropped without `finish`, it is gone.
#[derive(Debug)]
pub struct NewFile {
    files: Files,
    /// None once it has its final name.
    path: Option<PathBuf>,
    file: File,
    hash: Sha256,
    size: u64,
}

impl NewFile {
    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What was written so far, from its first byte.
    pub fn read_back(&self) -> io::Result<File> {
        File::open(self.path.as_ref().expect("a file is finished once"))
    }

    /// Gives the file its name; durable when it returns. Also answers the size in bytes.
    pub fn finish(mut self) -> io::Result<(FileHash, u64)> {
        let hash = FileHash(self.hash.clone().finalize().into());
        self.file.sync_all()?;
        let target = self.files.path(hash);
        let folder = target.parent().expect("a file lies two folders deep");
        if !folder.is_dir() {
            disk::create_private(folder)?;
            disk::sync_folder(folder.parent().expect("a file lies two folders deep"))?;
            disk::sync_folder(self.files.folder())?;
        }
        // Also when the same bytes are there: the newer time keeps them from being swept.
        let path = self.path.as_ref().expect("a file is finished once");
        fs::rename(path, &target)?;
        self.path = None;
        disk::sync_folder(folder)?;
        Ok((hash, self.size))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(path) = self.path.take()
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!(%error, "An unfinished file could not be removed");
        }
    }
}

/// A new, empty file that only its owner can read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn list_in(first: &Path, found: &mut Vec<(FileHash, u64, SystemTime)>) -> io::Result<()> {
    for second in folders(first)? {
        for entry in fs::read_dir(second)? {
            let entry = entry?;
            let Some(hash) = entry.file_name().to_str().and_then(|it| it.parse().ok()) else {
                continue;
            };
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                // It went since the folder was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            found.push((hash, metadata.len(), metadata.modified()?));
        }
    }
    Ok(())
}

fn folders(parent: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.file_name().len() == 2 && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
