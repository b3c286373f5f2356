//! The file of the master key: itself on the first line, then what earlier ones signed with.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use zeroize::{Zeroize, Zeroizing};

use super::{KEY_BYTES, KeyError};

pub(super) const FILE: &str = "master.key";
/// A new key, until everything is sealed with it.
pub(super) const NEXT: &str = "master.key.next";

/// What a key file holds.
pub(super) struct Material {
    pub master: [u8; KEY_BYTES],
    /// The newest first.
    pub former: Vec<[u8; KEY_BYTES]>,
}

impl Drop for Material {
    fn drop(&mut self) {
        self.master.zeroize();
        self.former.zeroize();
    }
}

impl Material {
    pub fn random(former: Vec<[u8; KEY_BYTES]>) -> Result<Self, KeyError> {
        let mut made = Self { master: [0; KEY_BYTES], former };
        getrandom::fill(&mut made.master).map_err(|_| KeyError::NoRandomness)?;
        Ok(made)
    }

    /// None where there is no such file.
    pub fn read(path: &Path) -> Result<Option<Self>, KeyError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(KeyError::Damaged(path.to_owned()));
            }
            Err(source) => return Err(failed(path)(source)),
        };
        // A key others can read is no key; an archive may have lost the mode.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed(path))?;
        let mut lines = text.lines().map(|it| decoded(it.trim()));
        let damaged = || KeyError::Damaged(path.to_owned());
        let master = lines.next().flatten().ok_or_else(damaged)?;
        let former = lines.collect::<Option<_>>().ok_or_else(damaged)?;
        Ok(Some(Self { master, former }))
    }

    /// Durable when this returns.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        let mut text = Zeroizing::new(String::new());
        for key in [&self.master].into_iter().chain(&self.former) {
            BASE64.encode_string(key, &mut text);
            text.push('\n');
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(failed(path))?;
        file.write_all(text.as_bytes()).map_err(failed(path))?;
        file.sync_all().map_err(failed(path))?;
        sync_folder_of(path)
    }
}

pub(super) fn make_folder(folder: &Path) -> Result<(), KeyError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed(folder))
}

pub(super) fn replace(from: &Path, to: &Path) -> Result<(), KeyError> {
    fs::rename(from, to).map_err(failed(from))?;
    sync_folder_of(to)
}

pub(super) fn remove(path: &Path) -> Result<(), KeyError> {
    fs::remove_file(path).map_err(failed(path))?;
    sync_folder_of(path)
}

/// A name is durable only once its folder is.
fn sync_folder_of(path: &Path) -> Result<(), KeyError> {
    let folder = path.parent().expect("key files lie in a folder");
    File::open(folder).and_then(|it| it.sync_all()).map_err(failed(folder))
}

fn decoded(line: &str) -> Option<[u8; KEY_BYTES]> {
    let bytes = Zeroizing::new(BASE64.decode(line).ok()?);
    bytes.as_slice().try_into().ok()
}

/// For `map_err`: names the file an error is about.
fn failed(path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    move |source| KeyError::File { path: path.to_owned(), source }
}
