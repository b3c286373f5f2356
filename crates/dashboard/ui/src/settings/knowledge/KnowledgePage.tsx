/** What replies are suggested from. */

import { lazy, Suspense } from "react";

import type { SectionProps } from "../sections";
import { ArticleList } from "./ArticleList";

const ArticleEditor = lazy(() => import("./ArticleEditor"));

export default function KnowledgePage({ item }: SectionProps) {
  if (item === undefined) return <ArticleList />;
  return (
    <Suspense>
      <ArticleEditor id={item} key={item} />
    </Suspense>
  );
}
