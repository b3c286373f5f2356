/** Tables to take away. */

import { ask } from "../api/client";

/** Asks for a list as CSV and hands it to the browser to keep. */
export async function download(address: string, name: string): Promise<void> {
  const response = await ask(address, { headers: { Accept: "text/csv" } });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
