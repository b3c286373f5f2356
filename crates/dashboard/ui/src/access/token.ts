/** The code of a link that was printed or mailed. */

import { useEffect, useState } from "react";

/**
 * It stands behind the # of the address, which no server sees until it is sent in a body, and leaves
 * the address bar at once: neither history nor a shared screen keeps it.
 */
export function useToken(): string {
  const [token, setToken] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const take = () => {
      const found = location.hash.slice(1);
      if (!found) return;
      setToken(found);
      history.replaceState(history.state, "", location.pathname);
    };
    take();
    // Another link pasted into the same tab changes only the part behind the #.
    addEventListener("hashchange", take);
    return () => removeEventListener("hashchange", take);
  }, []);
  return token;
}
