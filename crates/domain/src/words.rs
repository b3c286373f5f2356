//! Closed sets of words that are stored and sent: a status, a role, a channel type.

/// A word that is not in its set, e.g. `status=closed`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {set} \"{word}\"; one of {}", known.join(", "))]
pub struct UnknownWord {
    pub set: &'static str,
    pub word: String,
    pub known: Vec<&'static str>,
}

/// Declares an enum whose words stand once, with `ALL`, `as_str`, `Display` and `FromStr`.
///
/// The words are also the stored form: changing one needs a migration.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $set:literal, { $($(#[$vdoc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|it| it.as_str() == word).ok_or_else(|| {
                    $crate::words::UnknownWord {
                        set: $set,
                        word: word.chars().take(60).collect(),
                        known: Self::ALL.iter().map(|it| it.as_str()).collect(),
                    }
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    fn there_and_back<T: FromStr + Copy + PartialEq + std::fmt::Debug>(
        all: &[T],
        word: impl Fn(T) -> &'static str,
    ) {
        for it in all {
            assert_eq!(T::from_str(word(*it)).ok(), Some(*it));
        }
        assert!(T::from_str("").is_err() && T::from_str("no such word").is_err());
    }

    #[test]
    fn every_word_is_read_back_as_its_variant() {
        use crate::{
            agents::Role,
            api_keys::Dialect,
            audit::ObjectKind,
            automations::{Effect, Field, Operator, Quantifier, RunOutcome, Trigger},
            channels::ChannelType,
            conversations::{Priority, Status},
            imports::{Duplicates, ImportStatus},
            jobs::JobState,
            mails::Fate,
            messages::{DeliveryStatus, Direction, MessageType, SenderType},
            presence::Activity,
            sessions::LinkPurpose,
            variables::Variable,
        };
        there_and_back(Trigger::ALL, Trigger::as_str);
        there_and_back(Field::ALL, Field::as_str);
        there_and_back(Operator::ALL, Operator::as_str);
        there_and_back(Quantifier::ALL, Quantifier::as_str);
        there_and_back(RunOutcome::ALL, RunOutcome::as_str);
        there_and_back(Effect::ALL, Effect::as_str);
        there_and_back(ImportStatus::ALL, ImportStatus::as_str);
        there_and_back(Duplicates::ALL, Duplicates::as_str);
        there_and_back(Role::ALL, Role::as_str);
        there_and_back(Dialect::ALL, Dialect::as_str);
        there_and_back(Activity::ALL, Activity::as_str);
        there_and_back(ObjectKind::ALL, ObjectKind::as_str);
        there_and_back(LinkPurpose::ALL, LinkPurpose::as_str);
        there_and_back(ChannelType::ALL, ChannelType::as_str);
        there_and_back(Priority::ALL, Priority::as_str);
        there_and_back(Status::ALL, Status::as_str);
        there_and_back(JobState::ALL, JobState::as_str);
        there_and_back(Fate::ALL, Fate::as_str);
        there_and_back(DeliveryStatus::ALL, DeliveryStatus::as_str);
        there_and_back(Direction::ALL, Direction::as_str);
        there_and_back(MessageType::ALL, MessageType::as_str);
        there_and_back(SenderType::ALL, SenderType::as_str);
        there_and_back(Variable::ALL, Variable::as_str);
    }
}
