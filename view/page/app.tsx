import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Campaign } from "../campaign.tsx";
import { Batches } from "./batches.tsx";
import { DoNotCall } from "./do-not-call.tsx";
import { Lists } from "./lists.tsx";
import { Login } from "./login.tsx";
import { Record } from "./record.tsx";
import { ask, LoginNeeded, pageSource } from "./source.ts";

const places = [
  ["#/", "Batches"],
  ["#/lists", "Lists"],
  ["#/do-not-call", "Do not call"],
  ["#/record", "Record"],
] as const;

/** The server's own page: all batches, lists, the do-not-call list and the record. */
function App() {
  const [place, setPlace] = useState(location.hash || "#/");
  const [about, setAbout] = useState<{ readonly approval_path?: string }>();
  const [isOut, setOut] = useState(false);
  const begin = (): void => {
    ask("about", {}).then(
      (told) => {
        setAbout(told as { readonly approval_path?: string });
        setOut(false);
      },
      (error: unknown) => setOut(error instanceof LoginNeeded),
    );
  };
  useEffect(() => {
    const go = (): void => setPlace(location.hash || "#/");
    addEventListener("hashchange", go);
    begin();
    return () => removeEventListener("hashchange", go);
  }, []);
  if (isOut) return <Login entered={begin} />;
  if (!about) return <main aria-busy="true" />;
  const top = <Top place={place} approvalPath={about.approval_path} />;
  const leave = (): void => setOut(true);
  const batchId = /^#\/batch\/(.+)$/.exec(place)?.[1];
  if (batchId !== undefined) {
    return (
      <Campaign key={batchId} source={pageSource} batchId={decodeURIComponent(batchId)}>
        {top}
      </Campaign>
    );
  }
  switch (place) {
    case "#/lists":
      return <Lists leave={leave}>{top}</Lists>;
    case "#/do-not-call":
      return <DoNotCall leave={leave}>{top}</DoNotCall>;
    case "#/record":
      return <Record leave={leave}>{top}</Record>;
    default:
      return <Batches leave={leave}>{top}</Batches>;
  }
}

function Top({ place, approvalPath }: { readonly place: string; readonly approvalPath?: string | undefined }) {
  return (
    <nav class="top" aria-label="Pages">
      <b>Batch calls</b>
      {places.map(([href, label]) => (
        <a key={href} href={href} aria-current={href === place ? "page" : undefined}>
          {label}
        </a>
      ))}
      {approvalPath ? <a href={approvalPath}>Approvals</a> : null}
    </nav>
  );
}

const root = document.getElementById("root");
if (root) render(<App />, root);
