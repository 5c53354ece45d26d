import { nameSet, wordList } from "./header-text.ts";

/** What phone columns are called, whole. */
export const phoneNames = nameSet(
  `phone, phone number, phone no, phone nr, phone #, phones, telephone, telephone number, telephone no, tel, tel no, tel nr, tel number,
  mobile, mobile number, mobile phone, mobile phone number, mobile no, mobile nr, mob, mob no, cell, cell no, cell phone, cell number,
  cellphone, cellphone number, contact number, contact no, contact phone, ph, ph no, msisdn, e164, e.164, whatsapp, whatsapp number,
  whatsapp no, phone 1 value, call number, number to call, phone to call, telefon, telefonnummer, telefon nummer, telefonnr, tel nummer,
  rufnummer, handy, handynummer, handy nr, mobil, mobilnummer, mobil nr, mobiltelefon, fon, festnetz, festnetznummer, téléphone,
  numéro de téléphone, n° de téléphone, n° tel, n° téléphone, no de téléphone, num tel, numéro tel, numéro de portable, portable,
  tél portable, mobile tél, teléfono, número de teléfono, nº de teléfono, no de teléfono, núm de teléfono, nro de teléfono, nro telefono,
  teléfono celular, teléfono móvil, numero de celular, número de móvil, nº móvil, tlf, tfno, telefono, numero di telefono, n telefono,
  cellulare, numero di cellulare, celular, nº celular, móvil, telefone, número de telefone, nº de telefone, telefone celular, telemóvel,
  número de telemóvel, fone, telefoon, telefoonnummer, tel nummer, mobiel, mobiele nummer, mobiel nummer, gsm, gsm nummer, numer telefonu,
  nr telefonu, nr tel, telefon komórkowy, komórka, numer komórki, telefonnummer mobil, mobilnr, tlfnr, tlf nr, telefonnr, mobiltelefonnummer,
  puhelin, puhelinnumero, matkapuhelin, matkapuhelinnumero, puh, telefonszám, mobilszám, telefonní číslo, mobilní telefon, telefónne číslo,
  număr de telefon, nr telefon, telefonas, telefono numeris, tālrunis, telefoninumber, broj telefona, mobitel, telefonska številka,
  telefon numarası, telefon no, cep telefonu, cep no, cep, cep tel, gsm no, nomor telepon, no telepon, no. telp, telepon, no hp, nomor hp,
  hp, nomor handphone, handphone, no tel, nombor telefon, telefon bimbit, điện thoại, số điện thoại, sđt, di động, simu, namba ya simu,
  τηλέφωνο, κινητό, κινητό τηλέφωνο, αριθμός τηλεφώνου, телефон, номер телефона, мобильный, мобильный телефон, моб телефон, сотовый, тел,
  телефонен номер, номер телефону, мобільний, 电话, 电话号码, 联系电话, 联系方式, 手机, 手机号, 手机号码, 電話, 電話號碼, 電話番号, 手機, 行動電話, 携帯, 携帯電話,
  携帯番号, 携帯電話番号, 전화, 전화번호, 휴대폰, 휴대폰번호, 휴대전화, 핸드폰, 핸드폰번호, 연락처, هاتف, الهاتف, رقم الهاتف, جوال, الجوال, رقم الجوال, موبايل,
  رقم الموبايل, رقم التواصل, تلفن, موبایل, شماره تلفن, شماره موبایل, فون نمبر, موبائل نمبر, טלפון, מספר טלפון, נייד, טלפון נייד, फ़ोन, फ़ोन नंबर, मोबाइल, मोबाइल नंबर,
  दूरभाष, ফোন, মোবাইল, মোবাইল নম্বর, ফোন নম্বর, தொலைபேசி, கைபேசி, โทรศัพท์, เบอร์โทร, เบอร์โทรศัพท์, เบอร์มือถือ, มือถือ`,
);

/** Parts of such names. */
export const phoneWords = wordList(
  `phone*, *phone, *telephone*, tel, telf, telp, cell, cells, cel, gsm, mob, ph, tlf, tfno, tfn, fon, hp, cep, *telef*, *mobile, *mobil*,
  *handy*, *rufnummer, festnetz*, cellul*, celular*, *movil*, msisdn, *whatsapp*, *puhelin*, telepon*, *komork*, *handphone*, telemovel*,
  telefone*, cellphone*, *cellphone, τηλεφ*, κινητ*, *телефон*, мобил*, мобіл*, сотов*, тел, dien thoai, di dong, talrunis*, mobitel*,
  contact number, contact no,
  电话, 手机, 電話, 手機, 携帯, 전화, 휴대폰, 휴대전화, 핸드폰, 연락처, هاتف, جوال, موبايل, موبایل, تلفن, טלפון, נייד, फोन, मोबाइल, মোবাইল, ফোন, தொலைபேசி, โทร,
  มือถือ`,
);

/** May be a phone column; only its cells can tell. */
export const vagueNames = nameSet(
  `number, numbers, numéro, numero, número, nummer, numer, номер, номера, 号码, 番号, 번호, رقم, מספר, contact, contacts, kontakt,
  contacto, contato, contatto, kontaktnummer, home, work, office`,
);

/** Somebody else's number: called only when it is asked for by name. */
export const somebodyElse = wordList(
  `emergency*, ice, kin, relative*, relation*, family, spouse*, wife*, husband*, partner*, mother*, father*, mom, mum, dad, parent*,
  guardian*, child*, son, daughter*, brother*, sister*, sibling*, friend*, neighbo*, carer*, caregiver*, doctor*, physician*, gp, dentist*,
  school*, assistant*, asst, secretar*, manager*, supervisor*, boss, referr*, referee*, reference*, referred, landlord*, employer*, attorney*, lawyer*,
  broker*, rep, sales, salesperson, account owner, contact owner, lead owner, deal owner, owner id, record owner, support, hotline, driver*,
  courier*, vendor*, supplier*, agent*, from, caller*, sender*, our, witness*, beneficiar*, next of, co applicant*,
  *notfall*, *angehorig*, *ehepartner*, *ehefrau*, *ehemann*, *mutter*, vater*, eltern*, *vormund*, *assisten*, sekretar*, vorgesetzt*,
  *ansprechpartner*, arzt*, hausarzt*, arbeitgeber*, betreuer*, vermieter*, urgence*, proche*, parente*, conjoint*, epou*, mere, pere, tuteur*,
  medecin*, employeur*, emergenc*, emergenz*, familiar*, conyuge*, espos*, madre, padre, pariente*, parent*, tutor*, medico*, asistente*,
  empleador*, jefe, vecino*, emergencia*, urgencia*, conjuge*, mae, pai, responsavel, parentesco, filho*, filha*, coniug*, parentel*, familiare,
  datore, noodgeval*, nood, familie*, echtgeno*, ouder*, moeder, vader, voogd, huisarts, werkgever*, awaryjn*, nagl*, krewn*, rodzic*, matka, matki,
  ojc*, malzonk*, opiekun*, nodkontakt*, nodsituation*, nodfall*, anhorig*, paror*, parorende, naermeste, foralder*, foreldre*, chef*, hata*,
  lahiomain*, omainen, aiti, isa, huoltaj*, acil*, yakin*, anne, baba, veli, darurat*, keluarga*, orang tua, ayah, ibu, wali, kecemasan,
  khan cap, nguoi than, nouzov*, pribuzn*, rodic*, vesz*, hozzatartoz*, urgent*, rude, εκτακτ*, συγγεν*, экстрен*, родствен*, родител*, мать,
  мать, отец, мама, папа, супруг*, муж, жена, опекун*, помощник*, екстрен*, 紧急, 緊急, 家属, 家長, 家长, 父亲, 母亲, 保護者, 家族, 親, 監護人, 비상, 긴급, 보호자,
  가족, طوارئ, الطوارئ, قريب, ولي, اضطراری, חירום, קרוב, आपातकाल, अभिभावक, पिता, माता, ฉุกเฉิน, ผู้ปกครอง`,
);

export const faxWords = wordList(
  `*fax*, *telecop*, belgegec*, факс*, φαξ, 传真, 傳真, ファックス, ファクス, 팩스, فاكس, פקס, फैक्स, แฟกซ์, telefax*`,
);

/** The number that somebody wants to be called at. */
export const primaryWords = wordList(
  `primary, main, preferred, default, best, haupt*, bevorzugt*, principal*, prefere*, preferi*, princip*, основн*, hoofd*, glown*, 主, ana`,
);

/** Another number of the same person or of where they work. */
export const lesserWords = wordList(
  `secondary, other, alt, altern*, additional, second, backup, home, work, office, business, company, account, billing, shipping, house,
  residence, landline, land line, direct, evening, daytime, day, night, private, privat*, dienstlich*, geschaftlich*, arbeit, buro, firma, zentrale,
  weitere*, andere*, zweit*, alternativ*, domicile, bureau, travail, professionnel, pro, fixe, autre, secondaire, casa, trabajo, oficina,
  fijo, otro, secundari*, trabalho, comercial, residencial, fixo, outro, ufficio, lavoro, fisso, altro, secondario, thuis, werk, zakelijk,
  kantoor, vast, ander, dom, domow*, praca, sluzbow*, firmow*, hem, arbete, hjem, arbejde, jobb, koti, tyo, ev, is, sabit, rumah, kantor,
  домашн*, рабоч*, дополнит*, 家庭, 办公, 公司, 自宅, 会社, 집, 회사, 자택, المنزل, العمل, בבית, בעבודה`,
);
