//! How single values are written: durations like "6h", empty text for "not set", secrets.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Serialize, Serializer};

/// A value that never appears in a log or an error message.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

impl Secret {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

pub fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

fn parse_duration(text: &str) -> Result<Duration, String> {
    let parsed = UNITS.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*seconds).map(Duration::from_secs)
    });
    parsed
        .ok_or_else(|| format!("{text:?} is no duration; write it like \"30m\", \"6h\" or \"7d\""))
}

fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    UNITS
        .iter()
        .find(|(_, unit)| seconds >= *unit && seconds.is_multiple_of(*unit))
        .map_or_else(|| "0s".to_owned(), |(name, unit)| format!("{}{name}", seconds / unit))
}

/// An IP address and a port.
pub mod address {
    use std::net::SocketAddr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| {
            D::Error::custom(format!(
                "{text:?} is no IP address with a port; write it like \"127.0.0.1:8080\""
            ))
        })
    }

    pub fn serialize<S: Serializer>(value: &SocketAddr, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }
}

/// A URL, or empty text.
pub mod optional_url {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use url::Url;

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        // Not the text itself: it may hold a password.
        text.parse()
            .map(Some)
            .map_err(|_| D::Error::custom("must look like https://desk.example.com"))
    }

    pub fn serialize<S: Serializer>(value: &Option<Url>, to: S) -> Result<S::Ok, S::Error> {
        super::optional::serialize(value, to)
    }
}

/// Empty text means "not set", so that the documented defaults and an environment can say so.
pub mod optional {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::{FromStr, Serialize, fmt};

    pub fn deserialize<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: fmt::Display>,
    {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        // Not the text itself: it may be a secret.
        text.parse().map(Some).map_err(D::Error::custom)
    }

    pub fn serialize<S: Serializer, T: fmt::Display>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().map(ToString::to_string).serialize(to)
    }
}

/// Networks such as 10.0.0.0/8; an address alone is a network of one.
pub mod networks {
    use std::net::IpAddr;

    use ipnet::IpNet;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
        let parse = |text: String| {
            let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| {
                D::Error::custom(format!("{text:?} is no network; write it like \"10.0.0.0/8\""))
            })
        };
        Vec::<String>::deserialize(from)?.into_iter().map(parse).collect()
    }

    pub fn serialize<S: Serializer>(list: &[IpNet], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list.iter().map(ToString::to_string))
    }
}

pub mod duration {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Duration;

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        super::parse_duration(&String::deserialize(from)?).map_err(D::Error::custom)
    }

    pub fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::duration_text(*value))
    }
}

pub mod optional_duration {
    use serde::{Deserialize, Deserializer, de::Error};

    use super::{Duration, Serialize, Serializer};

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        super::parse_duration(&text).map(Some).map_err(D::Error::custom)
    }

    pub fn serialize<S: Serializer>(value: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        value.map(super::duration_text).serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let cases = [
            ("90s", Some(90)),
            ("30m", Some(1_800)),
            ("6h", Some(21_600)),
            ("7d", Some(604_800)),
            ("0s", Some(0)),
            ("6", None),
            ("h", None),
            ("-1h", None),
            ("1.5h", None),
            ("6 hours", None),
            ("99999999999999999999d", None),
            ("999999999999999999d", None),
        ];
        for (text, want) in cases {
            assert_eq!(parse_duration(text).ok().map(|it| it.as_secs()), want, "{text}");
        }
        for text in ["90s", "30m", "6h", "7d", "0s"] {
            assert_eq!(duration_text(parse_duration(text).unwrap()), text);
        }
    }

    #[test]
    fn a_secret_shows_nothing() {
        let secret: Secret = "hunter2".parse().unwrap();
        assert_eq!(format!("{secret:?} {secret}"), "[secret] [secret]");
        assert_eq!(secret.reveal(), "hunter2");
    }
}
