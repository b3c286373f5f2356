/** @jsxImportSource preact */
/** Files on their way, before the message that will carry them is sent. */

import { useEffect, useRef, useState } from "preact/hooks";

import { newId } from "../../src/lib/ids";
import { Refused, type Uploaded } from "./api";
import type { Chat } from "./chat";
import { Icon } from "./icons";
import { bytes, say } from "./words";

/** Bytes; the server takes no more. */
const LARGEST = 25 * 1024 * 1024;

export interface Upload {
  key: string;
  file: File;
  /** An address of the picture in this browser, for files that are one. */
  preview: string | null;
  /** From 0 to 1. */
  share: number;
  done: Uploaded | null;
  problem: string | null;
}

export function useUploads(chat: Chat) {
  const [uploads, setUploads] = useState<Upload[]>([]);
  const running = useRef(new Map<string, AbortController>());
  const change = (key: string, now: Partial<Upload>) =>
    setUploads((all) => all.map((it) => (it.key === key ? { ...it, ...now } : it)));
  useEffect(() => () => running.current.forEach((it) => it.abort()), []);

  const begin = async ({ key, file }: Upload) => {
    if (file.size > LARGEST) {
      return change(key, { problem: say("fileTooLarge", { name: file.name, size: bytes(LARGEST) }) });
    }
    const stop = new AbortController();
    running.current.set(key, stop);
    change(key, { problem: null, share: 0 });
    try {
      const done = await chat.upload(file, (share) => change(key, { share }), stop.signal);
      change(key, { done, share: 1 });
    } catch (error) {
      const reason = error instanceof Refused && error.message ? ` ${error.message}` : "";
      change(key, { problem: say("uploadFailed", { name: file.name }) + reason });
    }
    running.current.delete(key);
  };
  const drop = (which: (it: Upload) => boolean) =>
    setUploads((all) => {
      for (const it of all) if (which(it) && it.preview) URL.revokeObjectURL(it.preview);
      return all.filter((it) => !which(it));
    });
  return {
    uploads,
    add(files: File[]) {
      const added = files.map((file) => {
        const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
        return { key: newId(), file, preview, share: 0, done: null, problem: null };
      });
      setUploads((all) => [...all, ...added]);
      for (const it of added) void begin(it);
    },
    remove(key: string) {
      running.current.get(key)?.abort();
      drop((it) => it.key === key);
    },
    retry(key: string) {
      const again = uploads.find((it) => it.key === key);
      if (again) void begin(again);
    },
    clear: () => drop(() => true),
  };
}

interface Props {
  upload: Upload;
  remove: () => void;
  retry: () => void;
}

export function FileChip({ upload, remove, retry }: Props) {
  const { file, preview, share, done, problem } = upload;
  return (
    <li class={problem ? "chip failed" : "chip"}>
      {preview ? <img src={preview} alt="" /> : <Icon name="file" />}
      <span class="name">{file.name}</span>
      {!done && !problem && <progress value={share} max={1} aria-label={say("uploading", { name: file.name })} />}
      {done && <span class="dim">{bytes(file.size)}</span>}
      <button type="button" class="plain" aria-label={say("removeFile", { name: file.name })} onClick={remove}>
        <Icon name="close" />
      </button>
      {problem && (
        <p class="problem" role="alert">
          {problem}{" "}
          {file.size <= LARGEST && (
            <button type="button" class="quiet" onClick={retry}>
              {say("tryAgain")}
            </button>
          )}
        </p>
      )}
    </li>
  );
}
