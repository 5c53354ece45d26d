import { nameSet, wordList } from "./header-text.ts";

/** Numbers that identify, count or cost something. */
export const idWords = wordList(
  `id, ids, uid, uuid, guid, key, code, ref, reference*, order*, invoice*, account*, acct, acc, policy, contract*, ticket*, case, booking*,
  reservation*, transaction*, payment*, receipt*, sku, serial*, tracking, membership, card*, iban, bic, swift, vat, tax*, ssn, passport*,
  licen*, imei, imsi, iccid, claim*, loan*, batch, row, index, seq, sequence, record, barcode, ean, isbn, ip, lat, latitude, lon, lng,
  longitude, zip, zipcode, postal*, postcode*, post code, pincode, pin, plz, *postleitzahl*, code postal, cp, cep code, cap, codigo postal,
  postnummer*, postnr*, postinumero*, irsz, psc, kod pocztowy, posta kodu, kode pos, aadhaar, pan, nif, nie, dni, cpf, cnpj, rfc, curp, rut,
  pesel, nip, regon, siret, siren, cuit, *bestell*, *auftrag*, *rechnung*, *vertrag*, *konto*, *kundennummer*, *kundennr*, *kunden nr*,
  *kunden nummer*, *mitgliedsnummer*, *ausweis*, *steuer*, *aktenzeichen*, *vorgang*, commande*, facture*, compte*, dossier*, matricule*,
  identifiant*, pedido*, factura*, cuenta*, contrato*, expediente*, matricula*, fatura*, conta, ordine*, fattura*, conto, codice*, codigo*,
  bestelling*, factuur*, rekening*, klantnummer*, zamowien*, faktur*, zlecen*, umow*, ordernummer*, ordrenummer*, kundnummer*, kundenummer*,
  fakturanummer*, tilaus*, lasku*, asiakasnumero*, siparis*, fatura*, hesap*, musteri no, pesanan*, faktur*, rendeles*, szamla*,
  objednavk*, заказ*, счет*, счёт*, договор*, инн, индекс*, замовлен*, рахун*, αριθμος παραγγελιας, παραγγελ*, τιμολογ*, 订单, 訂單, 发票, 账号, 合同,
  邮编, 郵便番号, 郵遞區號, 注文, 請求, 会員番号, 顧客番号, 주문, 송장, 계좌, 우편번호, 회원번호, رقم الطلب, فاتورة, حساب, الرمز البريدي, הזמנה, חשבונית, חשבון, מיקוד,
  ऑर्डर, चालान, खाता, पिन कोड, คำสั่งซื้อ, ใบแจ้งหนี้, บัญชี, รหัส`,
);

export const dateWords = wordList(
  `date*, time*, timestamp*, dob, birth*, birthday, born, created*, updated*, modified*, last, due, expir*, since, until, visit*, appointment*, year, month,
  *datum*, *geburt*, *termin*, uhrzeit*, erstellt*, heure*, naissance*, fecha*, nacimiento*, hora, data, nascimento*, nascita*, ora,
  geboorte*, tijd, urodzen*, fodelse*, fodsels*, paiva*, syntyma*, tarih*, dogum*, tanggal*, lahir*, ngay*, дата*, рожден*, время*,
  ημερομην*, 日期, 时间, 時間, 生日, 生年月日, 日付, 날짜, 일자, 생년월일, تاريخ, תאריך, दिनांक, तारीख, วันที่`,
);

export const amountWords = wordList(
  `amount*, total*, price*, cost*, balance*, sum, qty, quantity*, count*, revenue*, salary*, income*, value*, age, score*, rate, fee*, spent, spend, budget,
  debt*, paid, size, weight, employees, percent*, *betrag*, *summe*, *preis*, *kosten*, *umsatz*, anzahl*, alter, montant*, prix, solde*, somme*,
  quantite*, importe*, precio*, saldo*, cantidad*, monto*, edad, valor*, preco*, quantidade*, idade, importo*, prezzo*, quantita*, bedrag*, prijs*, aantal*,
  kwota*, cena*, ilosc*, belopp*, pris*, antal*, belob*, summa*, hinta*, tutar*, fiyat*, jumlah*, harga*, so tien, сумма*, цена*, стоимост*,
  количеств*, баланс*, ποσο, τιμη, 金额, 金額, 价格, 数量, 合計, 価格, 금액, 가격, 수량, مبلغ, سعر, סכום, מחיר, राशि, मूल्य, จำนวน, ราคา`,
);

/** What is said about a phone, and is none. */
export const aboutPhoneWords = wordList(
  `type*, label*, kind, name, phone owner, user, campaign*, phonetic*, microphone*, saxophone*, iphone*, automobil*, immobil*, mobilitat, mobility, mobilya, mobile home, handyman*, teleferik*, cellulit*, tel aviv, cell line, last 4, last four, verified, valid*, status*, opt, optin, optout, opted, consent*, allow*, permission*, do not, dnc, dncr, blocked, count*,
  country, region, code, codes, prefix*, extension*, ext, extn, carrier*, provider*, operator*, network*, model*, brand*, os, app, version*,
  device*, method*, format*, hash*, token*, minutes, duration*, plan*, calls, called, notes, note, comment*, clicks, sessions, language, is, has, can, best time,
  preferred contact, typ, *typ, *art, *land, *vorwahl*, *durchwahl*, *anbieter*, *einwilligung*, *modell*, tipo*, genre, indicatif*, pays, poste, pais,
  prefijo*, extension*, ramal, ddd, ddi, paese, prefisso*, interno, landnummer*, kierunkow*, riktnummer*, landskod*, landekode*, ulke*, alan kodu,
  dahili, kode negara, kode area, ma vung, тип*, код*, добавочн*, оператор*, 区号, 區號, 国家, 类型, 種別, 種類, 内線, 유형, 국가, 내선, نوع, رمز, סוג, קידומת,
  शिक्षण, प्रकार, ประเภท`,
);

/** Compounds of Romance languages, whose first word is what the column holds. */
export const connectors = wordList(
  `de, del, des, du, d, da, do, di, della, dello, della, des, la, le, para, pour, per`,
);

export const personNames = nameSet(
  `name, full name, customer name, client name, contact name, contact full name, person, display name, recipient name, patient name, lead name, member name, student name, guest name,
  person name, deal contact, file as, your name, contact, customer, client, patient, recipient, lead, member, guest, attendee, vollständiger name, kunde, kundenname, kundin, kontakt, ansprechpartner, nom complet, nom et prénom, client nom, nom du client, contact nom,
  nombre completo, nombre y apellidos, nombre del cliente, cliente, nome completo, nome do cliente, nome cliente, nominativo, naam, volledige naam, klantnaam, klant, imię i nazwisko,
  klient, namn, navn, kund, kunde navn, nimi, koko nimi, teljes név, név, jméno a příjmení, ad soyad, adı soyadı, isim, müşteri, nama, nama lengkap,
  họ và tên, họ tên, tên, ονοματεπώνυμο, όνομα, фио, имя, клиент, полное имя, 姓名, 名字, 客户, 客户姓名, 氏名, お名前, 名前, 顧客名, 이름, 성명, 고객명,
  الاسم, اسم, الاسم الكامل, שם, שם מלא, नाम, पूरा नाम, ชื่อ, ชื่อ นามสกุล`,
);

export const firstNames = nameSet(
  `first name, firstname, given name, forename, fname, customer first name, contact first name, vorname, prénom, nombre, nombres, primer nombre, nome, primeiro nome, voornaam, imię, förnamn,
  fornavn, etunimi, keresztnév, jméno, ad, adı, nama depan, имя, ім'я, 名, 이름, الاسم الأول, שם פרטי, पहला नाम, ชื่อ`,
);

export const lastNames = nameSet(
  `last name, lastname, surname, family name, lname, customer last name, contact last name, nachname, familienname, zuname, nom, nom de famille, apellido, apellidos, sobrenome, apelido, cognome,
  achternaam, nazwisko, efternamn, etternavn, efternavn, sukunimi, vezetéknév, příjmení, soyad, soyadı, nama belakang, фамилия, прізвище, επώνυμο,
  姓, 성, اسم العائلة, שם משפחה, उपनाम, นามสกุล`,
);

export const emailNames = wordList(
  `email*, e mail*, *mail, correo*, courriel*, mel, posta elettronica, eposta, почта, 邮箱, 電子郵件, メール*, メールアドレス, 이메일, البريد, אימייל, דואל, ईमेल, อีเมล`,
);

/** Other things that headers of lists are called; none of them stands in a cell by itself. */
export const otherNames = wordList(
  `name, names, middle name, suffix, salutation, address*, street*, city, town, state, province, county, region, country*, company*, organization*, organisation*, job title, title, department*,
  notes, note, comment*, description*, tags, status, source, language, gender, sex, website*, url, product*, service*, subject, message*, timezone, time zone, tz,
  anrede, adresse*, strasse*, *straße*, ort, stadt, land, bundesland, firma, *firmenname*, notiz*, bemerkung*, sprache, ville, rue, pays, societe, entreprise, remarque*, direccion*,
  ciudad, pais, empresa, notas, observaciones, endereco*, cidade, estado, observac*, indirizzo, citta, paese, azienda, note, adres*, plaats, woonplaats, bedrijf*, opmerking*, miasto, ulica,
  firma, uwagi, adress*, ort, foretag*, by, virksomhed, osoite*, yritys, varos, cim, mesto, ulice, sehir, il, ilce, adres, sirket, alamat, kota, perusahaan, catatan, dia chi, thanh pho, cong ty,
  город, адрес, компания, страна, примечан*, комментар*, πολη, διευθυνση, εταιρεια, 地址, 城市, 公司, 备注, 住所, 会社, 会社名, 備考, 주소, 도시, 회사, 비고, العنوان, المدينة, الشركة, ملاحظات,
  כתובת, עיר, חברה, הערות, पता, शहर, कंपनी, ที่อยู่, จังหวัด, บริษัท, หมายเหตุ`,
);

/** Names of columns that could as well be a person or what a person is; they tell a header only beside others. */
export const vaguePersonNames = nameSet(
  `contact, customer, client, patient, recipient, lead, member, guest, attendee, person, kunde, kundin, kontakt, cliente, klant, klient, kund, müşteri, nimi, nom, nama, ad, tên, клиент, 客户`,
);

/** Words of headers that tell nothing by themselves. */
export const fillerWords = wordList(
  `customer*, client*, contact*, patient*, lead, member*, guest, student*, recipient*, user*, person*, subscriber, mailing, mobile, number*, numero*, num, no, nr, n, nro, nummer*, numer, first, last, full, given, family, and, of, the, at, on, by, to, in, or, with, if, any, optional, required,
  international, incl, us, usa, uk, line, kunde*, kontakt*, klant*, klient*, cliente, nome, nombre, nom, prenom, vorname, nachname, und, y, et, e, i, og, och, en, номер, клиент*, контакт*`,
);

/** What people write instead of a number: `no phone`, `ohne Telefon`. */
export const negations = wordList(
  `none, not, without, wrong, missing, unknown, kein*, ohne, sans, pas de, aucun*, sin, sem, senza, geen, zonder, brak, bez, nie ma, ingen, utan, uden, ei ole, yok, tidak ada, khong co, nincs, nema, нет, без, нема, не,
  无, 没, 無, なし, 不明, 없, لا, بدون, אין, ללא, नहीं, ไม่มี`,
);
