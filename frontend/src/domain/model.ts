/** What the phone keeps and shows. Names follow docs/protocol.md and docs/architecture.md. */

/** Life of a receipt as the phone sees it (spec: `draft → waiting → accepted | held → …`). */
export type ReceiptState =
  | 'waiting'
  | 'accepted'
  | 'held'
  | 'registered'
  | 'fiscalised'
  | 'rejected'
  | 'annulled';

export type InsurantKind = 'person' | 'organisation';
/** `inn`, or a code of the directory (`passport_rf`, …). */
export type DocumentKind = string;

/** What the agent types. Amounts are kopecks; dates are `YYYY-MM-DD`; empty text means not given. */
export interface ReceiptFields {
  receipt_date: string;
  product: string;
  policy_series: string;
  policy_number: string;
  policy_date: string | null;
  instalment: number;
  amount: number;
  payment_form: string;
  payment_reference: string;
  /** why there is no slip (P33); empty where there is one or none is asked */
  no_reference_reason: string;
  insurant: string;
  insurant_kind: InsurantKind;
  payer: string;
  check_to: 'insurant' | 'payer';
  document_kind: DocumentKind;
  document_number: string;
  contact_phone: string;
  contact_email: string;
  no_contact: boolean;
  comment: string;
}

/** A form in progress. Its number is its own from the moment it is shown (spec «Numbers»). */
export interface Draft {
  id: string;
  installation: string;
  number: string;
  counter: number;
  created_at: string;
  /** whether the number is a series' one, reserved with network */
  online: boolean;
  /** the receipt this one will be issued instead of */
  replaces: { id: string; number: string } | null;
  /** receipts of one conversation with a client share it (P12) */
  visit: string;
  /** whether the agent chose the date himself: else it follows the calendar; absent in older drafts */
  date_chosen?: boolean;
  fields: ReceiptFields;
}

export interface FiscalCheck {
  fn: string;
  fd: string;
  fpd: string;
  formed_at: string;
  qr: string;
}

export interface HistoryStep {
  state: ReceiptState;
  at: string;
  text: string;
}

/** A receipt this phone issued or heard of. `fields` are there while the phone may keep them readable. */
export interface LocalReceipt {
  id: string;
  installation: string;
  number: string;
  state: ReceiptState;
  amount: number;
  receipt_date: string;
  issued_at: string;
  offset_min: number;
  fields: ReceiptFields | null;
  history: HistoryStep[];
  reason: string;
  /** Why it is still `waiting`, when the server said `later`. */
  later_reason: string;
  /** after a refusal of KIAS: who has to act, and the field to mark (P09) */
  acts: '' | 'agent' | 'office';
  field: string;
  replaces: { id: string; number: string } | null;
  visit: string;
  /** his own withdrawal made it annulled or held, from whichever of his phones */
  by_agent?: boolean;
  /** the office gave its check back: with the money, or for a right one (P08) */
  refunded?: boolean | undefined;
  /** `waiting`: «Отмена ждёт отправки»; `accepted`: the server has it, the state says what it did */
  withdrawal: { reason: string; at: string; state: 'waiting' | 'accepted' } | null;
  copy_shown_at: string | null;
  check: FiscalCheck | null;
}

export interface Product {
  code: string;
  name: string;
  series_pattern: string;
  number_pattern: string;
  default_series: string;
}

export interface DocumentKindRow {
  code: string;
  name: string;
  pattern: string;
}

export interface PaymentForm {
  code: string;
  name: string;
  is_cash: boolean;
  reference_label: string;
  reference_pattern: string;
}

/** What a phone needs to issue without network (`GET /api/setup`). */
export interface Setup {
  sealing_key: { id: string; public_key: string };
  products: Product[];
  payment_forms: PaymentForm[];
  document_kinds: DocumentKindRow[];
  /** as the client's copy names it (P24); absent in what an older server gave, like `document_kinds` */
  insurer?: { name: string; inn: string; address: string; licence: string };
  backdate_days: number;
  /** how soon after saving a withdrawal may annul by itself (P01); absent in what an older server gave */
  withdraw_minutes?: number;
  /** whether the readable rows must lie behind a PIN; absent in what an older server gave */
  pin_required?: boolean;
  /** when the phone speaks of what waits (P39); absent in what an older server gave */
  check_terms?: { deadline_days: number; warn_working_days: number };
}
