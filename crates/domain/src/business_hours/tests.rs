//! Weeks and holidays as a workspace writes them, across changes of the clock.

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn spans(all: &[(&str, &str)]) -> Vec<SpanDocument> {
    let owned =
        |(from, to): &(&str, &str)| SpanDocument { from: (*from).to_owned(), to: (*to).to_owned() };
    all.iter().map(owned).collect()
}

/// Open on weekdays from 9 to 17, closed at noon on Mondays, the whole Saturday.
fn office() -> BusinessHours {
    let day = || spans(&[("09:00", "17:00")]);
    let document = WeekDocument {
        monday: spans(&[("13:00", "17:00"), ("09:00", "12:00")]),
        tuesday: day(),
        wednesday: day(),
        thursday: day(),
        friday: day(),
        saturday: spans(&[("00:00", "24:00")]),
        sunday: Vec::new(),
    };
    let holidays = [Day::parse("2026-12-25").unwrap()].into();
    BusinessHours { week: Some(Week::parse(&document).unwrap()), holidays }
}

#[test]
fn the_desk_is_open_by_the_clock_of_its_zone() {
    let hours = office();
    let jakarta = zone("Asia/Jakarta");
    // 2026-11-23 is a Monday; Jakarta is seven hours ahead.
    let cases = [
        ("2026-11-23T01:59:59.999Z", false),
        ("2026-11-23T02:00:00Z", true),
        ("2026-11-23T05:00:00Z", false),
        ("2026-11-23T06:00:00Z", true),
        ("2026-11-23T10:00:00Z", false),
        ("2026-11-27T17:00:00Z", true),
        ("2026-11-28T16:59:59Z", true),
        ("2026-11-28T17:00:00Z", false),
        ("2026-12-25T03:00:00Z", false),
    ];
    for (text, want) in cases {
        assert_eq!(hours.is_open(at(text), &jakarta), want, "{text}");
    }
}

#[test]
fn open_time_leaves_out_nights_sundays_and_holidays() {
    let utc = zone("UTC");
    let hours = office();
    let between = |a, b| hours.open_time_between(at(a), at(b), &utc).as_secs() / 60;
    assert_eq!(between("2026-11-23T08:00:00Z", "2026-11-23T18:00:00Z"), 7 * 60);
    assert_eq!(between("2026-11-23T11:30:00Z", "2026-11-23T13:30:00Z"), 60);
    assert_eq!(between("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"), (7 + 4 * 8 + 24) * 60);
    assert_eq!(between("2026-12-24T16:00:00Z", "2026-12-26T00:30:00Z"), 60 + 30);
    assert_eq!(between("2026-11-24T12:00:00Z", "2026-11-24T11:00:00Z"), 0);
    let always = BusinessHours::default();
    assert!(always.is_open(at("2026-11-22T03:00:00Z"), &utc));
    let (a, b) = (at("2026-11-22T03:00:00Z"), at("2026-11-22T03:00:01.5Z"));
    assert_eq!(always.open_time_between(a, b, &utc), Duration::from_millis(1500));
    let all_but_christmas = BusinessHours { week: None, holidays: office().holidays };
    let (a, b) = (at("2026-12-24T00:00:00Z"), at("2026-12-27T00:00:00Z"));
    assert_eq!(all_but_christmas.open_time_between(a, b, &utc).as_secs(), 48 * 3600);
}

/// Berlin sets its clocks forward from 02:00 to 03:00 on 2026-03-29 and back on 2026-10-25.
#[test]
fn clocks_that_change_lengthen_and_shorten_a_night() {
    let berlin = zone("Europe/Berlin");
    let night = |from, to| {
        let document = WeekDocument { sunday: spans(&[(from, to)]), ..WeekDocument::default() };
        BusinessHours { week: Some(Week::parse(&document).unwrap()), ..Default::default() }
    };
    let cases = [
        ("2026-03-29", "00:00", "24:00", 23 * 60),
        ("2026-10-25", "00:00", "24:00", 25 * 60),
        ("2026-10-25", "01:00", "04:00", 4 * 60),
        ("2026-10-25", "02:00", "03:00", 2 * 60),
        ("2026-03-29", "01:00", "04:00", 2 * 60),
        ("2026-03-29", "02:00", "03:00", 0),
        ("2026-11-01", "02:00", "03:00", 60),
    ];
    for (day, from, to, want) in cases {
        let hours = night(from, to);
        let start = berlin.instant_of(Day::parse(day).unwrap(), 0);
        let (a, b) = (start.plus_seconds(-3600), start.plus_seconds(30 * 3600));
        let open = hours.open_time_between(a, b, &berlin);
        assert_eq!(open.as_secs() / 60, want, "{day} {from} to {to}");
        // Counted minute by minute it is the same.
        let minutes = (0..31 * 60).filter(|it| hours.is_open(a.plus_seconds(it * 60), &berlin));
        assert_eq!(minutes.count() as u64, want, "{day} {from} to {to}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        (spans(&[("9:00", "17:00")]), "tuesday[0].from"),
        (spans(&[("24:00", "24:00")]), "tuesday[0].from"),
        (spans(&[("09:00", "24:01")]), "tuesday[0].to"),
        (spans(&[("09:00", "17:60")]), "tuesday[0].to"),
        (spans(&[("08:00", "09:00"), ("22:00", "06:00")]), "tuesday[1].to"),
        (spans(&[("09:00", "12:00"), ("11:00", "13:00")]), "tuesday"),
        (spans(&[("09:00", "10:00"); 9]), "tuesday"),
    ];
    for (tuesday, field) in cases {
        let document = WeekDocument { tuesday, ..WeekDocument::default() };
        let wrongs = Week::parse(&document).unwrap_err();
        assert_eq!(wrongs.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), [field]);
    }
}

#[test]
fn a_week_is_written_as_it_is_read() {
    let week = office().week.unwrap();
    assert_eq!(Week::parse(&week.document()).unwrap(), week);
    let text = serde_json::to_string(&week.document()).unwrap();
    let back: WeekDocument = serde_json::from_str(&text).unwrap();
    assert_eq!(back, week.document());
    assert!(serde_json::from_str::<WeekDocument>(r#"{"funday": []}"#).is_err());
}

proptest::proptest! {
    /// Time is never counted twice, nor lost where two spans meet.
    #[test]
    fn open_time_adds_up(a in 0i64..2_000_000_000, b in 0i64..5_000_000, c in 0i64..5_000_000) {
        let zone = zone("America/New_York");
        let hours = office();
        let a = Timestamp(a * 1000);
        let (b, c) = (a.plus_seconds(b), a.plus_seconds(b + c));
        let parts = hours.open_time_between(a, b, &zone) + hours.open_time_between(b, c, &zone);
        proptest::prop_assert_eq!(parts, hours.open_time_between(a, c, &zone));
    }
}

#[test]
fn a_closed_desk_says_when_it_opens() {
    let hours = office();
    let jakarta = zone("Asia/Jakarta");
    let cases = [
        ("2026-11-23T01:00:00Z", Some("2026-11-23T02:00:00Z")),
        ("2026-11-23T03:00:00Z", None),
        ("2026-11-23T05:30:00Z", Some("2026-11-23T06:00:00Z")),
        // A Saturday's end: Sunday is closed.
        ("2026-11-28T18:00:00Z", Some("2026-11-30T02:00:00Z")),
        // A holiday on a Friday, before a whole Saturday.
        ("2026-12-25T03:00:00Z", Some("2026-12-25T17:00:00Z")),
    ];
    for (now, want) in cases {
        assert_eq!(hours.opens_at(at(now), &jakarta), want.map(at), "{now}");
    }
    let never = BusinessHours { week: Some(Week::default()), ..BusinessHours::default() };
    assert_eq!(never.opens_at(at("2026-11-23T03:00:00Z"), &jakarta), None);
}
