import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app.css";

import { DirectionProvider, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { type ReactNode, StrictMode, useMemo } from "react";
import { createRoot } from "react-dom/client";
import { useTranslation } from "react-i18next";

import { ApiError } from "./api/client";
import { noticeEntry } from "./api/queries";
import { ask } from "./first";
import { start } from "./i18n";
import { createAppRouter } from "./router";
import toasts from "./shell/Toasts.module.css";
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
ask(client);
// For the styles of dialogs, which are not the component library's own.
setNonce(styleNonce());

/** Buttons that show a cross alone are named, in the language of the page. */
function Themed({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const name = t("close");
  const named = useMemo(() => {
    const closing = { defaultProps: { closeButtonProps: { "aria-label": name } } };
    return { ...theme, components: { ...theme.components, Notification: closing, Modal: closing, Drawer: closing } };
  }, [name]);
  return (
    <MantineProvider theme={named} defaultColorScheme="auto" cssVariablesResolver={tones} getStyleNonce={styleNonce}>
      {children}
    </MantineProvider>
  );
}

function draw(): void {
  const root = document.getElementById("root");
  if (!root) throw new Error("the page has no root");
  createRoot(root).render(
    <StrictMode>
      <DirectionProvider>
        <Themed>
          <QueryClientProvider client={client}>
            <Notifications position="top-right" containerWidth={380} className={toasts.place} classNames={{ notification: toasts.toast }} />
            <RouterProvider router={createAppRouter(client)} />
          </QueryClientProvider>
        </Themed>
      </DirectionProvider>
    </StrictMode>,
  );
}

void start().then(draw);
