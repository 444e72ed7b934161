import type { Activity } from "botbuilder";
import { idAt, isoTime } from "../plumbing/clock.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";

/** At most this much is said in one conversation. */
export const MAX_ACTIVITIES = 500;

export type StoredActivity = Partial<Activity> & { id: string };

type Said = {
  conversation: string;
  incoming?: Partial<Activity>;
  clientId?: string;
  replies: readonly Partial<Activity>[];
  at: number;
};

/** Everything said in the conversations of the bundled Direct Line. */
export function openActivityStore(db: Sqlite) {
  const lastSeq = db.prepare("SELECT coalesce(max(seq), 0) FROM activities WHERE conversation = ?").pluck();
  const insert = db.prepare("INSERT INTO activities (conversation, seq, client_id, payload) VALUES (?, ?, ?, ?)");
  const after = db
    .prepare("SELECT payload FROM activities WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT 1000")
    .pluck();
  const remove = db.prepare("DELETE FROM activities WHERE conversation < ?");
  const byClientId = db.prepare("SELECT seq FROM activities WHERE conversation = ? AND client_id = ?").pluck();

  /** Within a write: adds what was said in one turn, the guest's part first. */
  function add({ conversation, incoming, clientId, replies, at }: Said): StoredActivity[] {
    let seq = Number(lastSeq.get(conversation));
    const timestamp = isoTime(at) as unknown as Date;
    const keep = (activity: Partial<Activity>, madeBy: string | undefined): StoredActivity => {
      seq += 1;
      const stored = { ...activity, id: activityId(conversation, seq), timestamp };
      insert.run(conversation, seq, madeBy ?? null, JSON.stringify(stored));
      return stored;
    };
    if (!incoming) return replies.map((reply) => keep(reply, undefined));
    const heard = keep(incoming, clientId);
    // A client holds a reply back for seconds when it does not know what it replies to.
    return [heard, ...replies.map((reply) => keep({ ...reply, replyToId: heard.id }, undefined))];
  }

  return {
    add,

    /** What was said after a watermark, oldest first. */
    after: (conversation: string, watermark: number): StoredActivity[] =>
      (after.all(conversation, watermark) as string[]).map((payload) => JSON.parse(payload) as StoredActivity),

    /** The watermark of what was said last; 0 when nothing was. */
    last: (conversation: string) => Number(lastSeq.get(conversation)),

    /** Within a write. Ids of conversations begin with their time. */
    removeBefore: (time: number): number => remove.run(idAt(time)).changes,

    /** The id under which this client's activity was stored before. */
    idOf(conversation: string, clientId: string): string | undefined {
      const seq = byClientId.get(conversation, clientId) as number | undefined;
      return seq === undefined ? undefined : activityId(conversation, seq);
    },
  };
}

/** Sequential ids: their last part is the watermark. */
function activityId(conversation: string, seq: number): string {
  return `${conversation}|${String(seq).padStart(7, "0")}`;
}

export function watermarkOf(activity: StoredActivity): number {
  return Number(activity.id.split("|")[1]);
}
