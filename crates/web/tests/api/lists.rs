//! Lists against a plain model: whatever is done and asked, each row is seen once, in order, and
//! every total is right.

use std::collections::BTreeSet;

use domain::ids::{AgentId, ChannelId, ConversationId};
use serde_json::{Value, json};

use crate::{
    app::{Client, TestApp},
    inbox::Letter,
};

/// The same numbers in every run (xorshift64).
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn upto(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.upto(from.len())]
    }
}

struct World {
    app: TestApp,
    admin: Client,
    me: AgentId,
    ben: AgentId,
    channels: Vec<ChannelId>,
    conversations: Vec<ConversationId>,
}

impl World {
    async fn new(size: usize, dice: &mut Dice) -> Self {
        let app = TestApp::spawn().await;
        let admin = app.admin().await;
        let me = app.admin_id().await;
        let (ben, _) = app.add(domain::agents::Role::Agent, "ben@example.com").await;
        let channels = vec![
            app.channel("One").await,
            app.channel("Two").await,
            app.channel_of(domain::channels::ChannelType::Sms, "Three").await,
        ];
        let mut world =
            Self { app, admin, me, ben, channels, conversations: Vec::with_capacity(size) };
        for _ in 0..size {
            let channel = *dice.pick(&world.channels);
            let from = format!("customer{}@x.example", dice.upto(5));
            let letter = Letter::new(&from, "the same words");
            let id = world.app.letter(channel, letter).await;
            world.conversations.push(id);
            // Several share an instant, so that the number decides.
            if dice.upto(3) == 0 {
                world.app.clock.advance(std::time::Duration::from_secs(1));
            }
        }
        world
    }

    /// Does something random to a random conversation.
    async fn stir(&self, dice: &mut Dice) {
        let id = *dice.pick(&self.conversations);
        let path = format!("/api/conversations/{id}");
        let statuses = ["open", "pending", "snoozed", "resolved"];
        let answer = match dice.upto(9) {
            0 | 1 => {
                let status = *dice.pick(&statuses);
                let until = (status == "snoozed").then_some("2026-03-01T00:00:00Z");
                let body = json!({ "status": status, "snoozed_until": until });
                self.admin.post(&format!("{path}/status"), body).await
            }
            2 => {
                let to = *dice.pick(&[Some(self.me), Some(self.ben), None]);
                self.admin.post(&format!("{path}/assign"), json!({ "agent_id": to })).await
            }
            3 => {
                let tag = *dice.pick(&["Billing", "urgent", "bug"]);
                self.admin.post(&format!("{path}/tags"), json!({ "tag": tag })).await
            }
            4 => self.admin.get(&path).await,
            5 => self.admin.patch(&path, json!({ "spam": dice.upto(3) == 0 })).await,
            6 => self.admin.patch(&path, json!({ "unread": dice.upto(2) == 0 })).await,
            7 => {
                let body = json!({ "text": "a note", "private": true });
                self.admin.post(&format!("{path}/messages"), body).await
            }
            _ => {
                self.app.clock.advance(std::time::Duration::from_secs(1));
                self.app.answer(id, Letter::new("customer1@x.example", "the same words")).await;
                return;
            }
        };
        assert!(answer.status < 300, "{}", answer.text);
    }

    /// Every conversation as it is shown, without changing any.
    async fn everything(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for spam in [false, true] {
            for page in 1.. {
                let path = format!("/api/conversations?per_page=100&page={page}&spam={spam}");
                let answer = self.admin.get(&path).await;
                all.extend(answer.body["data"].as_array().unwrap().iter().cloned());
                if answer.body["pagination"]["has_more"] == false {
                    break;
                }
            }
        }
        all
    }
}

type Rule = Box<dyn Fn(&Value) -> bool>;

/// A query and the rule it stands for.
struct Asked {
    query: String,
    matches: Rule,
    sort: &'static str,
}

fn asked(world: &World, dice: &mut Dice) -> Asked {
    let mut query = Vec::new();
    let mut rules: Vec<Rule> = Vec::new();
    let mut add = |text: String, rule: Rule| {
        query.push(text);
        rules.push(rule);
    };
    if dice.upto(2) == 0 {
        let want = *dice.pick(&["open", "pending", "snoozed", "resolved"]);
        add(format!("status={want}"), Box::new(move |it| it["status"] == want));
    }
    if dice.upto(4) == 0 {
        let want = *dice.pick(&["email", "sms", "viber"]);
        add(format!("channel_type={want}"), Box::new(move |it| it["channel_type"] == want));
    }
    if dice.upto(4) == 0 {
        let want = dice.pick(&world.channels).to_string();
        let text = format!("channel_id={want}");
        add(text, Box::new(move |it| it["channel_id"] == want.as_str()));
    }
    if dice.upto(4) == 0 {
        let want = *dice.pick(&["BILLING", "Urgent", "never"]);
        let has = move |it: &Value| {
            let tags = it["tags"].as_array().unwrap();
            tags.iter().any(|it| it.as_str().unwrap().eq_ignore_ascii_case(want))
        };
        add(format!("tag={want}"), Box::new(has));
    }
    if dice.upto(3) == 0 {
        let (text, want) = match dice.upto(3) {
            0 => ("me".to_owned(), json!(world.me)),
            1 => (world.ben.to_string(), json!(world.ben)),
            _ => ("none".to_owned(), Value::Null),
        };
        let text = format!("assigned_to={text}");
        add(text, Box::new(move |it| it["assigned_agent_id"] == want));
    }
    if dice.upto(4) == 0 {
        let want = dice.upto(2) == 0;
        let text = format!("unread={want}");
        add(text, Box::new(move |it| (it["unread_count"].as_u64().unwrap() > 0) == want));
    }
    if dice.upto(6) == 0 {
        let want = "customer1@x.example";
        add("search=customer1".to_owned(), Box::new(move |it| it["contact"]["email"] == want));
    }
    let spam = dice.upto(5) == 0;
    let text = if spam { "spam=true".to_owned() } else { "nonsense=1".to_owned() };
    add(text, Box::new(move |it| it["spam"] == spam));
    let sort = *dice.pick(&["newest", "newest", "oldest", "waiting"]);
    if sort == "waiting" {
        add(String::new(), Box::new(|it| it["waiting_since"].is_string()));
    }
    query.push(format!("sort={sort}"));
    let matches = Box::new(move |it: &Value| rules.iter().all(|rule| rule(it)));
    Asked { query: query.join("&"), matches, sort }
}

/// The ids in the order the list should have.
fn expected(everything: &[Value], asked: &Asked) -> Vec<String> {
    let mut found: Vec<&Value> = everything.iter().filter(|it| (asked.matches)(it)).collect();
    let key = |it: &Value| {
        let at = match asked.sort {
            "waiting" => &it["waiting_since"],
            _ => &it["last_message"]["created_at"],
        };
        (at.as_str().unwrap().to_owned(), it["number"].as_i64().unwrap())
    };
    found.sort_by_key(|it| key(it));
    if asked.sort == "newest" {
        found.reverse();
    }
    found.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

/// Reads a list to its end, by page number or by cursor.
async fn walk(client: &Client, query: &str, by_cursor: bool) -> (Vec<String>, Vec<Value>) {
    let (mut ids, mut totals) = (Vec::new(), Vec::new());
    let mut place = String::new();
    for page in 2.. {
        let path = format!("/api/conversations?{query}&per_page=7{place}");
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let data = answer.body["data"].as_array().unwrap();
        ids.extend(data.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        let pagination = &answer.body["pagination"];
        totals.push(pagination["total"].clone());
        if pagination["has_more"] == false {
            assert_eq!(pagination["next_cursor"], Value::Null);
            return (ids, totals);
        }
        place = match by_cursor {
            true => format!("&cursor={}", pagination["next_cursor"].as_str().unwrap()),
            false => format!("&page={page}"),
        };
        assert!(page < 100, "{path} never ends");
    }
    unreachable!("the loop returns")
}

#[tokio::test]
async fn every_list_is_what_a_plain_filter_and_sort_would_be() {
    let mut dice = Dice::new();
    let world = World::new(40, &mut dice).await;
    for _ in 0..120 {
        world.stir(&mut dice).await;
    }
    assert_eq!(world.app.count_differences().await, 0);
    let everything = world.everything().await;
    assert_eq!(everything.len(), world.conversations.len());
    for _ in 0..60 {
        let asked = asked(&world, &mut dice);
        let want = expected(&everything, &asked);
        let is_search = asked.query.contains("search=");
        for by_cursor in [false, true] {
            let (ids, totals) = walk(&world.admin, &asked.query, by_cursor).await;
            if is_search && asked.sort == "newest" {
                // Newest match first is another order; the rows are the same.
                let found: BTreeSet<_> = ids.iter().collect();
                assert_eq!(found.len(), ids.len(), "{}: a row twice", asked.query);
                assert_eq!(found, want.iter().collect(), "{}", asked.query);
            } else {
                assert_eq!(ids, want, "{} by cursor: {by_cursor}", asked.query);
            }
            for total in totals.iter().filter(|it| !it.is_null()) {
                assert_eq!(*total, want.len(), "{}", asked.query);
            }
        }
    }
}

#[tokio::test]
async fn the_counters_are_the_totals_of_the_lists() {
    let mut dice = Dice::new();
    let world = World::new(25, &mut dice).await;
    for _ in 0..60 {
        world.stir(&mut dice).await;
    }
    let counts = world.admin.get("/api/conversations/counts").await.body;
    let mut pairs = vec![
        (counts["all"].clone(), "x=".to_owned()),
        (counts["mine"].clone(), "assigned_to=me".to_owned()),
        (counts["unassigned"].clone(), "assigned_to=none".to_owned()),
        (counts["unread"].clone(), "unread=true".to_owned()),
        (counts["spam"].clone(), "spam=true".to_owned()),
    ];
    for (list, name) in [("channels", "channel_id"), ("assignees", "assigned_to")] {
        for it in counts[list].as_array().unwrap() {
            let query = format!("{name}={}", it["id"].as_str().unwrap());
            pairs.push((it["counts"].clone(), query));
        }
    }
    assert_eq!(pairs.len(), 5 + 3 + 2);
    for (tally, query) in pairs {
        for status in ["", "open", "pending", "snoozed", "resolved"] {
            let filter = if status.is_empty() { "" } else { "&status=" };
            let path = format!("/api/conversations?{query}{filter}{status}");
            let total = world.admin.get(&path).await.body["pagination"]["total"].clone();
            let name = if status.is_empty() { "total" } else { status };
            assert_eq!(tally[name], total, "{path}");
        }
    }
    let tags = world.admin.get("/api/tags").await.body;
    let plain = |it: &Value| json!({ "id": it["id"], "name": it["name"], "color": it["color"] });
    let listed: Vec<Value> = tags["data"].as_array().unwrap().iter().map(plain).collect();
    assert_eq!(counts["tags"], json!(listed));
}

#[tokio::test]
async fn a_bad_parameter_is_a_400_that_names_it() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let long = format!("search={}", "x".repeat(1_001));
    let cases = [
        ("status=closed", "status"),
        ("status=", "status"),
        ("status=OPEN", "status"),
        ("channel_type=fax", "channel_type"),
        ("channel_id=1", "channel_id"),
        ("contact_id=x", "contact_id"),
        ("assigned_to=ann", "assigned_to"),
        ("unread=maybe", "unread"),
        ("spam=2", "spam"),
        ("sort=random", "sort"),
        ("page=0", "page"),
        ("per_page=101", "per_page"),
        ("page=101&per_page=100", "page"),
        ("status=open&status=pending", "status"),
        ("cursor=x", "cursor"),
        ("cursor=n00000000000000010000000000000001&sort=oldest", "cursor"),
        ("cursor=n00000000000000010000000000000001&search=x", "cursor"),
        (&long, "search"),
    ];
    for (query, name) in cases {
        let answer = admin.get(&format!("/api/conversations?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        assert_eq!(answer.body["details"][0]["field"], name, "{query}");
    }
    let nobody = "019a0000-0000-7000-8000-000000000000";
    for query in [
        format!("channel_id={nobody}"),
        format!("assigned_to={nobody}"),
        format!("contact_id={nobody}"),
        "tag=never".to_owned(),
        "tag=%00%25_".to_owned(),
    ] {
        let answer = admin.get(&format!("/api/conversations?{query}")).await;
        assert_eq!((answer.status, &answer.body["data"]), (200, &json!([])), "{query}");
        assert_eq!(answer.body["pagination"]["total"], 0);
    }
}
