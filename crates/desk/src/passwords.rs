//! Passwords: argon2id on two threads at most, and the rules for choosing one.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU64, Ordering},
};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::{DeskError, options::Secret};

/// In characters, not bytes: any script counts the same.
const SHORTEST: usize = 8;
/// Far above any passphrase, and short enough to hash without noticing.
const LONGEST: usize = 1024;

/// OWASP's minimum for argon2id; a stored hash with other parameters is renewed at the next login.
const MEMORY_KIB: u32 = 19_456;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;

/// Logins that may wait for a turn at once; more than these are told to come back.
const WAITING: usize = 64;

/// What a password is compared with where there is no account, or none with a password: of today's
/// parameters, so that it costs the same. Its bytes are of no password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlzLg$\
     AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The 5,000 passwords of eight characters and more that are tried first, one a line, most common
/// first: from the frequency list of zxcvbn (MIT licence, © 2012-2016 Dan Wheeler and Dropbox, Inc.;
/// taken from its Python port 4.5.0, © 2016 Daniel Wolf).
const COMMON: &str = include_str!("passwords/common.txt");

static SORTED_COMMON: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut words: Vec<_> = COMMON.lines().collect();
    words.sort_unstable();
    words
});

/// Turns for hashing: each takes 20 MB and a core for tens of milliseconds, so that a flood of
/// logins must not take all of them.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    runs: Arc<AtomicU64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("must have at least {SHORTEST} characters")]
    TooShort,
    #[error("must have at most {LONGEST} characters")]
    TooLong,
    #[error("is one of the passwords everybody tries first; choose another")]
    Common,
}

/// What a password turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, and its hash has old parameters: store this one instead.
    RightRenewed(String),
}

/// Whether somebody may choose this password. Any script, no rules of composition, no truncation.
pub fn check(password: &str) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(WeakPassword::TooShort);
    }
    if length > LONGEST {
        return Err(WeakPassword::TooLong);
    }
    if SORTED_COMMON.binary_search(&password.to_lowercase().as_str()).is_ok() {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

impl Passwords {
    pub fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(2)),
            queue: Arc::new(Semaphore::new(WAITING)),
            runs: Arc::default(),
        }
    }

    /// How often argon2 ran since the start. A flood of logins shows here.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    pub async fn hash(&self, password: &Secret) -> Result<String, DeskError> {
        let (password, runs) = (password.clone(), self.runs.clone());
        self.in_turn(move || hash(&password, &runs)).await?
    }

    /// Compares with a stored hash. Without one it takes the same time, so that nobody learns
    /// from a clock who has an account.
    pub async fn verify(
        &self,
        password: &Secret,
        stored: Option<String>,
    ) -> Result<Verdict, DeskError> {
        // Longer than anyone could have chosen: hashing it would only cost time.
        let password =
            if password.reveal().len() > LONGEST * 4 { Secret::new("") } else { password.clone() };
        let runs = self.runs.clone();
        self.in_turn(move || verify(&password, stored.as_deref(), &runs)).await?
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DeskError> {
        let _place =
            self.queue.try_acquire().map_err(|_| DeskError::TooMany { retry_after_seconds: 5 })?;
        let closed = |_| DeskError::Internal("password hashing stopped".to_owned());
        let turn = self.turns.clone().acquire_owned().await.map_err(closed)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|it| DeskError::Internal(format!("password hashing: {it}")))
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, LANES, None)
        .expect("the parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &Secret, runs: &AtomicU64) -> Result<String, DeskError> {
    runs.fetch_add(1, Ordering::Relaxed);
    let hash: PasswordHash = argon2()
        .hash_password(password.reveal().as_bytes())
        .map_err(|it| DeskError::Internal(format!("password hashing: {it}")))?;
    Ok(hash.to_string())
}

fn verify(password: &Secret, stored: Option<&str>, runs: &AtomicU64) -> Result<Verdict, DeskError> {
    let parsed = PasswordHash::new(stored.unwrap_or(NOBODY))
        .map_err(|it| DeskError::Internal(format!("a stored password hash: {it}")))?;
    runs.fetch_add(1, Ordering::Relaxed);
    let right = argon2().verify_password(password.reveal().as_bytes(), &parsed).is_ok();
    if stored.is_none() || !right {
        return Ok(Verdict::Wrong);
    }
    match is_current(&parsed) {
        true => Ok(Verdict::Right),
        false => Ok(Verdict::RightRenewed(hash(password, runs)?)),
    }
}

fn is_current(hash: &PasswordHash) -> bool {
    Params::try_from(hash)
        .is_ok_and(|it| (it.m_cost(), it.t_cost(), it.p_cost()) == (MEMORY_KIB, ITERATIONS, LANES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_needs_length_and_not_to_be_everybodys() {
        let cases = [
            ("", Err(WeakPassword::TooShort)),
            ("1234567", Err(WeakPassword::TooShort)),
            ("password", Err(WeakPassword::Common)),
            ("PassWord1", Err(WeakPassword::Common)),
            ("12345678", Err(WeakPassword::Common)),
            ("correct horse battery", Ok(())),
            ("пароль и соль", Ok(())),
            ("        ", Ok(())),
        ];
        for (password, want) in cases {
            assert_eq!(check(password), want, "{password:?}");
        }
        assert_eq!(check(&"ж".repeat(1024)), Ok(()));
        assert_eq!(check(&"x".repeat(1025)), Err(WeakPassword::TooLong));
        assert!(SORTED_COMMON.len() >= 3_000, "{}", SORTED_COMMON.len());
    }

    #[tokio::test]
    async fn a_hash_is_verified_and_an_old_one_renewed() {
        let passwords = Passwords::new();
        let secret = Secret::new("correct horse");
        let stored = passwords.hash(&secret).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let verdict = passwords.verify(&secret, Some(stored.clone())).await.unwrap();
        assert_eq!(verdict, Verdict::Right);
        let other = Secret::new("wrong horse");
        assert_eq!(passwords.verify(&other, Some(stored)).await.unwrap(), Verdict::Wrong);
        assert_eq!(passwords.verify(&Secret::new("nobody"), None).await.unwrap(), Verdict::Wrong);

        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(1024, 1, 1, None).unwrap(),
        );
        let old: PasswordHash = weak.hash_password(b"correct horse").unwrap();
        let verdict = passwords.verify(&secret, Some(old.to_string())).await.unwrap();
        assert!(matches!(verdict, Verdict::RightRenewed(it) if it.contains("m=19456")));
    }

    #[test]
    fn comparing_with_nobody_costs_what_comparing_with_somebody_does() {
        assert!(is_current(&PasswordHash::new(NOBODY).unwrap()));
        let stored = hash(&Secret::new("correct horse"), &AtomicU64::default()).unwrap();
        let parts = |it: &str| it.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(parts(NOBODY), parts(&stored), "salt and hash have other lengths");
        for stored in [None, Some(stored.as_str())] {
            let runs = AtomicU64::default();
            let verdict = verify(&Secret::new("wrong horse"), stored, &runs).unwrap();
            assert_eq!((verdict, runs.into_inner()), (Verdict::Wrong, 1));
        }
    }
}
