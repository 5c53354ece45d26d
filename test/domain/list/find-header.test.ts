import { describe, expect, it } from "vitest";
import { findHeader, nameColumns } from "../../../src/domain/list/find-header.ts";

function headerOf(...lines: readonly string[]): number | undefined {
  return findHeader(lines.map((line) => ({ cells: line.split(",") }))).headerIndex;
}

const people = ["Ann,202-555-0101", "Bob,202-555-0102", "Cy,202-555-0103"];

describe("a header", () => {
  it.each([
    ["Name,Phone"],
    ["Full Name,Mobile No."],
    ["Vorname,Handynummer"],
    ["Prénom,N° de téléphone"],
    ["Nombre,Nº de teléfono"],
    ["Nome,Celular"],
    ["Naam,Telefoonnummer"],
    ["Imię,Numer telefonu"],
    ["Namn,Mobilnummer"],
    ["Nimi,Puhelin"],
    ["Név,Telefonszám"],
    ["Jméno,Telefonní číslo"],
    ["Ad Soyad,Cep Telefonu"],
    ["Nama,No. HP"],
    ["Họ và tên,Số điện thoại"],
    ["Όνομα,Τηλέφωνο"],
    ["Имя,Номер телефона"],
    ["姓名,手机号码"],
    ["氏名,携帯電話"],
    ["이름,휴대폰"],
    ["الاسم,رقم الجوال"],
    ["שם,טלפון"],
    ["नाम,मोबाइल नंबर"],
    ["ชื่อ,เบอร์โทรศัพท์"],
    ["Who,Phone"],
    ["Name,Reach"],
    [",Phone"],
    ["Client,Mobile Number (primary)"],
    ["Nom du client,Téléphone portable"],
  ])("is %s", (header) => {
    expect(headerOf(header, ...people)).toBe(0);
  });

  it("may have cells that look like numbers or are blank", () => {
    expect(headerOf("Name,Phone,20251101", "Ann,202-555-0101,12.50", "Bob,202-555-0102,7")).toBe(0);
    expect(headerOf("Name,Phone,2025,", "Ann,202-555-0101,12.50,x", "Bob,202-555-0102,7,")).toBe(0);
    expect(headerOf("Name,Phone,2025550100", "Ann,202-555-0101,2025550109", "Bob,202-555-0102,2025550108")).toBe(0);
  });

  it("is found though every number below is broken", () => {
    expect(headerOf("Name,Phone", "Ann,call mom", "Bob,unknown")).toBe(0);
    expect(headerOf("Name,Mobile,Emergency Contact Phone", "Ann,2.02556E+09,202-555-0191")).toBe(0);
  });

  it("is found below titles and blank rows", () => {
    expect(headerOf("Customer export,", "Generated 2026-11-01,", ",", "Name,Phone", ...people)).toBe(3);
    expect(headerOf("Customer export", "Generated,2026-11-01", "", "Name,Phone", ...people)).toBe(3);
    expect(
      headerOf("Report: campaign of customers in Berlin,,", "Filter:,All,", "Name,Phone,City", "Ann,202-555-0101,Ulm"),
    ).toBe(2);
    expect(headerOf("Numbers to call", "Phone", "202-555-0101", "202-555-0102")).toBe(1);
  });

  it("is the row with the names when the one above groups them", () => {
    expect(headerOf("Contact,,Address,", "Name,Phone,Street,City", "Ann,202-555-0101,Main St 5,Ulm")).toBe(1);
  });

  it("knows blank rows by their numbers when they are left out", () => {
    const rows = [
      { row: 1, cells: ["Generated", "today"] },
      { row: 3, cells: ["Name", "Phone"] },
      { row: 4, cells: ["Ann", "202-555-0101"] },
    ];
    expect(findHeader(rows)).toEqual({ headerIndex: 1, firstDataIndex: 2 });
  });
});

describe("a first row is a person", () => {
  it.each([
    ["Ann,202-555-0101 (cell)"],
    ["Ann,unknown"],
    ["Ann,2.02556E+09"],
    ["Ann,***-***-0101"],
    ["Ann,n/a"],
    ["Ann,no phone"],
    ["Ann,no number"],
    ["Ann,ohne Telefon"],
    ["Ann,pas de téléphone"],
    ["Ann,нет телефона"],
    ["Ann,无电话"],
    ["Ann,call the office"],
    ["Ann,ask for her mobile"],
    ["Ann,"],
    ["Jina,unknown"],
    ["Nimi,unknown"],
    ["Mobile Phone Shop,202-555-0109"],
    ["Ann,555-01O1"],
  ])("as in %s", (first) => {
    expect(findHeader([first, ...people].map((line) => ({ cells: line.split(",") })))).toEqual({
      headerIndex: undefined,
      firstDataIndex: 0,
    });
  });

  it("whose labels could be names of columns", () => {
    expect(headerOf("Ann,Mobile,202-555-0101", "Bob,Home,202-555-0102", "Cy,Work,202-555-0103")).toBeUndefined();
    expect(headerOf("Ann,unknown,Email", "Bob,202-555-0102,Phone", "Cy,202-555-0103,SMS")).toBeUndefined();
    expect(headerOf("Ann,unknown,Customer", "Bob,202-555-0102,Lead", "Cy,202-555-0103,Prospect")).toBeUndefined();
    expect(headerOf("unknown,Home", "202-555-0102,Mobile", "202-555-0103,Work")).toBeUndefined();
  });

  it("who stands above another header, as where two lists were put together", () => {
    expect(headerOf("Ann,202-555-0101", "Name,Phone", "Bob,202-555-0102")).toBeUndefined();
  });
});

describe("without a header", () => {
  const numbers = [
    "202-555-0101",
    "+1 202 555 0101",
    "12",
    "unknown",
    "n/a",
    "-",
    "?",
    "2.02556E+09",
    "xxx-xxx-0101",
    "•••0101",
    "call mom",
    "202-555-0101 (cell)",
    "Tel. 202 555 0101",
    "no phone",
    "",
    "none",
    "keine",
    "2025550101.0",
    "O2O-555-0101",
    "555-CALL-NOW",
    "0",
    "#N/A",
    "(unlisted)",
    "see notes",
    "do not call",
    "wrong number",
    '="2025550101"',
  ];

  it("no row is lost, whatever the numbers look like", () => {
    for (const a of numbers) {
      for (const b of numbers) {
        for (const lines of [
          [`Ann,${a}`, `Bob,${b}`],
          [`${a},Ann`, `${b},Bob`],
          [`Ann,${a},Ulm`, `Bob,${b},Bonn`, people[2] ?? ""],
        ]) {
          const rows = lines.map((line) => ({ cells: line.split(",") }));
          expect([lines, findHeader(rows)]).toEqual([lines, { headerIndex: undefined, firstDataIndex: 0 }]);
        }
      }
    }
  });

  it("blank rows come before the first person", () => {
    expect(findHeader([{ cells: [""] }, { cells: ["Ann", "202-555-0101"] }]).firstDataIndex).toBe(1);
    expect(findHeader([])).toEqual({ headerIndex: undefined, firstDataIndex: 0 });
  });
});

it("names of columns are never blank and never the same twice", () => {
  expect(nameColumns(["Phone", "Name", " ", "Name", "__proto__", "Name_2"], 7)).toEqual([
    "Phone",
    "Name",
    "column_3",
    "Name_2",
    "__proto__",
    "Name_2_2",
    "column_7",
  ]);
  expect(nameColumns([], 2)).toEqual(["column_1", "column_2"]);
  expect(nameColumns(["column_2", "", "column_2"], 3)).toEqual(["column_2", "column_2_2", "column_2_3"]);
});
