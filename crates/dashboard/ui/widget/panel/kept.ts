/**
 * What is kept between two pages, by name. Browsers give a framed page storage of its own for each
 * site it is framed by, or none at all: then it lasts as long as the page.
 */

export interface Kept {
  /** Whether it lasts, and other tabs of the site see it too. */
  readonly lasts: boolean;
  get(name: string): string | null;
  set(name: string, value: string | null): void;
}

export function kept(channel: string, storage: () => Storage = () => localStorage): Kept {
  const prefix = `deskbell.chat.${channel}.`;
  const memory = new Map<string, string>();
  const lasting = usable(storage);
  return {
    lasts: lasting !== null,
    get: (name) => memory.get(name) ?? lasting?.getItem(prefix + name) ?? null,
    set(name, value) {
      memory.delete(name);
      try {
        if (value === null) return lasting?.removeItem(prefix + name);
        if (lasting) return lasting.setItem(prefix + name, value);
      } catch {
        // Full: kept for this page at least.
      }
      if (value !== null) memory.set(name, value);
    },
  };
}

function usable(storage: () => Storage): Storage | null {
  try {
    const it = storage();
    it.setItem("deskbell.chat.probe", "1");
    it.removeItem("deskbell.chat.probe");
    return it;
  } catch {
    return null;
  }
}
