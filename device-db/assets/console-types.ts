/** What the live view gets of each hop. */
export type FlowHop = {
  n: number;
  flowId: string;
  serial: string;
  at: string;
  part: string;
  name: string;
  ok: boolean;
  detail: string;
  payload: string | null;
};
