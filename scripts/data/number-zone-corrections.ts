type Correction = { readonly prefixes: readonly string[]; readonly zones: readonly string[] };

/**
 * What Google's table does not know, or no longer: zones that the numbers of these prefixes may have as well. Overlays
 * are new area codes in the place of an old one, which lies in two zones.
 */
export const corrections: readonly Correction[] = [
  // Overlays of 812 in Indiana, 270 in Kentucky and 850 in Florida.
  { prefixes: ["1930", "1364", "1448"], zones: ["America/Chicago", "America/New_York"] },
  // Overlay of 541 in Oregon, which Malheur County shares.
  { prefixes: ["1458"], zones: ["America/Boise", "America/Los_Angeles"] },
  // British Columbia: 250 and its overlays; the Peace country and Creston keep a time of their own.
  {
    prefixes: ["1236", "1250", "1257", "1672", "1778"],
    zones: ["America/Vancouver", "America/Edmonton", "America/Dawson_Creek", "America/Creston"],
  },
  // Nunavut did not follow Alberta and Manitoba in 2026.
  { prefixes: ["1867"], zones: ["America/Cambridge_Bay", "America/Rankin_Inlet"] },
  // Overlays of 418 in Quebec, which has the Magdalen Islands.
  { prefixes: ["1367", "1581"], zones: ["America/Halifax"] },
  // Overlay of 306 in Saskatchewan, which the table takes for Manitoba's; of 407 in Florida, which it takes for Chicago's.
  { prefixes: ["1474"], zones: ["America/Regina"] },
  { prefixes: ["1689"], zones: ["America/New_York"] },
  // Chihuahua left Mazatlan's time in 2022; towns on the border of Tamaulipas kept that of Texas.
  { prefixes: ["5262", "5263", "5264", "52614", "52649", "52652", "52659"], zones: ["America/Chihuahua"] },
  { prefixes: ["52868", "52891", "52897"], zones: ["America/Matamoros"] },
  // Magallanes and Aysén no longer put their clocks back with Santiago.
  { prefixes: ["5661"], zones: ["America/Punta_Arenas"] },
  { prefixes: ["5667"], zones: ["America/Coyhaique"] },
  // Chile's mobiles, which libphonenumber cannot tell from fixed lines.
  { prefixes: ["569"], zones: ["America/Punta_Arenas", "America/Coyhaique", "Pacific/Easter"] },
  // Kasai, Kivu and Orientale go by Lubumbashi's time.
  { prefixes: ["2434", "2435", "2436"], zones: ["Africa/Lubumbashi"] },
  // 827 is Extremadura's, not the Canaries'.
  { prefixes: ["34827"], zones: ["Europe/Madrid"] },
  // Queensland has no summer time, of which the table knows some exchanges only.
  { prefixes: ["617"], zones: ["Australia/Brisbane"] },
  // The table has Bucharest here, which had Kaliningrad's time until 2011.
  { prefixes: ["740", "7840"], zones: ["Europe/Kaliningrad"] },
  // Saratov left Moscow's time in 2016; the east of Yakutia is ahead of Yakutsk.
  { prefixes: ["7845"], zones: ["Europe/Saratov"] },
  { prefixes: ["7411"], zones: ["Asia/Vladivostok", "Asia/Magadan"] },
];
