/** Which drafts of this agent changed in another window, for who shows them. */

interface Changed {
  conversation_id: string;
  /** 0: it is gone. */
  version: number;
}

type Listener = (version: number) => void;

const listeners = new Map<string, Set<Listener>>();

export function tellDraft({ conversation_id, version }: Changed): void {
  for (const listener of listeners.get(conversation_id) ?? []) listener(version);
}

export function onDraft(conversation: string, listener: Listener): () => void {
  const all = listeners.get(conversation) ?? new Set();
  listeners.set(conversation, all.add(listener));
  return () => {
    all.delete(listener);
    if (all.size === 0) listeners.delete(conversation);
  };
}
