//! Accounts made and mended at the server itself, by whoever may read its data folder. They work
//! beside the serving process, which notices within seconds.

use domain::{
    Timestamp,
    addresses::EmailAddress,
    agents::{Agent, Role},
    events::{Actor, Event},
    ids::AgentId,
    sessions::LinkPurpose,
    text,
    workspace::Workspace,
};
use storage::{Store, Tx, agents, events, links, sessions, workspace};

use crate::{
    DeskError, Problems, Result,
    options::Secret,
    passwords::{self, Passwords},
};

/// The workspace's name until an admin changes it in the settings.
const UNNAMED: &str = "Deskbell";

#[derive(Debug)]
pub struct NewAccount {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub password: Secret,
}

/// Makes an account that can sign in at once. The first one also makes the workspace and closes
/// the set-up link.
pub async fn create(store: &Store, it: NewAccount, now: Timestamp) -> Result<Agent> {
    let mut problems = Problems::default();
    let name = problems.check("name", text::line(&it.name, 120));
    let email = problems.check("email", EmailAddress::parse(&it.email));
    problems.check("password", passwords::check(it.password.reveal()));
    problems.finish()?;
    let (Some(name), Some(email)) = (name, email) else {
        return Err(DeskError::Internal("a problem went unnoticed".to_owned()));
    };
    let password_hash = Passwords::new().hash(&it.password).await?;
    let agent = Agent {
        id: AgentId::new(),
        name,
        email,
        role: it.role,
        is_active: true,
        has_password: true,
        last_seen_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    store
        .write(move |tx| {
            if let Some(other) = agents::find_by_email(tx, &agent.email)? {
                return Err(DeskError::Conflict {
                    message: "an agent with this address exists already".to_owned(),
                    existing_id: Some(other.id.0),
                });
            }
            if workspace::find(tx)?.is_none() {
                if agent.role != Role::Admin {
                    return Err(DeskError::conflict("the first account must be an admin"));
                }
                workspace::put(tx, &Workspace::new(UNNAMED.to_owned(), now))?;
            }
            links::delete_of(tx, LinkPurpose::Setup, None)?;
            agents::insert(tx, &agent, Some(&password_hash))?;
            let event = Event::AgentCreated { agent_id: agent.id };
            events::append(tx, None, event, Actor::System, now)?;
            Ok(agent)
        })
        .await
}

/// Gives an agent a new password and ends all their sessions and open links.
pub async fn reset_password(
    store: &Store,
    email: &str,
    password: Secret,
    now: Timestamp,
) -> Result<Agent> {
    let mut problems = Problems::default();
    let email = problems.check("email", EmailAddress::parse(email));
    problems.check("password", passwords::check(password.reveal()));
    problems.finish()?;
    let Some(email) = email else {
        return Err(DeskError::Internal("a problem went unnoticed".to_owned()));
    };
    let password_hash = Passwords::new().hash(&password).await?;
    store.write(move |tx| replace_password(tx, &email, &password_hash, now)).await
}

fn replace_password(
    tx: &Tx<'_>,
    email: &EmailAddress,
    password_hash: &str,
    now: Timestamp,
) -> Result<Agent> {
    let agent = agents::find_by_email(tx, email)?.ok_or(DeskError::NotFound("agent"))?;
    agents::set_password_hash(tx, agent.id, password_hash, now)?;
    sessions::delete_of(tx, agent.id, None)?;
    links::delete_all_of(tx, agent.id)?;
    let event = Event::PasswordChanged { agent_id: agent.id };
    events::append(tx, None, event, Actor::System, now)?;
    Ok(agent)
}

/// Everyone with an account.
pub async fn list(store: &Store) -> Result<Vec<Agent>> {
    store.read(|db| Ok(agents::list(db)?)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::Verdict;

    const NOW: Timestamp = Timestamp(1_780_000_000_000);

    fn ann(email: &str) -> NewAccount {
        NewAccount {
            name: "Ann".to_owned(),
            email: email.to_owned(),
            role: Role::Admin,
            password: Secret::new("a long enough password"),
        }
    }

    #[tokio::test]
    async fn an_account_is_made_once_and_gets_a_new_password() {
        let folder = tempfile::tempdir().unwrap();
        let _serving = Store::open(storage::Options::new(folder.path())).unwrap();
        let store = Store::open_beside(folder.path()).unwrap();
        let made = create(&store, ann("Ann@Example.com"), NOW).await.unwrap();
        let again = create(&store, ann("ann@example.com"), NOW).await;
        assert!(matches!(again, Err(DeskError::Conflict { .. })), "{again:?}");
        assert_eq!(list(&store).await.unwrap(), std::slice::from_ref(&made));

        let new = Secret::new("another long password");
        reset_password(&store, "ann@example.com", new.clone(), NOW).await.unwrap();
        let id = made.id;
        let hash = store.read(move |db| agents::password_hash(db, id)).await.unwrap();
        assert_eq!(Passwords::new().verify(&new, hash).await.unwrap(), Verdict::Right);
        let nobody = reset_password(&store, "bob@example.com", new, NOW).await;
        assert!(matches!(nobody, Err(DeskError::NotFound(_))), "{nobody:?}");
    }

    #[tokio::test]
    async fn what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(storage::Options::new(folder.path())).unwrap();
        let bad = NewAccount { password: Secret::new("short"), ..ann("nobody") };
        let Err(DeskError::Invalid(details)) = create(&store, bad, NOW).await else {
            panic!("a bad account was made");
        };
        let fields: Vec<_> = details.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["email", "password"]);
    }
}
