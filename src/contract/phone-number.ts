import { z } from "zod";
import { maybeText, present } from "./fields.ts";
import { type PageRequest, pagingFields, toPaginationBody } from "./paging.ts";

/** A number of ours that calls can be placed from. */
export type PhoneNumberRecord = { readonly phoneNumber: string; readonly nickname: string };

/** Query of GET /api/phone-numbers and body of POST /api/phone-numbers/list. */
export const listPhoneNumbersQuery = z.object(pagingFields);

export function toPhoneNumberListBody(
  organizationId: string,
  numbers: readonly PhoneNumberRecord[],
  page: PageRequest,
  totalCount: number,
) {
  return {
    organization_id: organizationId,
    phone_numbers: numbers.map(({ phoneNumber, nickname }) => ({
      phone_number: phoneNumber,
      nickname,
      phone_number_type: "custom",
    })),
    pagination: toPaginationBody(page, totalCount),
    returned_count: numbers.length,
  };
}

export function toPhoneNumberBody({ phoneNumber, nickname }: PhoneNumberRecord) {
  return { phone_number: phoneNumber, nickname, phone_number_type: "custom" };
}

export type PhoneNumberReading = { readonly phoneNumber: string; readonly nickname?: string };

const phoneNumberReading = z.object({ phone_number: z.string().min(1), nickname: maybeText });

export function fromPhoneNumberBody(body: unknown): PhoneNumberReading | undefined {
  const reading = phoneNumberReading.safeParse(body);
  if (!reading.success) return undefined;
  return { phoneNumber: reading.data.phone_number, ...present({ nickname: reading.data.nickname }) };
}
