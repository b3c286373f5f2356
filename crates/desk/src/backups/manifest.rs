//! What an archive holds, so that a restore can tell whether it is whole and unchanged.

use serde::{Deserialize, Serialize};

/// The format this program writes; it reads this one and older ones.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// RFC 3339.
    pub created_at: String,
    pub deskbell: String,
    pub sqlite: String,
    pub schema: i32,
    pub entries: Vec<Entry>,
    /// Files the database refers to that were not there, or not as they should be, when the
    /// backup was written. The backup of all else is worth having.
    pub missing_files: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    /// In bytes.
    pub size: u64,
    pub sha256: String,
}

/// Whether an archive may hold this name. Nothing else is ever unpacked, so no name can lead
/// outside the folder.
pub fn is_known(name: &str) -> bool {
    if let Some(key) = name.strip_prefix("keys/") {
        let plain = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
        return !key.is_empty() && !key.starts_with('.') && key.chars().all(plain);
    }
    if let Some(path) = name.strip_prefix("files/") {
        let hash = path.rsplit('/').next().unwrap_or_default();
        return hash.parse::<storage::FileHash>().is_ok() && path == file_path(hash);
    }
    name == super::DATABASE
}

/// Where a file lies below the folder of files.
pub fn file_path(hash: &str) -> String {
    format!("{}/{}/{hash}", &hash[0..2], &hash[2..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_we_write_are_known() {
        let hash = storage::FileHash::of(b"x").to_string();
        let (first, second) = (&hash[0..2], &hash[2..4]);
        let cases = [
            ("deskbell.db".to_owned(), true),
            ("keys/master.key".to_owned(), true),
            (format!("files/{first}/{second}/{hash}"), true),
            (format!("files/{second}/zz/{hash}"), false),
            (format!("files/{first}/{second}/../{hash}"), false),
            (format!("files/{hash}"), false),
            ("files/../deskbell.db".to_owned(), false),
            ("files/".to_owned(), false),
            ("files/äß/x".to_owned(), false),
            ("keys/".to_owned(), false),
            ("keys/..".to_owned(), false),
            ("keys/../deskbell.db".to_owned(), false),
            ("keys/a/b".to_owned(), false),
            ("deskbell.db-wal".to_owned(), false),
            ("deskbell.db-shm".to_owned(), false),
            ("/etc/passwd".to_owned(), false),
            ("./deskbell.db".to_owned(), false),
            ("deskbell.toml".to_owned(), false),
            (String::new(), false),
        ];
        for (name, want) in cases {
            assert_eq!(is_known(&name), want, "{name}");
        }
    }
}
