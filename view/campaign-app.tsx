import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Campaign } from "./campaign.tsx";
import type { CampaignData } from "./data.ts";
import { HostBridge } from "./host-bridge.ts";
import type { Source, ToolAnswer } from "./source.ts";

type Opened = { readonly batchId: string; readonly first?: CampaignData | undefined };

type HostContext = {
  readonly theme?: string;
  readonly displayMode?: string;
  readonly availableDisplayModes?: readonly string[];
};

type Initialized = {
  readonly hostCapabilities?: Readonly<Record<string, unknown>>;
  readonly hostContext?: HostContext;
};

/** The view that a host shows beside the answer of a tool. */
function App() {
  const [source, setSource] = useState<Source>();
  const [opened, setOpened] = useState<Opened>();
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    let asked: string | undefined;
    const bridge = new HostBridge(parent, {
      "ui/notifications/tool-input": (params) => {
        asked = readId(params["arguments"]);
        if (asked !== undefined) setOpened({ batchId: asked });
      },
      "ui/notifications/tool-result": (params) => {
        const first = readFirst(params);
        const batchId = first?.batch.batch_id ?? asked;
        if (batchId !== undefined) setOpened({ batchId, first });
      },
      "ui/notifications/host-context-changed": (params) => applyTheme(params),
      "ui/resource-teardown": () => setGone(true),
    });
    void begin(bridge).then(setSource);
  }, []);
  if (isGone) return null;
  if (!source || !opened) {
    return (
      <main aria-busy="true">
        <h1>Batch calls</h1>
        <p class="quiet">Waiting for a batch.</p>
      </main>
    );
  }
  return <Campaign key={opened.batchId} source={source} batchId={opened.batchId} first={opened.first} />;
}

async function begin(bridge: HostBridge): Promise<Source> {
  const { hostCapabilities = {}, hostContext = {} } = (await bridge.request("ui/initialize", {
    appInfo: { name: "batch-call-mcp", version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    protocolVersion: "2026-01-26",
  })) as Initialized;
  applyTheme(hostContext);
  bridge.notify("ui/notifications/initialized");
  tellSize(bridge);
  return {
    hasTools: "serverTools" in hostCapabilities,
    hasResources: "serverResources" in hostCapabilities,
    call: async (name, args) => (await bridge.request("tools/call", { name, arguments: args })) as ToolAnswer,
    async read(uri) {
      const { contents } = (await bridge.request("resources/read", { uri })) as { contents: { text: string }[] };
      return JSON.parse(contents[0]?.text ?? "");
    },
    openLink: (url) => void bridge.request("ui/open-link", { url }).catch(() => {}),
    ...("updateModelContext" in hostCapabilities && {
      tellModel: (text) =>
        void bridge.request("ui/update-model-context", { content: [{ type: "text", text }] }).catch(() => {}),
    }),
  };
}

function applyTheme({ theme }: HostContext | Record<string, unknown>): void {
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
}

/** A host makes the frame as high as what is in it. */
function tellSize(bridge: HostBridge): void {
  const tell = (): void =>
    bridge.notify("ui/notifications/size-changed", { height: Math.ceil(document.body.getBoundingClientRect().height) });
  new ResizeObserver(tell).observe(document.body);
}

function readId(args: unknown): string | undefined {
  if (typeof args !== "object" || args === null || !("batch_id" in args)) return undefined;
  return typeof args.batch_id === "string" ? args.batch_id : undefined;
}

function readFirst(params: Record<string, unknown>): CampaignData | undefined {
  const content = params["structuredContent"];
  if (typeof content !== "object" || content === null || !("batch" in content)) return undefined;
  return readId(content.batch) === undefined ? undefined : (content as CampaignData);
}

const root = document.getElementById("root");
if (root) render(<App />, root);
