/**
 * What is kept between two pages, by name. Browsers give a framed page storage of its own for each
 * site it is framed by, or none at all: then the page around us keeps it.
 */

export interface Kept {
  /** Whether other tabs of the site see the same at once. */
  readonly shared: boolean;
  get(name: string): string | null;
  set(name: string, value: string | null): void;
}

export interface Keeper {
  /** What the page around us has kept. */
  kept: ReadonlyMap<string, string>;
  keep: (name: string, value: string | null) => void;
}

export function kept(channel: string, page: Keeper, storage: () => Storage = () => localStorage): Kept {
  const prefix = `deskbell.chat.${channel}.`;
  const own = usable(storage);
  const memory = new Map(own ? [] : page.kept);
  return {
    shared: own !== null,
    get: (name) => memory.get(name) ?? own?.getItem(prefix + name) ?? null,
    set(name, value) {
      if (value === null) memory.delete(name);
      else memory.set(name, value);
      if (!own) return page.keep(name, value);
      try {
        if (value === null) own.removeItem(prefix + name);
        else own.setItem(prefix + name, value);
        // What other tabs write shows only when nothing here hides it.
        memory.delete(name);
      } catch {
        // Full: kept for this page at least.
      }
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
