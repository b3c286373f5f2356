/** @jsxImportSource preact */
/** One message, with its files and what became of it. */

import type { Attachment, Message } from "./api";
import type { Chat } from "./chat";
import { Icon } from "./icons";
import type { Pending } from "./outbox";
import { Text } from "./Text";
import { bytes, clock, say } from "./words";

interface Props {
  message: Message;
  /** Whether it says who wrote it; following messages of the same hand need not. */
  named: boolean;
  mark: string | null;
}

export function Bubble({ message, named, mark }: Props) {
  const mine = message.from === "visitor";
  const author = mine ? say("you") : (message.author?.name ?? say(message.from === "bot" ? "bot" : "team"));
  return (
    <article class={mine ? "row mine" : "row theirs"} aria-label={author}>
      {named && (
        <p class="by">
          {!mine && <span>{author}</span>} <time dateTime={message.created_at}>{clock(message.created_at)}</time>
        </p>
      )}
      {(message.text || message.html) && (
        <div class="bubble" title={clock(message.created_at)}>
          <Text text={message.text} html={mine ? null : message.html} />
        </div>
      )}
      {message.attachments.map((it) => (
        <File key={it.id} file={it} />
      ))}
      {mark && <p class="mark">{mark}</p>}
    </article>
  );
}

function File({ file }: { file: Attachment }) {
  const name = say("openFile", { name: file.name });
  const out = { href: file.url, target: "_blank", rel: "noopener noreferrer" };
  if (file.picture_url) {
    return (
      <a class="picture" {...out} aria-label={name}>
        <img src={file.picture_url} alt={file.name} loading="lazy" />
      </a>
    );
  }
  return (
    <a class="file" {...out} aria-label={name}>
      <Icon name="file" />
      <span class="name">{file.name}</span>
      <span class="dim">{bytes(file.size)}</span>
    </a>
  );
}

export function PendingBubble({ chat, pending, connected }: { chat: Chat; pending: Pending; connected: boolean }) {
  const { clientId, text, files, failed, waits } = pending;
  return (
    <article class={failed === null ? "row mine pending" : "row mine failed"} aria-label={say("you")}>
      {text && (
        <div class="bubble">
          <Text text={text} html={null} />
        </div>
      )}
      {files.map((it) => (
        <p class="file" key={it.id}>
          <Icon name="file" />
          <span class="name">{it.name}</span>
          <span class="dim">{bytes(it.size)}</span>
        </p>
      ))}
      {failed === null ? (
        <p class="mark">{waits || !connected ? say("waiting") : say("sending")}</p>
      ) : (
        <p class="mark problem" role="alert">
          {say("notSent", { reason: failed })}{" "}
          <button type="button" class="quiet" onClick={() => chat.retry(clientId)}>
            {say("tryAgain")}
          </button>{" "}
          <button type="button" class="quiet" onClick={() => chat.drop(clientId)}>
            {say("discard")}
          </button>
        </p>
      )}
    </article>
  );
}
