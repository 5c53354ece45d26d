// Of states whose whole area keeps the same hours all year as its neighbours on the coast.
const areaCodes = [
  201, 202, 203, 207, 212, 215, 216, 234, 239, 240, 267, 272, 301, 302, 305, 315, 321, 330, 339, 347, 351, 352, 386,
  401, 404, 407, 410, 412, 413, 419, 434, 440, 443, 470, 475, 484, 508, 513, 516, 518, 540, 561, 567, 570, 571, 585,
  603, 607, 609, 610,
];

/** The n-th fictional number of the eastern United States, of 5,000. */
export function usNumber(n: number): string {
  const area = areaCodes[Math.floor(n / 100)];
  if (area === undefined) throw new Error(`There are ${areaCodes.length * 100} numbers, and this would be number ${n}`);
  return `+1${area}55501${String(n % 100).padStart(2, "0")}`;
}
