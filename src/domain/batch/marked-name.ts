/** A name as people gave it, without the marker that it was sent with. */
export function unmarkedName(name: string): string {
  return name.replace(/ \[bc-[0-9a-f]{12}\]$/, "");
}
