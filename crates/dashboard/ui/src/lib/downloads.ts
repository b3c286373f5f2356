/** Tables to take away. */

import { ApiError, Unreachable, type Schemas } from "../api/client";

/** Asks for a list as CSV and hands it to the browser to keep. */
export async function download(address: string, name: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(address, { headers: { Accept: "text/csv" } });
  } catch {
    throw new Unreachable();
  }
  if (!response.ok) throw new ApiError(response.status, (await response.json()) as Schemas["Error"]);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
