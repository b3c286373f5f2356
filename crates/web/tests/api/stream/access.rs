//! Who may listen, how many, and until when.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use desk::agents::{self, Changes};
use domain::{agents::Role, events::Actor};
use serde_json::json;

use super::ear::Ear;
use crate::app::{Client, PASSWORD, TestApp};

/// By then nobody hears anything who may not.
const SOON: Duration = Duration::from_secs(5);

async fn listening(client: &Client) -> Ear {
    let mut ear = Ear::open(client, None).await;
    ear.ready().await;
    ear
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_it() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let (id, ben) = app.add(Role::Agent, "ben@example.com").await;
    let mut other = listening(&admin).await;

    let mut ear = listening(&ben).await;
    let began = Instant::now();
    assert_eq!(ben.post_nothing("/api/auth/logout").await.status, 200);
    ear.end().await;

    let ben = app.sign_in("ben@example.com").await;
    let mut ear = listening(&ben).await;
    agents::set_role(&app.desk, id, Role::Admin, Actor::System).await.unwrap();
    ear.end().await;

    let ben = app.sign_in("ben@example.com").await;
    let mut ear = listening(&ben).await;
    let change = Changes { is_active: Some(false), ..Changes::default() };
    agents::change(&app.desk, id, change, Actor::System).await.unwrap();
    ear.end().await;
    assert!(began.elapsed() < SOON);
    assert_eq!(Ear::open(&ben, None).await.status, 401);

    // All the while the other one heard what happened.
    while other.next("agent_changed").await.data["fields"] != json!(["is_active"]) {}
}

#[tokio::test]
async fn a_key_listens_until_it_is_revoked_and_is_nobody_online() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let new = json!({ "name": "Screen", "role": "agent", "current_password": PASSWORD });
    let made = admin.post("/api/keys", new).await.body;
    let bearer = format!("Bearer {}", made["key"].as_str().unwrap());
    let key = app.nobody().with("authorization", &bearer);
    let mut ear = listening(&key).await;
    let id = app.admin_id().await;
    assert!(!app.desk.listeners.is_online(id, None, app.clock.now()));
    let path = format!("/api/keys/{}", made["id"].as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 200);
    ear.end().await;
    assert_eq!(Ear::open(&key, None).await.status, 401);
}

#[tokio::test]
async fn what_the_command_line_takes_away_is_noticed_soon() {
    let app = TestApp::spawn().await;
    let (id, ben) = app.add(Role::Agent, "ben@example.com").await;
    let mut ear = listening(&ben).await;
    let began = Instant::now();
    // As another process would: nobody tells this one.
    app.write(move |tx| Ok(storage::sessions::delete_of(tx, id, None)?)).await;
    ear.end().await;
    assert!(began.elapsed() < SOON);
}

#[tokio::test]
async fn a_stream_alone_does_not_keep_a_session() {
    let app = TestApp::spawn().await;
    let (_, ben) = app.add(Role::Agent, "ben@example.com").await;
    let mut ear = listening(&ben).await;
    app.clock.advance(app.desk.options.session_idle);
    ear.end().await;
    assert_eq!(Ear::open(&ben, None).await.status, 401);
}

#[tokio::test]
async fn sessions_agents_and_everybody_have_a_limit() {
    let app = TestApp::spawn_with(|_, web| {
        let limits = &mut web.stream.limits;
        (limits.of_one_session, limits.of_one_agent, limits.of_everybody) = (2, 3, 4);
        web.stream.heartbeat = Duration::from_millis(50);
    })
    .await;
    let admin = app.admin().await;
    let (_, ben) = app.add(Role::Agent, "ben@example.com").await;
    let again = app.sign_in("ben@example.com").await;
    let first = listening(&ben).await;
    let _second = listening(&ben).await;
    assert_eq!(Ear::open(&ben, None).await.status, 429, "of the session");
    let _third = listening(&again).await;
    let refused = again.get("/sse").await;
    assert_eq!(refused.status, 429, "of the agent");
    assert_eq!(refused.body, json!({ "error": "you have too many live streams open; close some" }));
    let _fourth = listening(&admin).await;
    let refused = admin.get("/sse").await;
    assert_eq!(refused.status, 503, "of everybody");
    assert!(refused.headers.contains_key("retry-after"));

    drop(first);
    while app.desk.listeners.count() > 3 {
        tokio::task::yield_now().await;
    }
    listening(&ben).await;
}

#[tokio::test]
async fn a_quiet_stream_beats() {
    let app = TestApp::spawn_with(|_, web| web.stream.heartbeat = Duration::from_millis(20)).await;
    let admin = app.admin().await;
    let mut ear = listening(&admin).await;
    ear.next("counters").await;
    let desk = app.desk.clone();
    let ending = async {
        // Beats are real time; the stream is ended once some must have come.
        tokio::time::timeout(Duration::from_millis(300), std::future::pending::<()>()).await.ok();
        desk.listeners.end();
    };
    tokio::join!(ear.end(), ending);
    assert!(ear.beats >= 2, "{}", ear.beats);
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let app = Arc::new(TestApp::spawn().await);
    let admin = app.admin().await;
    let mut ear = listening(&admin).await;
    let began = Instant::now();
    tokio::join!(app.stop(), ear.end());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_listens_is_online_until_they_leave() {
    let app = TestApp::spawn_with(|_, web| web.stream.heartbeat = Duration::from_millis(50)).await;
    let (ben, client) = app.add(Role::Agent, "ben@example.com").await;
    let online = async || {
        let people = app.admin().await.get("/api/assignees").await.body;
        let people = people["data"].as_array().unwrap().clone();
        people.into_iter().find(|it| it["id"] == ben.to_string()).unwrap()["online"] == true
    };
    let ear = listening(&client).await;
    app.clock.advance(Duration::from_secs(30 * 60));
    assert!(online().await, "listens, though it asked nothing for half an hour");
    drop(ear);
    while app.desk.listeners.count() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(online().await, "may be loading anew");
    app.clock.advance(Duration::from_secs(16));
    assert!(!online().await);
    client.get("/api/tags").await;
    app.wait_until_seen(&client).await;
    assert!(online().await, "works without listening");
}
