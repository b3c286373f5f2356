//! The server ends in the middle of a sending, or the sending panics.

use domain::{agents::Role, jobs::JobState, messages::DeliveryStatus, policy::Caller};
use storage::deliveries::Outcome;

use super::*;
use crate::{
    deliver::Failpoint,
    workers::{MAX_PANICS, step},
};

/// Runs the workers until the failpoint is reached and drops them there.
async fn end_at(desk: &TestDesk, at: Failpoint, id: MessageId) {
    let reached = desk.failpoints.stop(at, id.0);
    tokio::select! {
        ended = step(desk) => panic!("the failpoint was not reached: {ended:?}"),
        () = reached.notified() => {}
    }
}

#[tokio::test]
async fn a_sending_cut_short_is_repeated_once_with_the_same_message_id() {
    let (none, unknown) = (vec![], vec![Some(Outcome::Unknown)]);
    let cases = [
        (Failpoint::Leased, 0, none),
        (Failpoint::Begun, 0, unknown.clone()),
        (Failpoint::HandedOver, 1, unknown),
    ];
    for (at, sent_before, mut want) in cases {
        let desk = TestDesk::open().await;
        let server = MailServer::start().await;
        let channel = channel(&desk, &server).await;
        let id = queued(&desk, channel).await;
        end_at(&desk, at, id).await;
        assert_eq!(server.mails().len(), sent_before, "{at:?}");
        assert_eq!(job(&desk, id).await.unwrap().state, JobState::Running, "{at:?}");
        assert_eq!(outcomes(&desk, id).await, vec![None; want.len()], "{at:?}");

        assert_eq!(step(&desk).await.unwrap(), 1, "{at:?}");
        assert_eq!(status(&desk, id).await, DeliveryStatus::Sent, "{at:?}");
        want.push(Some(Outcome::Sent));
        assert_eq!(outcomes(&desk, id).await, want, "{at:?}");
        let ids: Vec<_> = server.mails().iter().map(|it| it.message_id()).collect();
        assert_eq!(ids, vec![format!("{id}@desk.example"); sent_before + 1], "{at:?}");
        assert_eq!(step(&desk).await.unwrap(), 0, "{at:?}: sent is sent");
    }
}

#[tokio::test]
async fn a_sending_cut_short_twice_is_left_to_a_person() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let id = queued(&desk, channel).await;
    end_at(&desk, Failpoint::HandedOver, id).await;
    end_at(&desk, Failpoint::HandedOver, id).await;
    step(&desk).await.unwrap();
    let it = message(&desk, id).await;
    assert_eq!(it.status, Some(DeliveryStatus::Failed));
    assert!(it.error.unwrap().contains("may have been delivered"));
    assert_eq!(server.mails().len(), 2);

    // An agent sends it anew: that counts from the beginning.
    desk.clock.set(crate::testing::NOW.plus_seconds(60));
    crate::messages::retry(&desk, ann(&desk), id).await.unwrap();
    step(&desk).await.unwrap();
    assert_eq!(status(&desk, id).await, DeliveryStatus::Sent);
}

#[tokio::test]
async fn a_message_that_panics_is_given_up_and_the_others_flow() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let poison = queued(&desk, channel).await;
    let other = queued(&desk, channel).await;
    desk.failpoints.panic(Failpoint::Leased, poison.0);
    step(&desk).await.unwrap();
    assert_eq!(status(&desk, other).await, DeliveryStatus::Sent);
    for crash in 1..MAX_PANICS {
        assert_eq!(job(&desk, poison).await.unwrap().crashes, crash);
        wait_for_retry(&desk, poison).await;
        step(&desk).await.unwrap();
    }
    let it = message(&desk, poison).await;
    assert_eq!(it.status, Some(DeliveryStatus::Failed));
    assert_eq!(it.error.unwrap(), "given up, since the attempt panicked");
    assert_eq!(job(&desk, poison).await.unwrap().state, JobState::Dead);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn what_is_held_after_a_restore_waits_for_its_release() {
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let id = queued(&desk, channel).await;
    desk.write(|tx| Ok(jobs::hold_outside_facing(tx)?)).await;
    assert_eq!(step(&desk).await.unwrap(), 0);
    assert_eq!(status(&desk, id).await, DeliveryStatus::Queued);
    desk.write(|tx| Ok(jobs::release_held(tx)?)).await;
    assert_eq!(step(&desk).await.unwrap(), 1);
    assert_eq!(status(&desk, id).await, DeliveryStatus::Sent);
}

fn ann(desk: &TestDesk) -> Caller {
    Caller::Agent { id: desk.agent, role: Role::Admin, session: None }
}

/// Undo and the worker reach for the same message at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_taken_back_or_leaves_and_never_both() {
    const ROUNDS: usize = 40;
    let desk = TestDesk::open().await;
    let server = MailServer::start().await;
    let channel = channel(&desk, &server).await;
    let (mut taken_back, mut left) = (0, 0);
    for round in 0..ROUNDS {
        let id = queued(&desk, channel).await;
        let undo = async {
            // A little later each time, to meet the worker at different moments.
            for _ in 0..round * 3 {
                tokio::task::yield_now().await;
            }
            crate::messages::cancel(&desk, ann(&desk), id).await
        };
        let (attempts, undone) = tokio::join!(step(&desk), undo);
        let wanted = format!("{id}@desk.example");
        let copies = server.mails().iter().filter(|it| it.message_id() == wanted).count();
        if undone.is_ok() {
            assert_eq!(copies, 0, "round {round}");
            assert_eq!(job(&desk, id).await, None, "round {round}");
            taken_back += 1;
        } else {
            assert_eq!((attempts.unwrap(), copies), (1, 1), "round {round}");
            assert_eq!(status(&desk, id).await, DeliveryStatus::Sent, "round {round}");
            left += 1;
        }
    }
    assert_eq!(taken_back + left, ROUNDS);
}
