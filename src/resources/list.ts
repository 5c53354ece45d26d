import { getListTool } from "../tools/get-list.ts";
import { maxPageSize } from "../tools/shared/shapes.ts";
import { readByTool } from "./read-by-tool.ts";
import type { Resource } from "./resource.ts";

export const listResource: Resource = {
  name: "list",
  title: "A list of contacts",
  description: `What became of a list's rows, with the first ${maxPageSize} of them; as get_list.`,
  toolset: "lists",
  uriTemplate: "list://{list_id}",
  mimeType: "application/json",
  read: (id, context) => readByTool(getListTool, { list_id: id, limit: maxPageSize }, context),
};
