/** Whether a text can name an organization: what a claim or an operator calls it, up to 100 characters on one line. */
export function isOrganizationName(text: string): boolean {
  return text.length > 0 && text.length <= 100 && text.trim() === text && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
}
