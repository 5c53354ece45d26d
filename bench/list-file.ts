import { once } from "node:events";
import { createWriteStream } from "node:fs";

// In use, so that no way refuses what another takes.
const areaCodes = [201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214] as const;

/** Numbers as the US has them, no two the same, each written in one of four ways. Nobody is called here. */
export async function writeList(path: string, rows: number, street: string): Promise<void> {
  const file = createWriteStream(path);
  file.write("First Name,Phone,Street,City,Zip,Order,Day,Slot\n");
  for (let from = 0; from < rows; from += 1000) {
    const lines = Array.from({ length: 1000 }, (_, at) => lineOf(from + at, street)).join("");
    if (!file.write(lines)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
}

/** Area code, exchange and line of the person at that place. */
function numberParts(index: number): readonly [number, number, string] {
  const area = areaCodes[Math.floor(index / 8000) % areaCodes.length] ?? areaCodes[0];
  return [area, 200 + (Math.floor(index / 10_000) % 700), String(index % 10_000).padStart(4, "0")];
}

/** The number of that person in E.164. */
export function numberOf(index: number): string {
  return `+1${numberParts(index).join("")}`;
}

function lineOf(index: number, street: string): string {
  const [area, exchange, line] = numberParts(index);
  const phones = [
    `+1${area}${exchange}${line}`,
    `(${area}) ${exchange}-${line}`,
    `${area}-${exchange}-${line}`,
    `1 ${area} ${exchange} ${line}`,
  ];
  return `Ann${index % 97},${phones[index % phones.length]},${index % 90}${street},York,${10_000 + (index % 80_000)},${index},Tue,10:30\n`;
}
