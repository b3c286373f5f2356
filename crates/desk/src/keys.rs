//! The master key outside the database, and what is sealed and signed with keys derived from it.

mod files;
pub mod rotation;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroize;

use files::Material;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Master keys whose signatures are still known; marks in older mails lead nowhere any more.
const MOST_FORMER: usize = 8;

/// Seals secrets (XChaCha20-Poly1305) and signs tokens (HMAC-SHA256). Cheap to clone.
#[derive(Clone)]
pub struct Keys(Arc<Derived>);

struct Derived {
    sealing: [u8; KEY_BYTES],
    signing: [u8; KEY_BYTES],
    /// What earlier master keys signed with, the newest first.
    former: Vec<[u8; KEY_BYTES]>,
    id: String,
}

impl Drop for Derived {
    fn drop(&mut self) {
        self.sealing.zeroize();
        self.signing.zeroize();
        self.former.zeroize();
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
    #[error("the key file {} is damaged: each line must hold 32 bytes in Base64", .0.display())]
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
        let path = folder.join(files::FILE);
        if let Some(material) = Material::read(&path)? {
            return Ok(Self::derive(&material));
        }
        if has_secrets {
            return Err(KeyError::Missing(path));
        }
        let material = Material::random(Vec::new())?;
        files::make_folder(folder)?;
        material.write_new(&path)?;
        Ok(Self::derive(&material))
    }

    /// What shall take the place of the key these were derived from. What that signed stays known.
    fn successor(&self) -> Result<Material, KeyError> {
        let mut former = vec![self.0.signing];
        former.extend(&self.0.former);
        former.truncate(MOST_FORMER);
        Material::random(former)
    }

    fn derive(from: &Material) -> Self {
        let id = mac(&from.master, &[b"deskbell key id"]);
        Self(Arc::new(Derived {
            sealing: mac(&from.master, &[b"deskbell sealing"]),
            signing: mac(&from.master, &[b"deskbell signing"]),
            former: from.former.clone(),
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

    /// The signature over `parts`, then those that earlier master keys would have made: what we once
    /// gave out to last must still be known after a rotation.
    pub fn signatures(&self, purpose: Purpose, parts: &[&[u8]]) -> Vec<[u8; 32]> {
        let all = [&self.0.signing].into_iter().chain(&self.0.former);
        all.map(|key| signed(key, purpose, parts).finalize().into_bytes().into()).collect()
    }

    /// Compares in constant time.
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], signature: &[u8]) -> bool {
        self.mac(purpose, parts).verify_slice(signature).is_ok()
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Hmac<Sha256> {
        signed(&self.0.signing, purpose, parts)
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

fn signed(key: &[u8; KEY_BYTES], purpose: Purpose, parts: &[&[u8]]) -> Hmac<Sha256> {
    keyed(&mac(key, &[purpose.label().as_bytes()]), parts)
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
