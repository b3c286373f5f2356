/** @jsxImportSource preact */
/** The end of a conversation: how it was, and what one can do next. */

import { useState } from "preact/hooks";

import type { Chat } from "./chat";
import { Icon } from "./icons";
import type { State } from "./state";
import { say } from "./words";

const SCORES = [1, 2, 3, 4, 5] as const;

export function Resolved({ chat, state }: { chat: Chat; state: State }) {
  return (
    <section class="resolved">
      <p class="divider">{say("resolved")}</p>
      {state.config?.ask_rating && <Rating chat={chat} state={state} key={state.conversation?.id} />}
      <p class="dim">{say("writeToReopen")}</p>
      <button type="button" class="second" onClick={() => chat.startNew()}>
        {say("startNew")}
      </button>
    </section>
  );
}

function Rating({ chat, state }: { chat: Chat; state: State }) {
  const given = state.conversation?.rating ?? null;
  const [changing, setChanging] = useState(false);
  const [score, setScore] = useState(given?.score ?? 0);
  const [comment, setComment] = useState(given?.comment ?? "");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFailed(false);
    try {
      await chat.rate(score, comment.trim());
      setChanging(false);
    } catch {
      setFailed(true);
    }
    setBusy(false);
  };
  if (given && !changing) {
    return (
      <p class="rated" role="status">
        <Stars score={given.score} />
        {say("rated")}{" "}
        <button type="button" class="quiet" onClick={() => setChanging(true)}>
          {say("rateChange")}
        </button>
      </p>
    );
  }
  return (
    <form class="rating" onSubmit={(event) => void submit(event)}>
      <fieldset>
        <legend>{say("rate")}</legend>
        {SCORES.map((it) => (
          <label key={it} class={it <= score ? "star on" : "star"} title={say(`score${it}`)}>
            <input
              type="radio"
              name="score"
              value={it}
              checked={it === score}
              aria-label={say(`score${it}`)}
              onChange={() => setScore(it)}
            />
            <Icon name="star" />
          </label>
        ))}
      </fieldset>
      {score > 0 && (
        <>
          <label for="comment">{say("comment")}</label>
          <textarea
            id="comment"
            rows={2}
            dir="auto"
            maxLength={1_000}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
          {failed && (
            <p class="problem" role="alert">
              {say("rateFailed")}
            </p>
          )}
          <button type="submit" class="main" disabled={busy}>
            {say("rateSend")}
          </button>
        </>
      )}
    </form>
  );
}

function Stars({ score }: { score: number }) {
  return (
    <span class="stars" role="img" aria-label={`${score} / 5`}>
      {SCORES.filter((it) => it <= score).map((it) => (
        <Icon key={it} name="star" />
      ))}
    </span>
  );
}
