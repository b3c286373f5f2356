import { queryOptions } from "@tanstack/react-query";

import { answer, api } from "../../api/client";

export const sessions = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => answer(api.GET("/api/auth/sessions", { params: { query: { per_page: 100 } } })),
});
