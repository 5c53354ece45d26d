import { tidyPhoneText } from "../domain/phone/phone-number.ts";
import { Problem } from "../domain/problem.ts";

/** A column of a list and the cells below its header. */
export type Column = {
  readonly index: number;
  /** As the file has it; blank when there is none. */
  readonly header: string;
  /** Unlike the header never blank and never the same twice. */
  readonly name: string;
  readonly cells: readonly string[];
};

/** The name that always wins, for a list with several columns of numbers. */
const chosenName = "to_number";

const quotedAtMost = 20;

const names = compactAll(
  `phone, phone number, phone no, phone #, phones, telephone, telephone number, tel, tel no, tel number, mobile, mobile number,
  mobile phone, mobile no, cell, cell phone, cell number, cellphone number, contact number, contact phone, number, msisdn, e164,
  whatsapp, whatsapp number, telefon, telefonnummer, telefonnr, rufnummer, handy, handynummer, mobil, mobilnummer, mobiltelefon,
  téléphone, numéro de téléphone, portable, numéro, teléfono, número de teléfono, telefono, numero di telefono, cellulare, celular,
  móvil, número, telefone, telemóvel, telefoon, telefoonnummer, mobiel, mobiele nummer, gsm, numer telefonu, komórka, puhelin,
  puhelinnumero, matkapuhelin, telefonszám, telefonní číslo, telefon numarası, cep telefonu, nomor telepon, điện thoại,
  số điện thoại, τηλέφωνο, κινητό, телефон, номер телефона, мобильный, мобильный телефон, 电话, 电话号码, 手机, 手机号, 手机号码,
  電話, 電話番号, 携帯, 携帯電話, 携帯番号, 전화, 전화번호, 휴대폰, 휴대폰번호, 연락처, هاتف, رقم الهاتف, جوال, רقم الجوال, טלפון, מספר טלפון,
  נייד, फ़ोन, फ़ोन नंबर, मोबाइल, मोबाइल नंबर, โทรศัพท์, เบอร์โทร, เบอร์โทรศัพท์`,
);

const stems = compactAll(
  `phone, telef, téléph, mobile, mobil, handy, rufnummer, cellul, celular, movil, msisdn, whatsapp, puhelin, telepon, điện thoại,
  τηλέφ, телефон, мобил, 电话, 手机, 電話, 携帯, 전화, 휴대, هاتف, جوال, טלפון, फ़ोन, मोबाइल, โทร`,
);

// Too short to be looked for inside other words.
const words: ReadonlySet<string> = new Set(["tel", "cell", "cel", "gsm", "mob"]);

/**
 * The column that holds the numbers: by its header, or by its cells when no header tells. `source` names the
 * list in the `invalid_input` that is thrown when there is none or more than one.
 */
export function findPhoneColumn(columns: readonly Column[], source: string): Column {
  const withNumbers = columns.filter((column) => column.cells.some(looksLikePhoneNumber));
  const mostlyNumbers = withNumbers.filter(isMostlyNumbers);
  // A named column without a single number comes last: its rows are then refused one by one, each with its reason.
  for (const candidates of [bestNamed(withNumbers), mostlyNumbers, bestNamed(columns)]) {
    const [first, ...others] = candidates;
    if (first === undefined) continue;
    if (others.length === 0) return first;
    throw new Problem(
      "invalid_input",
      `${source} has more than one column of phone numbers: ${quoteAll(candidates)}. Nothing was created. Name the one to call "${chosenName}" and try again.`,
    );
  }
  throw new Problem(
    "invalid_input",
    `${source} has no column of phone numbers. Its columns are ${quoteAll(columns)}. Nothing was created. Name the one to call "${chosenName}" and try again.`,
  );
}

/** By shape alone, with 7 to 15 digits; dates and US postal codes are told apart. */
export function looksLikePhoneNumber(cell: string): boolean {
  if (cell.length < 7 || cell.length > 60 || !/\p{Nd}/u.test(cell)) return false;
  const text = tidyPhoneText(cell);
  if (!/^\+?[\d\s()[\]./–-]{7,}(?:\s?(?:x|ext\.?)\s?\d{1,6})?$/i.test(text)) return false;
  if (/^\d{4}-\d{1,2}-\d{1,2}\b|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{5}-\d{4}$/.test(text)) return false;
  const digits = text.replace(/\D/g, "").length;
  return digits >= 7 && digits <= 15;
}

function isMostlyNumbers(column: Column): boolean {
  const filled = column.cells.filter((cell) => cell.trim() !== "");
  return filled.filter(looksLikePhoneNumber).length * 2 > filled.length;
}

function bestNamed(columns: readonly Column[]): readonly Column[] {
  const best = Math.max(0, ...columns.map(({ header }) => headerRank(header)));
  return best === 0 ? [] : columns.filter(({ header }) => headerRank(header) === best);
}

/** 3: the chosen name; 2: a name for phone numbers; 1: such a name with something else, as in "Customer phone 1"; 0: neither. */
function headerRank(header: string): number {
  const compact = compactName(header);
  if (compact === compactName(chosenName)) return 3;
  if (names.includes(compact)) return 2;
  if (stems.some((stem) => compact.includes(stem))) return 1;
  return header
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .some((word) => words.has(word))
    ? 1
    : 0;
}

/** Letters and digits only, in one case and without accents: `Téléphone n°` and `telephone_n` are the same. */
function compactName(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
}

function compactAll(list: string): readonly string[] {
  return list.split(",").map(compactName);
}

function quoteAll(columns: readonly Column[]): string {
  const more = columns.length > quotedAtMost ? ` and ${columns.length - quotedAtMost} more` : "";
  return `${columns
    .slice(0, quotedAtMost)
    .map(({ name }) => `"${name}"`)
    .join(", ")}${more}`;
}
