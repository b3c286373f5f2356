/** What the forms of set-up, invitation and reset share: send, and go in as whom the server says. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import type { Schemas } from "../api/client";
import { me } from "../api/queries";

export function useEntry(enter: () => Promise<Schemas["AgentView"]>, to: "/first-steps" | "/") {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: enter,
    onSuccess: async (agent) => {
      client.clear();
      client.setQueryData(me.queryKey, agent);
      await navigate({ to, replace: true });
    },
  });
}
