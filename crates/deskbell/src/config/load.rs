//! Reading the file and the environment, and saying which key is wrong.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::Value as Shape;
use toml::{Table, Value};

use super::Config;

const PREFIX: &str = "DESKBELL_";
/// Variables with our prefix that are no keys: where the file is, and where tests find mail.
const NOT_KEYS: [&str; 2] = ["DESKBELL_CONFIG", "DESKBELL_CORPUS"];
/// Taken when it is there and no other file is named.
const USUAL_FILE: &str = "deskbell.toml";

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the configuration file {} is not TOML: {message}", path.display())]
    Syntax { path: PathBuf, message: String },
    #[error("{origin}: {key}: {message}")]
    Value { origin: String, key: String, message: String },
    #[error("the environment variable {0} names no key; see config/deskbell.toml for all keys")]
    UnknownVariable(String),
    #[error("the environment variable {0} is not valid UTF-8")]
    NotText(String),
}

impl Config {
    /// Reads `file` (or what `DESKBELL_CONFIG` names, or `./deskbell.toml` when it is there), then
    /// the environment.
    pub fn load(
        file: Option<PathBuf>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let variables = ours(environment)?;
        let named = || variables.iter().find(|(name, _)| name == "DESKBELL_CONFIG");
        let path = file.or_else(|| named().map(|(_, path)| PathBuf::from(path)));
        let usual = Path::new(USUAL_FILE);
        let (table, path) = match path {
            Some(path) => (read(&path)?, path),
            None if usual.exists() => (read(usual)?, usual.to_owned()),
            None => (Table::new(), usual.to_owned()),
        };
        Self::merge(table, &path, &variables)
    }

    fn merge(
        mut table: Table,
        path: &Path,
        variables: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        // Each layer is checked on its own, so that a mistake is reported where it was made.
        let from_file = format!("the configuration file {}", path.display());
        let file_only: Config = parse(table.clone(), |_| from_file.clone())?;
        let shape = serde_json::to_value(Config::default()).expect("the defaults are plain data");
        let mut origins = Vec::new();
        for (name, text) in variables.iter().filter(|(it, _)| !NOT_KEYS.contains(&it.as_str())) {
            let key = name[PREFIX.len()..].to_lowercase().replace("__", ".");
            let default = key.split('.').try_fold(&shape, |shape, part| shape.get(part));
            match default {
                None | Some(Shape::Object(_)) => {
                    return Err(ConfigError::UnknownVariable(name.clone()));
                }
                Some(default) => set(&mut table, &key, value_like(default, text)),
            }
            origins.push((key, name));
        }
        let origin = |key: &str| match origins.iter().find(|(it, _)| it == key) {
            Some((_, name)) => format!("the environment variable {name}"),
            None => from_file.clone(),
        };
        let config = if origins.is_empty() { file_only } else { parse(table, origin)? };
        config.check().map_err(|(key, message)| {
            let set = origins.iter().find(|(it, _)| it == key);
            let origin = set.map_or("configuration".to_owned(), |(_, name)| name.to_string());
            ConfigError::Value { origin, key: key.to_owned(), message }
        })?;
        Ok(config)
    }
}

fn ours(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String)>, ConfigError> {
    let mut variables = Vec::new();
    for (name, text) in environment {
        let Some(name) = name.to_str().filter(|it| it.starts_with(PREFIX)) else {
            continue;
        };
        let text = text.into_string().map_err(|_| ConfigError::NotText(name.to_owned()))?;
        // Compose files set what they do not use to nothing.
        if !text.is_empty() {
            variables.push((name.to_owned(), text));
        }
    }
    variables.sort();
    Ok(variables)
}

fn read(path: &Path) -> Result<Table, ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
        path: path.to_owned(),
        // Without the quoted line, which may hold a password.
        message: match error.span() {
            Some(span) => {
                let line = text[..span.start.min(text.len())].lines().count().max(1);
                format!("line {line}: {}", error.message())
            }
            None => error.message().to_owned(),
        },
    })
}

fn parse<T: DeserializeOwned>(
    table: Table,
    origin: impl Fn(&str) -> String,
) -> Result<T, ConfigError> {
    let deserializer = Value::Table(table).into_deserializer();
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let key = error.path().to_string();
        let message = plain(error.inner().message());
        ConfigError::Value { origin: origin(&key), key, message }
    })
}

/// Serde names types of this program, which tell an operator nothing.
fn plain(message: &str) -> String {
    let numbers = [("u16", "a number from 0 to 65535"), ("usize", "a number, 0 or more")];
    let named = numbers.iter().find_map(|(name, plain)| {
        let before = message.strip_suffix(name)?.strip_suffix("expected ")?;
        Some(format!("{before}expected {plain}"))
    });
    let message = named.unwrap_or_else(|| message.to_owned());
    message.replace("expected a boolean", "expected true or false")
}

/// Text of the environment as the type its key has by default; what does not fit stays text, and
/// parsing says what was expected.
fn value_like(default: &Shape, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match default {
        Shape::Bool(_) => text.parse().map_or_else(|_| as_text(), Value::Boolean),
        Shape::Number(_) => text.parse().map_or_else(|_| as_text(), Value::Integer),
        Shape::Array(_) => {
            let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
            Value::Array(parts.map(|it| Value::String(it.to_owned())).collect())
        }
        _ => as_text(),
    }
}

fn set(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../../../../config/deskbell.toml");

    fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let variables = environment.iter().map(|(name, text)| (name.into(), text.into()));
        let variables = ours(variables).map_err(|it| it.to_string())?;
        let table = file.parse().unwrap();
        Config::merge(table, Path::new("test.toml"), &variables).map_err(|it| it.to_string())
    }

    #[test]
    fn the_documented_file_holds_every_key_with_its_default() {
        let uncommented: String = DOCUMENTED
            .lines()
            .map(|line| match line.strip_prefix('#') {
                // Prose has a space after the sign, a key has none.
                Some(key) if !key.starts_with([' ', '#']) && !key.is_empty() => format!("{key}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        assert_eq!(load(&uncommented, &[]).unwrap(), Config::default());
        assert_eq!(load(DOCUMENTED, &[]).unwrap(), Config::default());

        let table: Table = uncommented.parse().unwrap();
        let shape = serde_json::to_value(Config::default()).unwrap();
        for (key, default) in shape.as_object().unwrap() {
            let documented = table.get(key).unwrap_or_else(|| panic!("{key} is not documented"));
            for inner in default.as_object().into_iter().flat_map(|it| it.keys()) {
                assert!(documented.get(inner).is_some(), "{key}.{inner} is not documented");
            }
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file = "data = \"/srv/desk\"\n[backup]\nevery = \"6h\"\nkeep = 3\n";
        let config = load(
            file,
            &[
                ("DESKBELL_BACKUP__EVERY", "2h"),
                ("DESKBELL_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
                ("DESKBELL_ALLOW_HTTP", "true"),
                ("DESKBELL_SMTP__PORT", "25"),
                ("DESKBELL_PUBLIC_URL", ""),
                ("HOME", "/root"),
            ],
        )
        .unwrap();
        assert_eq!(config.data, Path::new("/srv/desk"));
        assert_eq!(config.backup.every, Some(super::super::values::hours(2)));
        assert_eq!(config.backup.keep, 3);
        let proxies: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
        assert!(config.allow_http);
        assert_eq!(config.smtp.port, 25);
        assert_eq!(config.public_url, None);
    }

    #[test]
    fn a_wrong_value_names_its_key_and_where_it_stands() {
        let https = ("DESKBELL_PUBLIC_URL", "https://desk.example.com");
        let open = ("DESKBELL_LISTEN", "0.0.0.0:8080");
        type Case =
            (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
        let cases: [Case; 24] = [
            ("dta = \"x\"", &[], &["test.toml", "dta", "unknown field"]),
            ("[backup]\nevry = \"6h\"", &[], &["test.toml", "backup.evry"]),
            ("[backup]\nevery = \"6\"", &[], &["test.toml", "backup.every", "6h"]),
            ("[backup]\nevery = 6", &[], &["backup.every", "string"]),
            ("[backup]\nkeep = 0", &[], &["backup.keep"]),
            ("listen = \"localhost\"", &[], &["listen", "localhost", "127.0.0.1:8080"]),
            ("trusted_proxies = [\"10.0.0/8\"]", &[], &["trusted_proxies", "10.0.0/8"]),
            ("[log]\nformat = \"xml\"", &[], &["log.format", "xml"]),
            ("[log]\nlevel = \"loud=loud=loud\"", &[], &["log.level"]),
            ("[log]\nlevel = \"loud\"", &[], &["log.level", "loud", "debug"]),
            ("[log]\nlevel = \"info,dsk\"", &[], &["log.level", "dsk"]),
            ("[smtp]\nport = 99999", &[], &["smtp.port", "65535"]),
            ("[backup]\nkeep = -1", &[], &["backup.keep", "0 or more"]),
            ("allow_http = \"maybe\"", &[], &["allow_http", "true or false"]),
            ("public_url = \"desk.example.com\"", &[], &["public_url", "https://desk"]),
            ("public_url = \"https://desk.example.com/help\"", &[], &["public_url"]),
            ("[smtp]\nhost = \"mail.example.com\"", &[], &["smtp.from"]),
            ("[session]\nidle = \"8d\"", &[], &["session.idle"]),
            ("[metrics]\ntoken = \"short\"", &[], &["metrics.token"]),
            ("", &[("DESKBELL_SMTP__PORT", "many")], &["DESKBELL_SMTP__PORT", "smtp.port"]),
            ("", &[("DESKBELL_ALLOW_HTTP", "yes")], &["DESKBELL_ALLOW_HTTP", "allow_http"]),
            ("", &[("DESKBELL_DATAA", "x")], &["DESKBELL_DATAA"]),
            ("", &[("DESKBELL_BACKUP", "x")], &["DESKBELL_BACKUP"]),
            (
                "",
                &[("DESKBELL_LISTEN", "0.0.0.0:8080")],
                &["DESKBELL_LISTEN", "listen", "allow_http"],
            ),
        ];
        for (file, environment, wants) in cases {
            let message = load(file, environment).expect_err(file);
            for want in wants {
                assert!(message.contains(want), "{file:?} {environment:?}: {message}");
            }
        }
        load("", &[open, https]).unwrap();
        load("", &[open, ("DESKBELL_ALLOW_HTTP", "true")]).unwrap();
    }

    #[test]
    fn no_message_tells_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deskbell.toml");
        for text in ["[smtp]\npassword = \"canary\" oops", "[smtp]\npassword = [\"canary\"]"] {
            fs::write(&path, text).unwrap();
            let message = Config::load(Some(path.clone()), []).unwrap_err().to_string();
            assert!(!message.contains("canary"), "{message}");
        }
        let config = load("[smtp]\npassword = \"canary\"\n", &[]).unwrap();
        assert!(!format!("{config:?}").contains("canary"));
    }

    #[test]
    fn a_named_file_must_be_there() {
        let missing = Config::load(Some(PathBuf::from("/nowhere/deskbell.toml")), []);
        assert!(matches!(missing, Err(ConfigError::File { .. })));
    }
}
