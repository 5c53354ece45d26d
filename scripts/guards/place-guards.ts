import type { Guard } from "./engine-guards.ts";

const several = "test/contacts/several-folders.test.ts";
const attacks = "test/contacts/path-attacks.test.ts";
const offered = "test/contacts/offered-folders.test.ts";
const uploads = "test/contacts/uploads.test.ts";
const downloads = "test/mcp/downloads.test.ts";

/** What keeps a list from being another one than was meant, or another person's. */
export const placeGuards: readonly Guard[] = [
  {
    name: "places: a name that two folders have is refused",
    file: "src/contacts/find-in-folders.ts",
    find: "if (others.length === 0) return place;",
    replace: "if (others.length >= 0) return place;",
    tests: [several],
  },
  {
    name: "places: a file is named inside of the folders",
    file: "src/contacts/find-in-folders.ts",
    find: "if (!isNamedInside) throw",
    replace: "if (!isNamedInside && roots.length === 0) throw",
    tests: ["test/contacts/disk-folders.test.ts"],
  },
  {
    name: "places: no link leads out of the folders",
    file: "src/contacts/find-in-folders.ts",
    find: "if (!roots.some(({ real }) => isInside(real, file)))",
    replace: "if (roots.length === 0)",
    tests: [attacks],
  },
  {
    name: "places: what was opened is what lies in the folders",
    file: "src/contacts/find-in-folders.ts",
    find: "openStableFile(file, (opened) => requireInside(roots, named, opened))",
    replace: "openStableFile(file)",
    tests: ["test/contacts/folder-race.test.ts"],
  },
  {
    name: "places: the names that were likely meant are of the folders",
    file: "src/contacts/likely-names.ts",
    find: "if (!roots.some((root) => root.real === real || isInside(root.real, real))) return [];",
    replace: "",
    tests: [several],
  },
  {
    name: "places: a root of the client does not open the home directory",
    file: "src/contacts/offered-folders.ts",
    find: "if (aboveHome.includes(own)) refuse",
    replace: "if (aboveHome.length === 0) refuse",
    tests: [offered],
  },
  {
    name: "places: a root of the client does not hold the data directory",
    file: "src/contacts/offered-folders.ts",
    find: "else if (aboveData.includes(own)) refuse",
    replace: "else if (aboveData.length === 0) refuse",
    tests: [offered],
  },
  {
    name: "places: a root of the client does not lie in the data directory",
    file: "src/contacts/offered-folders.ts",
    find: "else if (isInData) refuse",
    replace: "else if (isInData && paths.length === 0) refuse",
    tests: [offered],
  },
  {
    name: "places: the operator decides whether roots of the client are read from",
    file: "src/mcp/server.ts",
    find: "const clientRoots = readsRoots && hasRoots &&",
    replace: "const clientRoots = hasRoots &&",
    tests: ["test/mcp/client-roots.test.ts"],
  },
  {
    name: "places: an upload is its owner's",
    file: "src/contacts/uploads.ts",
    find: "found.owner !== owner ||",
    replace: "",
    tests: [uploads],
  },
  {
    name: "places: an upload ends after an hour",
    file: "src/contacts/uploads.ts",
    find: "|| found.expiresAt <= clock.now()) throw",
    replace: ") throw",
    tests: [uploads],
  },
  {
    name: "places: half an upload is none",
    file: "src/contacts/uploads.ts",
    find: 'throw cause instanceof Problem ? cause : notTaken("The file was cut off on its way here; send it again", cause);',
    replace: "if (cause instanceof Problem) throw cause;",
    tests: [uploads, "test/mcp/uploads.test.ts"],
  },
  {
    name: "places: uploads need the token",
    file: "src/mcp/http.ts",
    find: '["/mcp", "/uploads", ',
    replace: '["/mcp", ',
    tests: ["test/mcp/uploads.test.ts"],
  },
  {
    name: "places: downloads need the token",
    file: "src/mcp/http.ts",
    find: ', "/downloads/*"]',
    replace: "]",
    tests: [downloads],
  },
  {
    name: "places: a download is for who asked for it",
    file: "src/contacts/downloads.ts",
    find: "found.owner !== owner ||",
    replace: "",
    tests: [downloads],
  },
  {
    name: "places: a download ends after an hour",
    file: "src/contacts/downloads.ts",
    find: "|| found.expiresAt <= clock.now()) throw",
    replace: ") throw",
    tests: [downloads],
  },
  {
    name: "places: a download works once",
    file: "src/contacts/downloads.ts",
    find: "if (!file.isUsed) return file;",
    replace: "if (file) return file;",
    tests: [downloads],
  },
  {
    name: "places: two who come at once do not both get a download",
    file: "src/contacts/downloads.ts",
    find: "await other.over;",
    replace: "break;",
    tests: [downloads],
  },
  {
    name: "results: a transfer that broke off does not use a download up",
    file: "src/contacts/downloads.ts",
    find: "if (await transfer.arrived(file.size)) await",
    replace: "await",
    tests: [downloads],
  },
  {
    name: "results: bytes that are on their way did not arrive",
    file: "src/lib/watch-transfer.ts",
    find: "(await closed) && written >= size",
    replace: "(await closed) || outgoing.writableFinished",
    tests: [downloads],
  },
  {
    name: "results: a look at its headers does not use a download up",
    file: "src/mcp/download-route.ts",
    find: 'if (context.req.method !== "GET") return',
    replace: 'if (context.req.method === "") return',
    tests: [downloads],
  },
  {
    name: "places: no path is read where other machines reach the server",
    file: "src/commands/http.ts",
    find: "...(isLoopback(host) && !isOnOtherMachines(access.publicUrl) && { files",
    replace: "...(host && { files",
    tests: ["test/commands/http-files.test.ts"],
  },
];
