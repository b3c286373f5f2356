/** Changing a contact from where one talks with them. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { complain } from "../api/changes";
import { answer, api, type Schemas } from "../api/client";

export function useChangeContact(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ContactPatch"]) =>
      answer(api.PATCH("/api/contacts/{id}", { params: { path: { id } }, body })),
    onSuccess: (it) => {
      client.setQueryData(["contact", id], it);
      // Its name stands in lists and threads as well.
      for (const key of ["conversations", "conversation", "contacts"]) {
        void client.invalidateQueries({ queryKey: [key] });
      }
    },
    onError: complain,
  });
}
