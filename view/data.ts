// What the view reads of the tools' answers and of `batch://{batch_id}/view`. What is absent is unknown.

export type TimeView = { readonly local: string; readonly utc: string };

export type Counts = Readonly<
  Record<"total" | "pending" | "calling" | "completed" | "failed" | "unknown" | "cancelled", number>
>;

export type BatchView = {
  readonly batch_id: string;
  readonly name: string;
  readonly status: string;
  readonly is_paused: boolean;
  readonly held_reason?: string;
  readonly agent_id?: string;
  readonly from_number?: string;
  readonly caller_ids?: readonly string[];
  readonly timezone?: string;
  readonly scheduled_at?: TimeView;
  readonly start_local?: string;
  readonly purpose?: string;
  readonly consent_basis?: string;
  readonly created_at?: TimeView;
  readonly counts?: Counts;
  readonly outcomes?: Readonly<Record<string, number>>;
  readonly answers?: readonly AnswerCounts[];
  readonly costs?: readonly { readonly amount: number; readonly unit?: string; readonly calls: number }[];
  readonly calls_unread?: number;
  readonly opted_out?: number;
  readonly do_not_call?: number;
  readonly excluded?: number;
  readonly steering?: readonly string[];
  readonly calls_per_minute?: number;
  readonly may_still_ring?: number;
  readonly eta_at?: TimeView;
  readonly next_attempt_at?: TimeView;
  readonly waits_for?: Readonly<Record<string, number>>;
  readonly line_wait?: { readonly reason: string };
  readonly percent_done?: number;
  readonly is_final?: boolean;
  readonly allowed_actions?: readonly string[];
  readonly environment?: string;
  readonly parts?: readonly { readonly batch_id?: string; readonly status: string }[];
};

export type AnswerCounts = {
  readonly name: string;
  readonly values?: readonly { readonly value: string; readonly recipients: number }[];
  readonly text: string;
};

export type BatchStatus = {
  readonly batch: BatchView;
  readonly list_id?: string;
  readonly list_name?: string;
  readonly rules?: readonly string[];
  readonly held_back?: readonly string[];
  readonly opt_outs?: string;
  readonly launch?: string;
  readonly now?: TimeView & { readonly zone: string };
};

export type ResultView = {
  readonly row?: number;
  readonly label: string;
  readonly to_number: string;
  readonly status: string;
  readonly outcome?: string;
  readonly attempts?: number;
  readonly reason?: string;
  readonly next_attempt_at?: TimeView;
  readonly called_at?: TimeView;
  readonly duration_seconds?: number;
  readonly waits_for?: string;
  readonly summary?: string;
  readonly answers?: readonly { readonly name: string; readonly value: string }[];
};

export type CampaignData = BatchStatus & {
  /** A question that waits for a person; it is answered on the operator's page and never here. */
  readonly approval?: {
    readonly recipients: number;
    readonly seconds_left: number;
    readonly again: Record<string, string>;
    readonly url?: string;
  };
  /** Whether whoever looks may change nothing, so that no button is of use to them. */
  readonly is_read_only?: boolean;
  readonly hours?: readonly {
    readonly hour?: string;
    readonly calls: number;
    readonly answered: number;
    readonly calling?: number;
  }[];
  readonly reasons?: readonly { readonly reason: string; readonly people: number; readonly rows: readonly number[] }[];
  readonly people?: {
    readonly matching: number;
    readonly page: number;
    readonly pages: number;
    readonly results: readonly ResultView[];
  };
};

export type PeopleQuery = { readonly page: number; readonly show: string; readonly search: string };
