import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app.css";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ApiError } from "./api/client";
import { me, noticeEntry } from "./api/queries";
import { start } from "./i18n";
import { createAppRouter } from "./router";
import { styleNonce, theme, tones } from "./theme";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refuses, it refuses again.
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 3,
    },
  },
});

noticeEntry(client);
// Asked while the words are on the way.
void client.prefetchQuery(me);

// For the styles of dialogs, which are not the component library's own.
setNonce(styleNonce());
await start();

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={tones} getStyleNonce={styleNonce}>
      <QueryClientProvider client={client}>
        <Notifications position="bottom-left" />
        <RouterProvider router={createAppRouter(client)} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
