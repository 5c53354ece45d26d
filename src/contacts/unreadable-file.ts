/** Why a file is not read, as the rest of a sentence that begins with its name. Who knows the name makes a `Problem` of it. */
export class UnreadableFile extends Error {}
