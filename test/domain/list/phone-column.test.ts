import { describe, expect, it } from "vitest";
import type { ColumnPlan } from "../../../src/domain/list/column-plan.ts";
import { planColumns } from "../../../src/domain/list/plan-columns.ts";
import { Problem } from "../../../src/domain/problem.ts";

const source = '"june.csv" in /lists';

function samplesOf(header: string, ...lines: readonly string[]) {
  return {
    columns: header.split(","),
    rows: lines.map((line, index) => ({ row: index + 2, cells: line.split(",") })),
  };
}

function plan(header: string, ...lines: readonly string[]): ColumnPlan {
  return planColumns(samplesOf(header, ...lines), {}, [], source);
}

function phoneOf(header: string, ...lines: readonly string[]): string | undefined {
  return header.split(",")[plan(header, ...lines).phone[0] ?? -1];
}

function refusal(read: () => unknown): Problem {
  try {
    read();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("the columns were planned");
}

/** Each column filled alike, so that names alone decide. */
function byName(header: string): string | undefined {
  const cells = (last: number) =>
    header
      .split(",")
      .map((_, index) => `+1202555${String(100 + index)}${last}`)
      .join(",");
  return phoneOf(header, cells(1), cells(2));
}

describe("the phone column by its name", () => {
  it.each([
    ["phone"],
    ["Phone Number"],
    ["PHONE_NUMBER"],
    ["phoneNumber"],
    ["Tel."],
    ["Mobile"],
    ["Cell #"],
    ["Mobile No."],
    ["Mobile Number (primary)"],
    ["Customer phone 1"],
    ["Contact Number"],
    ["WhatsApp"],
    ["MSISDN"],
    ["Ph. No."],
    ["Telefonnummer"],
    ["Handy-Nr."],
    ["Tel. privat"],
    ["Rufnummer"],
    ["Telefon (mobil)"],
    ["Mobiltelefonnummer"],
    ["Kunden-Telefon"],
    ["Téléphone"],
    ["N° de téléphone"],
    ["Tél. portable"],
    ["Numéro de portable"],
    ["Téléphone du client"],
    ["Teléfono móvil"],
    ["Nº de teléfono"],
    ["Celular"],
    ["Número de celular"],
    ["Teléfono del pedido"],
    ["Telefone"],
    ["Telemóvel"],
    ["Nº de telefone"],
    ["Cellulare"],
    ["Numero di telefono"],
    ["Telefono cliente"],
    ["Telefoonnummer"],
    ["GSM-nummer"],
    ["Mobiel nummer"],
    ["Numer telefonu"],
    ["Telefon komórkowy"],
    ["Nr tel."],
    ["Mobilnummer"],
    ["Tlf.nr."],
    ["Puhelinnumero"],
    ["Matkapuhelin"],
    ["Telefonszám"],
    ["Telefonní číslo"],
    ["Număr de telefon"],
    ["Telefon numarası"],
    ["Cep Telefonu"],
    ["Nomor telepon"],
    ["No. HP"],
    ["Số điện thoại"],
    ["Điện thoại di động"],
    ["Τηλέφωνο"],
    ["Κινητό"],
    ["телефон"],
    ["Номер телефона"],
    ["Моб. телефон"],
    ["电话号码"],
    ["手机号"],
    ["客户电话"],
    ["電話番号"],
    ["携帯電話"],
    ["전화번호"],
    ["휴대폰 번호"],
    ["رقم الهاتف"],
    ["رقم الجوال"],
    ["טלפון נייד"],
    ["मोबाइल नंबर"],
    ["เบอร์โทรศัพท์"],
    ["📞 Phone"],
    ["Order Phone"],
    ["Billing Phone"],
    ["Company phone"],
    ["Home Phone"],
    ["Primary Phone"],
    ["e.164"],
    ["Mobile/WhatsApp"],
    ["Phone (with country code)"],
    ["Telefon mit Vorwahl"],
    ["Tel. avec indicatif"],
    ["Best contact number"],
    ["联系方式"],
    ["연락처1"],
    ["Mobile_Phone__c"],
    ["customer_phone_number"],
    ["Phone Number (US)"],
    ["Phone number for delivery"],
  ])("is %s beside an account number and a number of nobody's", (header) => {
    expect(byName(`Account,${header},Emergency Contact Phone,Fax`)).toBe(header);
  });

  it.each([
    ["Emergency Contact Phone"],
    ["Next of Kin Mobile"],
    ["Spouse phone"],
    ["Parent Phone"],
    ["Mother's mobile"],
    ["Guardian Tel"],
    ["Doctor Phone"],
    ["Assistant Phone"],
    ["Asst. Phone"],
    ["Manager's Phone"],
    ["Referrer phone"],
    ["Reference Phone"],
    ["Fax"],
    ["Home Fax"],
    ["Fax Number"],
    ["Telefax"],
    ["Faxnummer"],
    ["Télécopie"],
    ["Факс"],
    ["传真"],
    ["ファックス"],
    ["Notfallkontakt Telefon"],
    ["Notfallnummer"],
    ["Telefon der Mutter"],
    ["Téléphone d'urgence"],
    ["Contact d'urgence"],
    ["Teléfono de emergencia"],
    ["Teléfono de la madre"],
    ["Telefone de emergência"],
    ["Telefono di emergenza"],
    ["Noodgeval telefoon"],
    ["Telefon rodzica"],
    ["Экстренный телефон"],
    ["紧急联系电话"],
    ["緊急電話番号"],
    ["비상 전화번호"],
    ["هاتف الطوارئ"],
    ["טלפון חירום"],
    ["Acil telefon"],
    ["Nomor telepon darurat"],
    ["Phone type"],
    ["Phonetic name"],
    ["Automobile"],
    ["Immobilien"],
    ["Microphone"],
    ["Phone contact name"],
    ["Mobile home"],
    ["Phone last 4"],
    ["Phone verified"],
    ["Mobile opt-in"],
    ["Phone extension"],
    ["Mobile Carrier"],
    ["Phone order"],
    ["Mobile bill amount"],
    ["Phone ID"],
    ["Telefonvertrag"],
    ["Order"],
    ["Order ID"],
    ["Order Number"],
    ["Invoice No."],
    ["Account number"],
    ["Customer ID"],
    ["Kundennummer"],
    ["Rechnungsnummer"],
    ["Bestellnummer"],
    ["Kontonummer"],
    ["Numéro de commande"],
    ["N° facture"],
    ["Pedido"],
    ["Número de cuenta"],
    ["Código postal"],
    ["Nº do pedido"],
    ["Codice fiscale"],
    ["Ordernummer"],
    ["Numer zamówienia"],
    ["Sipariş No"],
    ["Номер заказа"],
    ["订单号"],
    ["注文番号"],
    ["주문번호"],
    ["رقم الطلب"],
    ["ZIP"],
    ["Postcode"],
    ["PLZ"],
    ["Date"],
    ["Created At"],
    ["Geburtsdatum"],
    ["Amount"],
    ["Total spent"],
    ["Betrag"],
    ["Montant"],
    ["SSN"],
    ["IBAN"],
    ["Tracking number"],
  ])("is never %s by itself", (header) => {
    const { code, message } = refusal(() => plan(`Name,${header}`, "Ann,2025550191", "Bob,2025550192"));
    expect(code).toBe("invalid_input");
    expect(message).toContain("has no column of phone numbers");
    expect(phoneOf(`Name,${header},Phone`, "Ann,+12025550191,x", "Bob,+12025550192,y")).toBe("Phone");
  });

  it.each([
    ["Mobile,Emergency Contact Phone", ["2.02556E+09,202-555-0191", "2.02556E+09,202-555-0192"], "Mobile"],
    ["Order,Phone", ["2025550199,Tel. (202) 555-0101", "2025550198,Tel. (202) 555-0102"], "Phone"],
    ["Work phone,Phone", ["+12025550101,+12025550102"], "Phone"],
    ["Phone,to_number", ["+12025550101,+12025550102"], "to_number"],
    ["Primary Phone,Secondary Phone", ["+12025550101,+12025550102"], "Primary Phone"],
    ["Phone,Alternate Phone", ["+12025550101,+12025550102"], "Phone"],
    ["Phone,Mobile", [",+12025550102", ",+12025550103"], "Mobile"],
    ["Phone,Contact number", ["Samsung,+12025550102", "Nokia,+12025550103"], "Contact number"],
    ["Phone,Reach", [",+12025550102"], "Phone"],
  ])("of %s", (header, lines, name) => {
    expect(phoneOf(header, ...lines)).toBe(name);
  });

  it.each([
    ["Mobile,Phone"],
    ["Phone 1,Phone 2"],
    ["Home phone,Work phone"],
    ["Phone,Phone_2"],
    ["Telefon,Handy"],
    ["Téléphone,Portable"],
    ["Phone 1 - Value,Phone 2 - Value"],
    ["电话,手机"],
    ["to_number,to_number_2"],
  ])("of %s is doubtful", (header) => {
    const { code, message } = refusal(() => byName(header));
    const [first, second] = header.split(",");
    expect(code).toBe("invalid_input");
    expect(message).toContain(`more than one column of phone numbers: "${first}", "${second}".`);
    expect(message).toContain(`columns: { to_number: "${first}" }`);
    expect(message).toContain(`columns: { to_number: ["${first}", "${second}"] }`);
  });
});

const exports: readonly [string, string, string | readonly string[]][] = [
  [
    "Salesforce contacts",
    "Salutation,First Name,Last Name,Title,Account Name,Mailing Street,Mailing City,Mailing State/Province,Mailing Zip/Postal Code,Mailing Country,Phone,Fax,Mobile,Email,Account Owner",
    ["Phone", "Mobile"],
  ],
  [
    "Salesforce data loader",
    "Id,AccountId,LastName,FirstName,MobilePhone,Fax,AssistantPhone,AssistantName,Email,CreatedDate,OwnerId",
    "MobilePhone",
  ],
  [
    "HubSpot",
    "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date,Last Activity Date,Marketing contact status",
    "Phone Number",
  ],
  [
    "HubSpot with mobile",
    "Record ID,First Name,Last Name,Phone Number,Mobile Phone Number,Create Date",
    ["Phone Number", "Mobile Phone Number"],
  ],
  [
    "Zoho CRM",
    "Record Id,Lead Owner,Company,First Name,Last Name,Email,Phone,Fax,Website,Lead Source,Annual Revenue,Email Opt Out,Zip Code",
    "Phone",
  ],
  ["Zoho with other phones", "Contact Id,Contact Name,Phone,Home Phone,Other Phone,Asst Phone,Fax,Assistant", "Phone"],
  [
    "Pipedrive",
    "Person - ID,Person - Name,Person - Organization,Person - Phone - Work,Person - Phone - Home,Person - Phone - Mobile,Person - Email - Work",
    "Person - Phone - Mobile",
  ],
  [
    "Google Contacts",
    "First Name,Middle Name,Last Name,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Organization Name",
    "Phone 1 - Value",
  ],
  [
    "Outlook",
    "First Name,Last Name,Company,Business Fax,Home Fax,Assistant's Phone,Mobile Phone,Business Phone,Home Phone,Car Phone,Pager",
    ["Mobile Phone", "Car Phone"],
  ],
  [
    "Shopify customers",
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Zip,Default Address Country Code,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tags",
    "Phone",
  ],
  [
    "Shopify orders",
    "Name,Email,Financial Status,Paid at,Total,Billing Name,Billing Zip,Billing Phone,Shipping Phone,Phone,Payment Reference",
    "Phone",
  ],
  [
    "Stripe customers",
    "id,Description,Email,Name,Created (UTC),Delinquent,Card ID,Currency,Phone,Total Spend,Payment Count",
    "Phone",
  ],
  ["WhatsApp group", "Country Code,Number,Phone Number,Saved Name,Public Display Name,Is Business", "Phone Number"],
  [
    "Dynamics 365",
    "Full Name,Email,Company Name,Business Phone,Mobile Phone,Job Title,Created On,Owner",
    "Mobile Phone",
  ],
  [
    "Mailchimp",
    "Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,LEID,EUID,TAGS",
    "Phone Number",
  ],
];

describe("the phone column of an export", () => {
  it.each(exports)("of %s", (_what, header, expected) => {
    if (typeof expected === "string") expect(byName(header)).toBe(expected);
    else {
      const names = expected.map((name) => `"${name}"`).join(", ");
      expect(refusal(() => byName(header)).message).toContain(`more than one column of phone numbers: ${names}.`);
    }
  });
});

describe("the phone column by its cells", () => {
  it("is one of nothing but phone numbers, under a name that nobody knows", () => {
    expect(
      phoneOf(
        "Who,Visit,Until,ZIP,Reach",
        "Ana,2026-02-20,20.02.2026,94105-1234,+12025550101",
        "Cid,,,,(202) 555-0102",
      ),
    ).toBe("Reach");
    expect(phoneOf("Phone type,Reach", "home,202-555-0101")).toBe("Reach");
  });

  it("of a table without a header may be bare digits, if nothing else could be the number", () => {
    expect(phoneOf("column_1,column_2", "Ann,2025550101", "Bob,2025550102")).toBe("column_2");
    expect(phoneOf("column_1,column_2", "Ann,202-555-0101 (cell)", "Bob,202-555-0102", "Cy,202-555-0103")).toBe(
      "column_2",
    );
    expect(phoneOf("column_1", "2025550101", "2025550102")).toBe("column_1");
    expect(phoneOf("column_1,column_2", "2025550199,Tel. (202) 555-0101", "2025550198,Tel. (202) 555-0102")).toBe(
      "column_2",
    );
    expect(() => plan("column_1,column_2", "2025550199,2.02556E+09", "2025550198,2.02556E+09")).toThrow(Problem);
    expect(() => plan("column_1,column_2", "Nambari ya oda,Nambari", "2025550198,Ann")).toThrow(Problem);
  });

  it("is asked for when digits stand under a name that tells nothing, or in two columns", () => {
    expect(() => plan("Who,Reach", "Ann,2025550101", "Bob,2025550102")).toThrow(/no column of phone numbers/);
    expect(() => plan("Who,First,Second", "Ann,+12025550101,+12025550102")).toThrow(
      /more than one column of phone numbers: "First", "Second"/,
    );
    expect(phoneOf("Name,Number", "Ann,2025550101")).toBe("Number");
    expect(() => plan("Number,Reach", "2025550199,Tel. 2025550101")).toThrow(Problem);
  });

  it.each([
    ["dates", ["2026-02-20", "2026-02-21"]],
    ["days", ["20.02.2026", "21.02.2026"]],
    ["instants", ["2026-02-20 10:00", "2026-02-21 11:00"]],
    ["compact dates", ["20260220", "20260221"]],
    ["ZIP+4", ["94105-1234", "94105-1235"]],
    ["CEP", ["01310-100", "01310-200"]],
    ["Japanese postcodes", ["150-0001", "150-0002"]],
    ["ids", ["1234567890", "1234567891"]],
    ["padded ids", ["0012345678", "0012345679"]],
    ["order ids", ["2026-000123", "2026-000124"]],
    ["amounts", ["1 234 567.00", "2 345 678.50"]],
    ["grouped amounts", ["1.234.567", "2.345.678"]],
    ["SSN", ["123-45-6789", "123-45-6780"]],
    ["CPF", ["123.456.789-09", "123.456.789-10"]],
    ["Aadhaar", ["1234 5678 9012", "1234 5678 9013"]],
    ["ISBN", ["978-3-16-148410-0", "978-3-16-148411-0"]],
    ["IP", ["192.168.100.25", "192.168.100.26"]],
    ["places", ["-122.4194155", "37.7749295"]],
    ["epochs", ["1767225600", "1767225601"]],
    ["cards", ["4111 1111 1111 1111", "4111 1111 1111 1112"]],
  ])("is never one of %s", (_what, cells) => {
    expect(() => plan("Who,Thing", ...cells.map((cell) => `Ann,${cell}`))).toThrow(/no column of phone numbers/);
  });
});

describe("a refusal", () => {
  it("shows the columns, three masked rows and how to name one", () => {
    const { message } = refusal(() =>
      plan(
        "Who,Order,Mail,Reach",
        "Ann,2025550199,ann@example.com,Tel. (202) 555-0101",
        "Bob,2025550198,,+44 20 7946 0958",
        "Cy,1,,x",
        "Di,2,,y",
      ),
    );
    expect(message).toBe(
      '"june.csv" in /lists has no column of phone numbers. Its columns are "Who", "Order", "Mail", "Reach". ' +
        "The first rows: row 2: Ann | *** *** 0199 | ***@example.com | Tel. (*** *** 0101; row 3: Bob | *** *** 0198 |  | +44 *** *** 0958; row 4: Cy | 1 |  | x. " +
        'Nothing was created. Say which column is called: columns: { to_number: "Who" }.',
    );
  });

  it("of numbers in two parts says so", () => {
    expect(() => plan("Name,Vorwahl,Rufnummer", "Ann,0171,1234567", "Bob,030,1234568")).toThrow(
      /numbers in two parts: "Vorwahl"/,
    );
    expect(phoneOf("Name,Vorwahl,Rufnummer", "Ann,+49,1711234567", "Bob,+44,2079460958")).toBe("Rufnummer");
  });

  it("of very many columns names twenty of them", () => {
    const header = Array.from({ length: 30 }, (_, index) => `Field ${index}`).join(",");
    expect(refusal(() => plan(header, ",".repeat(29))).message).toContain('"Field 19" and 10 more.');
  });
});

describe("broken numbers", () => {
  const mangled = [
    "2.02556E+09",
    "unknown",
    "***-***-0101",
    "Tel. (202) 555-0101",
    "#N/A",
    "0",
    "call mom",
    "",
    "2025550101 / 02",
  ];
  const distractors = [
    "Emergency Contact Phone",
    "Fax",
    "Order",
    "Account Number",
    "Amount",
    "Date",
    "Reach",
    "Assistant Phone",
    "ZIP",
    "Number",
  ];

  it("never make another column than the one named for phones the one that is called", () => {
    for (const phone of ["Phone", "Mobile No.", "Handynummer", "Teléfono", "手机号"]) {
      for (const other of distractors) {
        for (const cell of mangled) {
          for (const header of [`Name,${phone},${other}`, `${other},${phone},Name`]) {
            const line = header
              .split(",")
              .map((name) => (name === phone ? cell : name === other ? "+12025550191" : "Ann"))
              .join(",");
            expect([header, phoneOf(header, line, line)]).toEqual([header, phone]);
          }
        }
      }
    }
  });
});
