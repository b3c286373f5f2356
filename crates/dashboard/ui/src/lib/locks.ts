/** Taking turns with the other tabs. */

/**
 * Runs while no other tab runs under this name. Without TLS, or where the browser keeps frames of
 * other sites from it, there are no turns to take: then it runs at once.
 */
export async function alone<Answer>(
  name: string,
  run: () => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  if (!("locks" in navigator)) return run();
  let begun = false;
  const taken = () => {
    begun = true;
    return run();
  };
  try {
    return await navigator.locks.request(name, signal ? { signal } : {}, taken);
  } catch (error) {
    if (begun || !(error instanceof DOMException) || error.name !== "SecurityError") throw error;
    return run();
  }
}
