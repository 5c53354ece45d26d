/** Metadata of an argument of which a client lists the words alone: see `inWords`. */
export const listedInWords = "listedInWords";
