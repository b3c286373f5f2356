/** Files on their way to the server. */

import { notifications } from "@mantine/notifications";
import { useState } from "react";

import { complain } from "../api/changes";
import { ApiError, type Schemas, Unreachable } from "../api/client";
import { newId } from "../lib/ids";
import type { Upload } from "./content";

export interface OnItsWay {
  key: string;
  name: string;
  /** 0 to 100. */
  percent: number;
  stop: () => void;
}

/** As the others of the API, but it tells how far it is. */
function send(file: File, tell: (percent: number) => void): { done: Promise<Upload>; stop: () => void } {
  const request = new XMLHttpRequest();
  const done = new Promise<Upload>((made, failed) => {
    request.open("POST", "/api/attachments");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => tell(total ? Math.round((loaded / total) * 100) : 0);
    request.onload = () => {
      const body = request.response as unknown;
      if (request.status === 201) made(body as Upload);
      else failed(new ApiError(request.status, (body as Schemas["Error"] | null) ?? { error: request.statusText }));
    };
    request.onerror = () => failed(new Unreachable());
    request.onabort = () => failed(new DOMException("stopped", "AbortError"));
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
  return { done, stop: () => request.abort() };
}

export function useUploads(onMade: (made: Upload) => void) {
  const [all, setAll] = useState<OnItsWay[]>([]);

  async function add(file: File): Promise<void> {
    const key = newId();
    const tell = (percent: number) => setAll((now) => now.map((it) => (it.key === key ? { ...it, percent } : it)));
    const { done, stop } = send(file, tell);
    setAll((now) => [...now, { key, name: file.name, percent: 0, stop }]);
    try {
      onMade(await done);
    } catch (error) {
      const stopped = error instanceof DOMException;
      if (stopped) return;
      // Of several, which?
      const reason = error instanceof ApiError && (error.field("file") ?? error.message);
      if (reason) notifications.show({ color: "red", message: `${file.name}: ${reason}` });
      else complain(error);
    } finally {
      setAll((now) => now.filter((it) => it.key !== key));
    }
  }

  return { all, add: (files: Iterable<File>) => void Promise.all([...files].map(add)) };
}
