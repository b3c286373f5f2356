//! The master key outside the database, and what is sealed and signed with keys derived from it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroize;

const FILE: &str = "master.key";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// Seals secrets (XChaCha20-Poly1305) and signs tokens (HMAC-SHA256). Cheap to clone.
#[derive(Clone)]
pub struct Keys(Arc<Derived>);

struct Derived {
    sealing: [u8; KEY_BYTES],
    signing: [u8; KEY_BYTES],
    id: String,
}

impl Drop for Derived {
    fn drop(&mut self) {
        self.sealing.zeroize();
        self.signing.zeroize();
    }
}

/// A secret as it is stored. It opens only for the owner and name it was sealed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key sealed it.
    pub key_id: String,
    pub nonce: [u8; NONCE_BYTES],
    pub ciphertext: Vec<u8>,
}

/// What a signature is for: one for one purpose never passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A link to an attachment that works without a cookie for a few minutes.
    AttachmentLink,
    /// A browser that has signed in before.
    Device,
    /// The plus-address of an outgoing mail that leads a reply to its conversation.
    ReplyAddress,
    /// The reference in the body of an outgoing mail.
    BodyMarker,
    /// The header by which our own mail is known when it comes back.
    MailLoop,
    /// What the receivers of a rule's webhook check signatures with.
    WebhookSecret,
    /// A link to a file of a chat, for its visitor.
    VisitorFile,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::AttachmentLink => "attachment link",
            Self::Device => "device",
            Self::ReplyAddress => "reply address",
            Self::BodyMarker => "body marker",
            Self::MailLoop => "mail loop",
            Self::WebhookSecret => "webhook secret",
            Self::VisitorFile => "visitor file",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "the key file {} is missing, but the database holds secrets sealed with it; put the \
         file back from a backup",
        .0.display()
    )]
    Missing(PathBuf),
    #[error("the key file {} is damaged: it must hold 32 bytes in Base64", .0.display())]
    Damaged(PathBuf),
    #[error("the key file {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the system gave no random numbers")]
    NoRandomness,
}

/// The ciphertext was changed, moved to another row, or sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret cannot be opened with this master key")]
pub struct CannotOpen;

impl Keys {
    /// Reads the master key from `folder`, or makes one when there is none and nothing in the
    /// database needs the old one.
    pub fn open(folder: &Path, has_secrets: bool) -> Result<Self, KeyError> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::read(&path, text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if has_secrets {
                    return Err(KeyError::Missing(path));
                }
                Self::create(folder, &path)
            }
            Err(source) => Err(KeyError::File { path, source }),
        }
    }

    fn read(path: &Path, mut text: String) -> Result<Self, KeyError> {
        // A key others can read is no key; an archive may have lost the mode.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .map_err(|source| KeyError::File { path: path.to_owned(), source })?;
        let decoded = BASE64.decode(text.trim());
        text.zeroize();
        let bytes = decoded.map_err(|_| KeyError::Damaged(path.to_owned()))?;
        let mut master: [u8; KEY_BYTES] =
            bytes.try_into().map_err(|_| KeyError::Damaged(path.to_owned()))?;
        let keys = Self::derive(&master);
        master.zeroize();
        Ok(keys)
    }

    fn create(folder: &Path, path: &Path) -> Result<Self, KeyError> {
        let file_error = |source| KeyError::File { path: path.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(file_error)?;
        let mut master = [0; KEY_BYTES];
        getrandom::fill(&mut master).map_err(|_| KeyError::NoRandomness)?;
        let mut text = BASE64.encode(master);
        text.push('\n');
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(file_error)?;
        file.write_all(text.as_bytes()).map_err(file_error)?;
        file.sync_all().map_err(file_error)?;
        // The new name is durable only once its folder is.
        fs::File::open(folder).and_then(|it| it.sync_all()).map_err(file_error)?;
        text.zeroize();
        let keys = Self::derive(&master);
        master.zeroize();
        Ok(keys)
    }

    fn derive(master: &[u8; KEY_BYTES]) -> Self {
        let id = mac(master, &[b"deskbell key id"]);
        Self(Arc::new(Derived {
            sealing: mac(master, &[b"deskbell sealing"]),
            signing: mac(master, &[b"deskbell signing"]),
            id: id[..8].iter().map(|it| format!("{it:02x}")).collect(),
        }))
    }

    /// Names the master key without telling it.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Encrypts `plain`, bound to `owner` and `name`: in another row it does not open.
    pub fn seal(&self, owner: Uuid, name: &str, plain: &[u8]) -> Sealed {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).expect("the system gave random numbers at the start");
        let payload = Payload { msg: plain, aad: &bound_to(owner, name) };
        let ciphertext = self
            .cipher()
            .encrypt(&nonce.into(), payload)
            .expect("secrets are far below the cipher's length limit");
        Sealed { key_id: self.0.id.clone(), nonce, ciphertext }
    }

    pub fn open_sealed(
        &self,
        owner: Uuid,
        name: &str,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, CannotOpen> {
        let payload = Payload { msg: &sealed.ciphertext, aad: &bound_to(owner, name) };
        self.cipher().decrypt(&sealed.nonce.into(), payload).map_err(|_| CannotOpen)
    }

    /// A signature over `parts`; their borders are part of what is signed.
    pub fn sign(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(purpose, parts).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], signature: &[u8]) -> bool {
        self.mac(purpose, parts).verify_slice(signature).is_ok()
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Hmac<Sha256> {
        let key = mac(&self.0.signing, &[purpose.label().as_bytes()]);
        keyed(&key, parts)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0.sealing).into())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys([secret])")
    }
}

fn bound_to(owner: Uuid, name: &str) -> Vec<u8> {
    [owner.as_bytes(), name.as_bytes()].concat()
}

fn mac(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; KEY_BYTES] {
    keyed(key, parts).finalize().into_bytes().into()
}

fn keyed(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
