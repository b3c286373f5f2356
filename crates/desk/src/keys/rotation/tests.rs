//! Rotations that end, that are cut off, and that are refused.

use std::{fs, path::PathBuf};

use domain::{
    addresses::EmailAddress,
    agents::Agent,
    channels::{Channel, ChannelType},
    conversations::Conversation,
    ids::{AgentId, ChannelId, ContactId, ConversationId},
    jobs::JobKind,
    sessions::LinkPurpose,
};
use storage::{audit, jobs};
use tempfile::TempDir;

use super::*;
use crate::{
    Clock, Desk, Options,
    keys::Purpose,
    options::{Secret, SystemMail},
    secrets::{self as sealed, Change},
    threading,
    tokens::Token,
};

const NOW: Timestamp = Timestamp(1_780_000_000_000);
const SECRETS: [&str; 2] = ["imap.password", "smtp.password"];

struct Place {
    _folder: TempDir,
    data: PathBuf,
    store: Store,
    channel: ChannelId,
}

impl Place {
    /// A desk with a mailbox and its passwords.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let store = Store::open(storage::Options::new(&data)).unwrap();
        let channel = Channel {
            id: ChannelId::new(),
            kind: ChannelType::Email,
            name: "Support".to_owned(),
            config: serde_json::json!({ "address": "desk@example.com" }),
            is_active: true,
            created_at: NOW,
            updated_at: NOW,
            deleted_at: None,
        };
        let place = Self { _folder: folder, data, store, channel: channel.id };
        let keys = place.keys();
        let work = move |tx: &Tx<'_>| {
            channels::insert(tx, &channel)?;
            let set = SECRETS.map(|name| Change { name, to: Some(Secret::new(name)) });
            sealed::apply(tx, &keys, channel.id.0, &set, NOW)
        };
        place.store.write_blocking(work).unwrap();
        place
    }

    fn folder(&self) -> PathBuf {
        self.data.join(backups::KEYS)
    }

    /// As a start of the server reads them.
    fn keys(&self) -> Keys {
        settle(&self.store, &self.folder()).unwrap();
        Keys::open(&self.folder(), self.store.read_blocking(secrets::any).unwrap()).unwrap()
    }

    fn rotate(&self) -> Result<Rotated, RotationError> {
        rotate(&self.store, &self.data, NOW)
    }

    /// The passwords, as far as these keys open them.
    fn opened(&self, keys: &Keys) -> Vec<String> {
        let (keys, owner) = (keys.clone(), self.channel.0);
        let read = self.store.read_blocking(move |db| {
            let open = |name: &str| sealed::open(db, &keys, owner, name).ok().flatten();
            let found = SECRETS.iter().filter_map(|name| open(name));
            Ok::<_, StoreError>(found.map(|it| it.reveal().to_owned()).collect())
        });
        read.unwrap()
    }

    fn has_next(&self) -> bool {
        self.folder().join(NEXT).exists()
    }
}

#[test]
fn everything_is_sealed_with_the_new_key_and_the_old_one_is_gone() {
    let place = Place::new();
    let old = place.keys();
    let rotated = place.rotate().unwrap();
    let new = place.keys();
    assert_eq!((rotated.before.as_str(), rotated.after.as_str()), (old.id(), new.id()));
    assert_ne!(old.id(), new.id());
    assert_eq!(rotated.secrets, 2);
    assert_eq!(place.opened(&new), SECRETS);
    assert_eq!(place.opened(&old), [""; 0]);
    assert!(!place.has_next());
    let id = new.id().to_owned();
    assert!(!place.store.read_blocking(move |db| secrets::sealed_otherwise(db, &id)).unwrap());

    let newest =
        place.store.read_blocking(|db| audit::page(db, &audit::Filter::default(), None, 0, 1));
    let entry = newest.unwrap().0.remove(0);
    assert_eq!((entry.action.as_str(), entry.actor), ("master_key_rotated", Actor::System));
    let want = serde_json::json!({"key_before": old.id(), "key_after": new.id(), "secrets": 2});
    assert_eq!(serde_json::Value::Object(entry.details), want);
}

#[test]
fn what_was_signed_to_last_is_known_after_many_rotations() {
    let place = Place::new();
    let channel = (place.channel, ChannelType::Email);
    let id = ConversationId::new();
    let mut it = Conversation::open(id, channel, ContactId::new(), None, NOW);
    it.number = 7;
    let first = place.keys();
    let (marker, header) =
        (threading::body_token(&first, &it), threading::loop_header(&first, place.channel));
    let file = first.sign(Purpose::AttachmentLink, &[b"x"]);
    for _ in 0..8 {
        place.rotate().unwrap();
        let keys = place.keys();
        assert!(threading::leads_to(&keys, Purpose::BodyMarker, &marker, &it));
        assert!(threading::is_our_loop(&keys, &header));
        assert!(!threading::leads_to(&keys, Purpose::ReplyAddress, &marker, &it));
        assert!(!keys.verify(Purpose::AttachmentLink, &[b"x"], &file), "a link of minutes");
    }
    place.rotate().unwrap();
    assert!(!threading::leads_to(&place.keys(), Purpose::BodyMarker, &marker, &it));
}

#[test]
fn a_rotation_that_is_cut_off_leaves_one_key_that_fits() {
    for rotated_before in [false, true] {
        let place = Place::new();
        if rotated_before {
            place.rotate().unwrap();
        }
        let (current, next) = (place.folder().join(FILE), place.folder().join(NEXT));
        let old = place.keys();

        // While the new key was written, at each length, and when it was whole.
        let whole = fs::read(&current).unwrap();
        let successor = old.successor().unwrap();
        for length in [0, 1, 20, whole.len() - 3] {
            fs::write(&next, &whole[..length]).unwrap();
            assert_eq!(place.opened(&place.keys()), SECRETS, "{rotated_before} {length}");
            assert!(!place.has_next());
        }
        successor.write_new(&next).unwrap();
        assert_eq!(place.keys().id(), old.id(), "{rotated_before}");
        assert!(!place.has_next());

        // After the commit, before the new key took the old one's place.
        place.rotate().unwrap();
        let new = place.keys();
        fs::rename(&current, &next).unwrap();
        fs::write(&current, &whole).unwrap();
        assert_eq!(place.keys().id(), new.id(), "{rotated_before}");
        assert_eq!(place.opened(&place.keys()), SECRETS);
        assert!(!place.has_next());

        // A key that is needed and damaged is not thrown away.
        fs::write(&current, &whole).unwrap();
        fs::write(&next, "c2hvcnQ=").unwrap();
        let settled = settle(&place.store, &place.folder());
        assert!(matches!(settled, Err(RotationError::Key(KeyError::Damaged(_)))), "{settled:?}");
        assert!(place.has_next());
    }
}

#[test]
fn a_secret_that_cannot_be_opened_is_named_and_nothing_changes() {
    let place = Place::new();
    let (old, owner) = (place.keys(), place.channel.0);
    let spoil = move |tx: &Tx<'_>| {
        let mut it = secrets::find(tx, owner, "smtp.password")?.unwrap();
        it.ciphertext[0] ^= 1;
        secrets::reseal(tx, owner, "smtp.password", &it)
    };
    place.store.write_blocking::<_, StoreError>(spoil).unwrap();
    let refused = place.rotate().unwrap_err().to_string();
    assert!(refused.contains("smtp.password of the channel Support"), "{refused}");
    assert!(!refused.contains("imap.password"), "{refused}");
    assert_eq!(place.keys().id(), old.id());
    assert!(!place.has_next());
    assert_eq!(place.opened(&old), ["imap.password"]);
}

#[test]
fn a_backup_of_before_is_restored_with_its_own_key() {
    let place = Place::new();
    let archive = place.data.with_file_name("backup.tar");
    let old = place.keys();
    backups::write(&place.store, &place.data, &archive, NOW).unwrap();
    place.rotate().unwrap();

    let target = place.data.with_file_name("restored");
    backups::restore(&archive, &target).unwrap();
    let store = Store::open(storage::Options::new(&target)).unwrap();
    let _folder = tempfile::tempdir().unwrap();
    let restored = Place { _folder, data: target, store, channel: place.channel };
    assert_eq!(restored.keys().id(), old.id());
    assert_eq!(restored.opened(&restored.keys()), SECRETS);
}

#[test]
fn a_backup_in_the_making_is_waited_for() {
    let place = Place::new();
    let turn = backups::take_turn(&place.data).unwrap();
    let refused = place.rotate();
    assert!(matches!(refused, Err(RotationError::Backup(BackupError::Running))), "{refused:?}");
    drop(turn);
    place.rotate().unwrap();
}

fn mail_server() -> SystemMail {
    SystemMail {
        from_name: "Desk".to_owned(),
        from_address: "desk@desk.example".to_owned(),
        host: "localhost".to_owned(),
        port: 25,
        security: "none".to_owned(),
        username: None,
        password: None,
    }
}

#[test]
fn an_invitation_that_has_not_left_leaves_with_its_link() {
    let place = Place::new();
    let options = Options {
        public_url: Some("https://desk.example".parse().unwrap()),
        system_mail: Some(mail_server()),
        ..Options::new(&place.data)
    };
    let desk = Desk::new(place.store.clone(), Clock::manual(NOW), place.keys(), options);
    let ben = Agent {
        id: AgentId::new(),
        name: "Ben".to_owned(),
        email: EmailAddress::parse("ben@desk.example").unwrap(),
        role: domain::agents::Role::Agent,
        is_active: true,
        has_password: false,
        last_seen_at: None,
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    };
    let token = Token::random();
    let (writer, agent, sent) = (desk.clone(), ben.clone(), token.clone());
    let work = move |tx: &Tx<'_>| {
        storage::agents::insert(tx, &agent, None)?;
        let (purpose, until) = (LinkPurpose::Invitation, NOW.plus_seconds(3_600));
        storage::links::put(tx, purpose, Some(agent.id), &sent.hash(), NOW, until)?;
        system_mail::enqueue(&writer, tx, purpose, &agent, &sent, NOW)
    };
    place.store.write_blocking(work).unwrap();
    place.rotate().unwrap();

    let desk = Desk { keys: place.keys(), ..desk };
    let find = move |db: &storage::Reader<'_>| jobs::find(db, JobKind::SendSystemMail, ben.id.0);
    let job = place.store.read_blocking(find).unwrap().unwrap();
    let composing = system_mail::compose(&desk, &job);
    let mail = tokio::runtime::Runtime::new().unwrap().block_on(composing).unwrap().unwrap();
    assert!(mail.text.contains(token.reveal()), "{}", mail.text);
}
