import type { CountryCode } from "libphonenumber-js/max";
import { callingCodeOf, countryCodes, isCountryCode } from "./number-plans.ts";
import type { RowCountry } from "./number-reading.ts";

/** Languages in which lists name their countries, after their own and English. */
const languages = "en de fr es it pt nl pl sv da nb fi cs tr ru ja zh".split(" ");

// ISO 3166-1: alpha-3 of each alpha-2 code that has a telephone plan.
const alpha3 = `
  ASC=AC AND=AD ARE=AE AFG=AF ATG=AG AIA=AI ALB=AL ARM=AM AGO=AO ARG=AR ASM=AS AUT=AT AUS=AU ABW=AW ALA=AX AZE=AZ BIH=BA
  BRB=BB BGD=BD BEL=BE BFA=BF BGR=BG BHR=BH BDI=BI BEN=BJ BLM=BL BMU=BM BRN=BN BOL=BO BES=BQ BRA=BR BHS=BS BTN=BT BWA=BW
  BLR=BY BLZ=BZ CAN=CA CCK=CC COD=CD CAF=CF COG=CG CHE=CH CIV=CI COK=CK CHL=CL CMR=CM CHN=CN COL=CO CRI=CR CUB=CU CPV=CV
  CUW=CW CXR=CX CYP=CY CZE=CZ DEU=DE DJI=DJ DNK=DK DMA=DM DOM=DO DZA=DZ ECU=EC EST=EE EGY=EG ESH=EH ERI=ER ESP=ES ETH=ET
  FIN=FI FJI=FJ FLK=FK FSM=FM FRO=FO FRA=FR GAB=GA GBR=GB GRD=GD GEO=GE GUF=GF GGY=GG GHA=GH GIB=GI GRL=GL GMB=GM GIN=GN
  GLP=GP GNQ=GQ GRC=GR GTM=GT GUM=GU GNB=GW GUY=GY HKG=HK HND=HN HRV=HR HTI=HT HUN=HU IDN=ID IRL=IE ISR=IL IMN=IM IND=IN
  IOT=IO IRQ=IQ IRN=IR ISL=IS ITA=IT JEY=JE JAM=JM JOR=JO JPN=JP KEN=KE KGZ=KG KHM=KH KIR=KI COM=KM KNA=KN PRK=KP KOR=KR
  KWT=KW CYM=KY KAZ=KZ LAO=LA LBN=LB LCA=LC LIE=LI LKA=LK LBR=LR LSO=LS LTU=LT LUX=LU LVA=LV LBY=LY MAR=MA MCO=MC MDA=MD
  MNE=ME MAF=MF MDG=MG MHL=MH MKD=MK MLI=ML MMR=MM MNG=MN MAC=MO MNP=MP MTQ=MQ MRT=MR MSR=MS MLT=MT MUS=MU MDV=MV MWI=MW
  MEX=MX MYS=MY MOZ=MZ NAM=NA NCL=NC NER=NE NFK=NF NGA=NG NIC=NI NLD=NL NOR=NO NPL=NP NRU=NR NIU=NU NZL=NZ OMN=OM PAN=PA
  PER=PE PYF=PF PNG=PG PHL=PH PAK=PK POL=PL SPM=PM PRI=PR PSE=PS PRT=PT PLW=PW PRY=PY QAT=QA REU=RE ROU=RO SRB=RS RUS=RU
  RWA=RW SAU=SA SLB=SB SYC=SC SDN=SD SWE=SE SGP=SG SHN=SH SVN=SI SJM=SJ SVK=SK SLE=SL SMR=SM SEN=SN SOM=SO SUR=SR SSD=SS
  STP=ST SLV=SV SXM=SX SYR=SY SWZ=SZ TAA=TA TCA=TC TCD=TD TGO=TG THA=TH TJK=TJ TKL=TK TLS=TL TKM=TM TUN=TN TON=TO TUR=TR
  TTO=TT TUV=TV TWN=TW TZA=TZ UKR=UA UGA=UG USA=US URY=UY UZB=UZ VAT=VA VCT=VC VEN=VE VGB=VG VIR=VI VNM=VN VUT=VU WLF=WF
  WSM=WS XKX=XK YEM=YE MYT=YT ZAF=ZA ZMB=ZM ZWE=ZW`;

// What people write and no table of names has.
const colloquial = `UK=GB U.K.=GB Great Britain=GB England=GB Scotland=GB Wales=GB Northern Ireland=GB U.S.=US U.S.A.=US America=US
  United States of America=US Holland=NL UAE=AE Czech Republic=CZ South Korea=KR Korea=KR Brasil=BR`;

/**
 * Reads a cell that says the country of the number beside it: `+44`, `44`, `0044`, `GB`, `GBR`, `UK`, `United Kingdom`,
 * `Deutschland`, `Germany (+49)`. Undefined for anything else, a calling code that nobody has included.
 */
export function parseRowCountry(text: string): RowCountry | undefined {
  const cell = text.normalize("NFKC").trim();
  const known = readBefore.get(cell);
  if (known !== undefined || readBefore.has(cell)) return known;
  const read = readCell(cell);
  if (readBefore.size < 1000) readBefore.set(cell, read);
  return read;
}

const readBefore = new Map<string, RowCountry | undefined>();

function readCell(cell: string): RowCountry | undefined {
  const digits = cell
    .replace(/[\s()-]/g, "")
    .replace(/^(?:\+|00)/, "")
    .replace(/\.0+$/, "");
  if (/^\d+$/.test(digits)) return toCallingCode(digits);
  const named = names().get(compactName(cell));
  if (named !== undefined) return { kind: "country", country: named };
  const [, name, code] = /^(.*?)[\s(]*\+(\d{1,3})\)?$/.exec(cell) ?? [];
  const both = name === undefined || code === undefined ? undefined : names().get(compactName(name));
  return both !== undefined && callingCodeOf(both) === code ? { kind: "country", country: both } : undefined;
}

/** `1-876` is one country of those that share the code 1. */
function toCallingCode(digits: string): RowCountry | undefined {
  return countryCodes(digits).length > 0 ? { kind: "calling_code", callingCode: digits } : undefined;
}

let namesMade: ReadonlyMap<string, CountryCode> | undefined;

/** Countries by every name and code, made when the first cell is read: it takes some 20 ms. */
function names(): ReadonlyMap<string, CountryCode> {
  namesMade ??= makeNames();
  return namesMade;
}

function makeNames(): ReadonlyMap<string, CountryCode> {
  const codes = pairsOf(alpha3.trim().split(/\s+/));
  const found = new Map<string, CountryCode>();
  for (const language of languages) {
    const display = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
    for (const [, code] of codes) {
      const name = display.of(code);
      if (name !== undefined) found.set(compactName(name), code);
    }
  }
  for (const [name, code] of pairsOf(colloquial.split(/(?<==[A-Z]{2})\s+/))) found.set(compactName(name), code);
  for (const [three, two] of codes) found.set(two, two).set(three, two);
  return found;
}

function pairsOf(texts: readonly string[]): (readonly [string, CountryCode])[] {
  return texts.flatMap((text) => {
    const [name = "", code = ""] = text.split("=");
    return isCountryCode(code) ? [[name, code] as const] : [];
  });
}

/** Capitals without accents and without what is no letter, so that `côte d’ivoire` and `Cote d'Ivoire` are the same. */
function compactName(name: string): string {
  return name
    .normalize("NFKD")
    .toUpperCase()
    .replace(/\p{M}|[^\p{L}]/gu, "");
}
