import { describe, expect, it } from "vitest";
import type { ColumnChoices, ColumnPlan } from "../../../src/domain/list/column-plan.ts";
import { planColumns } from "../../../src/domain/list/plan-columns.ts";
import { Problem } from "../../../src/domain/problem.ts";

type Wishes = { readonly choices?: ColumnChoices; readonly agent?: readonly string[] };

function plan(header: string, lines: readonly string[], { choices = {}, agent = [] }: Wishes = {}): ColumnPlan {
  const rows = lines.map((line, index) => ({ row: index + 2, cells: line.split(",") }));
  return planColumns({ columns: header.split(","), rows }, choices, agent, '"june.csv" in /lists');
}

const ann = "+12025550101";

describe("a plan of columns", () => {
  it("has the phone column, and a variable for each other one", () => {
    expect(plan("Name,Mobile No.,Order ID", [`Ann,${ann},7`])).toEqual({
      phone: [1],
      variables: new Map([
        [0, "Name"],
        [2, "Order ID"],
      ]),
      label: [0],
      said: ['"Mobile No." is to_number.'],
    });
  });

  it("takes the first of two phone columns by choice, or both in order, and leaves the rest to the names", () => {
    const lines = ["+12025550101,+12025550102,Ann"];
    expect(plan("Mobile,Home,Name", lines, { choices: { to_number: "home" } })).toMatchObject({ phone: [1], said: [] });
    const both = plan("Home,Mobile,Name", lines, { choices: { to_number: ["Mobile", "Home"] } });
    expect(both.phone).toEqual([1, 0]);
    expect([...both.variables.values()]).toEqual(["Name"]);
  });

  it("calls somebody else's column when it is asked for by name", () => {
    expect(
      plan("Name,Emergency Contact Phone", [`Ann,${ann}`], { choices: { to_number: "Emergency contact phone" } }).phone,
    ).toEqual([1]);
  });

  it("of rows with a fault believes nothing", () => {
    const rows = [
      { row: 2, cells: ["x"], fault: "too_few_cells" as const },
      { row: 3, cells: ["Ann", ann] },
    ];
    expect(planColumns({ columns: ["Who", "Reach"], rows }, {}, [], "The list").phone).toEqual([1]);
  });
});

describe("a choice of a column", () => {
  it.each(["Mobile No.", "mobile no.", " MOBILE NO ", "mobile_no", "MobileNo", "Móbile nº"])(
    "may be written %j",
    (written) => {
      expect(plan("Name,Mobile No.,Phone", [`Ann,${ann},${ann}`], { choices: { to_number: written } }).phone).toEqual([
        1,
      ]);
    },
  );

  it("prefers the very name, then the one that differs in case only", () => {
    const lines = ["1,2,+12025550101"];
    expect(plan("mobile no,Mobile-No,Mobile No", lines, { choices: { to_number: "Mobile No" } }).phone).toEqual([2]);
    expect(plan("mobile-no,Mobile_No,Mobile No", lines, { choices: { to_number: "MOBILE NO" } }).phone).toEqual([2]);
  });

  it.each<[string, ColumnChoices, RegExp]>([
    [
      "that fits two",
      { to_number: "mobileno" },
      /more than one column like "mobileno", which columns.to_number names: "Mobile No", "Mobile-No"/,
    ],
    [
      "that fits none",
      { to_number: "Mobil No" },
      /no column "Mobil No", which columns.to_number names\..*Did you mean "Mobile No"\?/,
    ],
    ["like a letter of a spreadsheet", { to_number: "B" }, /no column "B".*Write one of these names/],
    ["that is empty", { to_number: "" }, /no column ""/],
    ["of no column", { to_number: [] }, /columns.to_number names 0 columns/],
    [
      "of two countries",
      { country: ["Name", "Mobile No"] },
      /columns.country names 2 columns.*only to_number may have several/,
    ],
    [
      "of one column for two variables",
      { to_number: "Mobile No", first_name: "Name", last_name: "Name" },
      /column "Name" to two variables: "first_name", "last_name"/,
    ],
  ])("%s is refused", (_what, choices, message) => {
    expect(() => plan("Name,Mobile No,Mobile-No", [`Ann,${ann},1`], { choices })).toThrow(Problem);
    expect(() => plan("Name,Mobile No,Mobile-No", [`Ann,${ann},1`], { choices })).toThrow(message);
  });
});

describe("the country of the numbers", () => {
  it.each([
    ["country_code", "+44", "+91"],
    ["Country Code", "44", "91"],
    ["Calling code", "0044", "(+91)"],
    ["Ländervorwahl", "+49", "0041"],
    ["Vorwahl", "+49", "0041"],
    ["Country", "GB", "IN"],
    ["Country", "United Kingdom", "India"],
    ["country", "gb", "in"],
    ["Land", "Deutschland", "Österreich"],
    ["Pays", "Belgique", "France"],
    ["País", "México", "Perú"],
    ["Paese", "Italia", "Svizzera"],
    ["Kraj", "Polska", "PL"],
    ["Ülke", "Türkiye", "TR"],
    ["Страна", "Россия", "RU"],
    ["国家", "中国", "美国一"],
    ["国家代码", "+86", "+1"],
    ["الدولة", "مصر", "الأردن"],
    ["देश", "भारत", "नेपाल"],
    ["Mailing Country", "US", "CA"],
    ["Default Address Country Code", "US", "CA"],
    ["DDI", "+55", "55"],
    ["Country name", "Peru", "Chile"],
  ])("is in a column %s of %s", (header, first, second) => {
    const found = plan(`Name,${header},Phone`, [`Ann,${first},2079460958`, `Bob,${second},9600011957`]);
    expect(found).toMatchObject({ country: 1, phone: [2] });
    expect(found.said).toContain(`"${header}" says the country of the numbers.`);
    expect(found.variables.get(1)).toBe(header);
  });

  it.each([
    ["Country of birth", "GB"],
    ["Nationality", "British"],
    ["Passport country", "GB"],
    ["Country", "2079460958"],
    ["Landline notes", "GB"],
    ["Country", ""],
    ["Landlord", "GB"],
  ])("is not in a column %s of %j", (header, cell) => {
    expect(plan(`Name,${header},Phone`, [`Ann,${cell},2079460958`]).country).toBeUndefined();
  });

  it("is the one that belongs to the number", () => {
    const lines = ["DE,+44,2079460958", "DE,+91,9600011957"];
    expect(plan("Country,Phone Country Code,Phone", lines).country).toBe(1);
    expect(plan("Country,Country Code,Phone", lines).country).toBe(1);
    expect(plan("Billing Country,Shipping Country,Shipping Phone", ["DE,GB,2079460958"]).country).toBe(1);
    expect(plan("Billing Country,Country,Phone", ["DE,GB,2079460958"]).country).toBe(1);
  });

  it("is asked for when two columns are as likely and differ", () => {
    const header = "Billing Country,Shipping Country,Phone";
    expect(() => plan(header, ["DE,GB,2079460958"])).toThrow(
      /more than one column that may say the country of "Phone": "Billing Country", "Shipping Country".*columns: \{ country: "Billing Country" \}/,
    );
    expect(plan(header, ["GB,GB,2079460958"]).country).toBe(0);
    expect(plan(header, ["DE,GB,2079460958"], { choices: { country: "Shipping Country" } })).toMatchObject({
      country: 1,
    });
  });
});

describe("columns that say when and how often", () => {
  it.each([
    ["Time Zone", "America/New_York", "timezone"],
    ["tz", "Asia/Calcutta", "timezone"],
    ["Zeitzone", "Europe/Berlin", "timezone"],
    ["Fuseau horaire", "Europe/Paris", "timezone"],
    ["Часовой пояс", "Europe/Moscow", "timezone"],
    ["时区", "Asia/Shanghai", "timezone"],
    ["not_before", "2026-11-30T09:00", "notBefore"],
    ["Call after", "2026-11-30 09:00", "notBefore"],
    ["Nicht vor", "2026-11-30T09:00+01:00", "notBefore"],
    ["Max retries", "3", "maxRetries"],
    ["Reintentos", "0", "maxRetries"],
  ])("are known by their name and cells: %s of %s", (header, cell, role) => {
    const found = plan(`Name,${header},Phone`, [`Ann,${cell},${ann}`, `Bob,,${ann}`]);
    expect(found).toMatchObject({ [role]: 1 });
    expect(found.variables.has(1)).toBe(false);
    expect(found.said).toHaveLength(2);
  });

  it.each([
    ["Time Zone", "PST"],
    ["Call after", "lunch"],
    ["Max retries", "many"],
    ["Retries", "2025550101"],
  ])("are variables when their cells say something else: %s of %s", (header, cell) => {
    const found = plan(`Name,${header},Phone`, [`Ann,${cell},${ann}`]);
    expect([found.timezone, found.notBefore, found.maxRetries]).toEqual([undefined, undefined, undefined]);
    expect(found.variables.get(1)).toBe(header);
  });

  it.each([
    ["TZ", "PST", /^"TZ" holds no IANA time zones and is NOT used: each person is called by the clock of their number/],
    ["Call after", "15:00", /^"Call after" holds no times such as .* and is NOT used: it holds nobody back/],
  ])("are said not to be used when no cell can be read: %s of %s", (header, cell, words) => {
    expect(plan(`${header},Phone`, [`${cell},${ann}`]).said).toContainEqual(expect.stringMatching(words));
  });

  it.each([
    ["Zone", ["PST", "Pacific", "America/Denver"], "timezone"],
    ["Time zone", ["america/new york"], "timezone"],
    ["Call after", ["15:00", "tomorrow", "2026-12-08 15:00"], "notBefore"],
    ["not_before", ["15:00", "tomorrow"], "notBefore"],
    ["Not before", ["15:00"], "notBefore"],
  ])("are used when one cell, or the field's own name, shows what they are: %s of %j", (header, cells, role) => {
    const found = plan(
      `${header},Phone`,
      cells.map((cell) => `${cell},${ann}`),
    );
    expect(found).toMatchObject({ [role]: 0 });
  });

  it("may be named", () => {
    const choices = { timezone: "Where", not_before: "From when", max_retries: "How often", country: "Code" };
    expect(plan("Where,From when,How often,Code,Phone", [`x,y,z,w,${ann}`], { choices })).toMatchObject({
      timezone: 0,
      notBefore: 1,
      maxRetries: 2,
      country: 3,
    });
  });
});

describe("the agent's variables", () => {
  it.each([
    ["First Name", "first_name"],
    ["firstName", "first_name"],
    ["FIRST-NAME", "firstName"],
    ["Prénom", "prenom"],
    ["order id", "OrderID"],
  ])("%s is %s, and the answer says so", (header, variable) => {
    const found = plan(`${header},Phone`, [`Ann,${ann}`], { agent: [variable] });
    expect(found.variables.get(0)).toBe(variable);
    expect(found.said).toContain(`"${header}" is ${variable}.`);
  });

  it("are not guessed at", () => {
    expect(plan("Vorname,Given,Phone", [`Ann,Ann,${ann}`], { agent: ["first_name"] }).variables).toEqual(
      new Map([
        [0, "Vorname"],
        [1, "Given"],
      ]),
    );
  });

  it("get the column of the very name before one that is like it", () => {
    const found = plan("First Name,first_name,Phone", [`x,Ann,${ann}`], { agent: ["first_name"] });
    expect(found.variables).toEqual(
      new Map([
        [0, "First Name"],
        [1, "first_name"],
      ]),
    );
  });

  it("get what was chosen, and a column of that name that was not chosen is left out and named", () => {
    const found = plan("Vorname,first_name,Phone", [`Ann,x,${ann}`], {
      agent: ["first_name"],
      choices: { first_name: "Vorname" },
    });
    expect(found.variables).toEqual(new Map([[0, "first_name"]]));
    expect(found.said).toContain('"first_name" is left out, because another column is first_name.');
  });

  it("are asked about when two columns are as near", () => {
    expect(() => plan("First Name,First-Name,Phone", [`Ann,x,${ann}`], { agent: ["first_name"] })).toThrow(
      /more than one column for the agent's variable first_name: "First Name", "First-Name".*columns: \{ "first_name": "First Name" \}/,
    );
  });

  it("may be the number or the time zone, where the agent expects them", () => {
    const found = plan("Phone,Time Zone", [`${ann},Europe/Berlin`], { agent: ["phone", "time_zone"] });
    expect(found.variables).toEqual(
      new Map([
        [0, "phone"],
        [1, "time_zone"],
      ]),
    );
    expect(found).toMatchObject({ phone: [0], timezone: 1 });
  });
});

describe("who is who", () => {
  it.each([
    ["Name,Phone", [0]],
    ["Phone,Last name,First name", [2, 1]],
    ["Vorname,Nachname,Telefon", [0, 1]],
    ["Prénom,Nom,Téléphone", [0, 1]],
    ["Nom,Téléphone", [0]],
    ["Kunde,Telefon", [0]],
    ["Nombre,Apellidos,Teléfono", [0, 1]],
    ["姓名,手机", [0]],
    ["First name,Phone", [0]],
    ["City,Phone", []],
    ["Full Name,First Name,Phone", [0]],
  ])("%s", (header, label) => {
    const line = header
      .split(",")
      .map((name) => (/phone|tel|tél|手机/i.test(name) ? ann : "Ann"))
      .join(",");
    expect(plan(header, [line]).label).toEqual(label);
  });

  it("is not a column of numbers", () => {
    expect(plan("Contact,Phone", [`2025550109,${ann}`]).label).toEqual([]);
  });
});

describe("hostile tables", () => {
  it("have names of a prototype like any other", () => {
    const found = plan("__proto__,constructor,toString,Phone", [`a,b,c,${ann}`], {
      agent: ["__proto__", "hasOwnProperty"],
    });
    expect([...found.variables]).toEqual([
      [0, "__proto__"],
      [1, "constructor"],
      [2, "toString"],
    ]);
    expect(() => plan("Name,Phone", [`Ann,${ann}`], { choices: JSON.parse('{"__proto__":"Nam"}') })).toThrow(
      /columns.__proto__/,
    );
  });

  it("with 10,000 columns are planned like others", () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `Field ${index}`);
    const rows = Array.from({ length: 20 }, (_, index) => ({
      row: index + 2,
      cells: [ann, ...names.slice(1).map(() => "x")],
    }));
    expect(planColumns({ columns: ["Phone", ...names.slice(1)], rows }, {}, ["field_5000"], "The list").phone).toEqual([
      0,
    ]);
  });

  it("with emoji, marks of direction and very long names are planned", () => {
    expect(plan(`😀,\u202Eenohp,☎,${"x".repeat(5000)},Phone 📱`, [`a,b,c,d,${ann}`]).phone).toEqual([4]);
    expect(plan("\u200Fهاتف\u200F,الاسم", [`${ann},آن`])).toMatchObject({ phone: [0], label: [1] });
  });

  it("with cells as long as a book are refused at once", () => {
    const cells = ["1 ".repeat(100_000), "a".repeat(200_000)];
    const rows = [2, 3, 4].map((row) => ({ row, cells }));
    expect(() => planColumns({ columns: ["Name", "Who"], rows }, {}, [], "The list")).toThrow(
      /no column of phone numbers/,
    );
  });

  it("without rows or columns are refused or planned, never a defect of ours", () => {
    expect(() => plan("Name", [])).toThrow(Problem);
    expect(() => planColumns({ columns: [], rows: [] }, {}, [], "The list")).toThrow(Problem);
    expect(plan("Phone", []).phone).toEqual([0]);
  });
});
