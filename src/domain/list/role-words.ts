import { nameSet, wordList } from "./header-text.ts";

export const callingCodeNames = wordList(
  `calling code, dial code, dialing code, dialling code, isd, isd code, country code, countrycode, phone code, phone prefix, phone country, mobile country, mobile code, international code, country dial,
  country prefix, country calling, *landervorwahl*, *landesvorwahl*, internationale vorwahl, indicatif*, code pays, *landnummer*, codigo de pais, codigo pais, prefijo pais, prefijo internacional, ddi,
  codigo do pais, prefisso internazionale, prefisso paese, codice paese, landcode*, landskod*, landekode*, landkode*, maakoodi*, suuntanumero*, kod kraju, prefiks*, predvolba*, orszagkod*, orszaghivo*, ulke kodu, kode negara,
  ma quoc gia, код страны, код країни, κωδικος χωρας, 国家代码, 国家区号, 国际区号, 國碼, 国番号, 国コード, 국가번호, 국가코드, رمز الدولة, رمز البلد, מדינה קידומת, קידומת מדינה, देश कोड, รหัสประเทศ`,
);

export const countryNames = wordList(
  `country, country name, nation, land, *lander*, lander, *land name, pays, pais, paese, stato estero, kraj, nazione, maa, orszag, zeme, krajina, tara, ulke, ulkesi, negara, quoc gia, nchi,
  χωρα, страна, країна, държава, 国家, 國家, 国, 국가, 나라, الدولة, البلد, دولة, بلد, کشور, ארץ, מדינה, देश, ประเทศ`,
);

/** Where somebody comes from, not where their phone is. */
export const originWords = wordList(
  `birth*, born, nationalit*, citizen*, origin*, *geburt*, naissance, nacimiento, nascita, nascimento, herkunft*, passport*`,
);

export const areaCodeNames = nameSet(
  `area code, std code, city code, ortsvorwahl, vorwahl, ortskennzahl, indicatif régional, prefijo, prefijo local, código de área, clave lada, lada, ddd, prefisso, netnummer, kengetal, kierunkowy, numer kierunkowy,
  riktnummer, suuntanumero, körzetszám, předvolba, alan kodu, kode area, mã vùng, код города, 区号, 區號, 市外局番, 지역번호`,
);

export const timezoneNames = nameSet(
  `timezone, time zone, tz, zone, iana timezone, iana time zone, customer timezone, contact timezone, recipient timezone, local timezone, hs timezone, zeitzone, fuseau horaire, fuseau, zona horaria, huso horario, fuso horário, fuso orario, tijdzone, strefa czasowa, tidszon,
  tidssone, tidszone, aikavyöhyke, időzóna, časové pásmo, fus orar, saat dilimi, zona waktu, múi giờ, ζώνη ώρας, часовой пояс, часовий пояс, 时区, 時區, タイムゾーン, 시간대, المنطقة الزمنية, אזור זמן, समय क्षेत्र, เขตเวลา`,
);

export const notBeforeNames = nameSet(
  `not before, not_before, call not before, do not call before, call after, call not earlier than, earliest call, earliest call time, call from, no calls before, nicht vor, nicht anrufen vor, anruf ab, anrufen ab, frühestens,
  pas avant, ne pas appeler avant, appeler après, no antes de, no llamar antes de, llamar después de, não antes de, não ligar antes de, ligar depois de, non prima di, non chiamare prima di, niet voor, niet bellen voor, bellen na,
  nie wcześniej niż, dzwonić po, inte före, ring efter, ikke før, ring etter, не раньше, не звонить до, звонить после, 不早于, これ以降`,
);

export const maxRetriesNames = nameSet(
  `max retries, max_retries, maximum retries, retries, retry limit, number of retries, max redials, wiederholungen, max wiederholungen, anzahl wiederholungen, nombre de relances, tentatives supplémentaires, reintentos, máximo de reintentos,
  máx reintentos, novas tentativas, tentativi ulteriori, herhalingen, ponowienia, повторы, повторных попыток, 重试次数, 最大重试次数, リトライ回数, 재시도 횟수`,
);

/** The API's own name for it, and ways to write that. Other second numbers are called only when somebody says so. */
export const fallbackNumberNames = nameSet("fallback number, fallback phone, fallback phone number");
